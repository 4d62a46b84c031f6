//! The statements of a batch that are the same in every service.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::{journal::JournalSql, program::ProgramSql, shard::Shard, time};

/// Where a shard stands, locked by this transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) last_seq: i64,
    pub(crate) last_recorded_at: Timestamp,
}

pub(crate) struct WriterSql {
    pub(crate) journal: JournalSql,
    pub(crate) program: ProgramSql,
    lock_heads: String,
    save_heads: String,
    read_cursors: String,
    save_cursors: String,
}

impl WriterSql {
    pub(crate) fn new(schema: &str) -> WriterSql {
        WriterSql {
            journal: JournalSql::new(schema),
            program: ProgramSql::new(schema),
            lock_heads: format!(
                "select shard, last_seq, last_recorded_at, clock_timestamp() as now
                   from {schema}.shard where shard = any($1) order by shard for update"
            ),
            save_heads: format!(
                "update {schema}.shard as head
                    set last_seq = moved.last_seq, last_recorded_at = moved.last_recorded_at
                   from unnest($1::smallint[], $2::bigint[], $3::timestamptz[]) as moved (shard, last_seq, last_recorded_at)
                  where head.shard = moved.shard"
            ),
            read_cursors: format!(
                "select source, shard, seq from {schema}.cursor where source = any($1) and shard = any($2)"
            ),
            save_cursors: format!(
                "insert into {schema}.cursor (source, shard, seq)
                 select * from unnest($1::text[], $2::smallint[], $3::bigint[])
                 on conflict (source, shard) do update set seq = excluded.seq"
            ),
        }
    }

    /// Locks the heads of some shards, always in the order of their numbers, and reads the database's clock.
    pub(crate) async fn lock_heads(
        &self,
        connection: &mut PgConnection,
        shards: &[i16],
    ) -> Result<(BTreeMap<Shard, Head>, Timestamp), sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.lock_heads.as_str()))
            .bind(shards)
            .fetch_all(connection)
            .await?;
        let mut heads = BTreeMap::new();
        let mut now = Timestamp::MIN;
        for row in &rows {
            let shard = Shard::new(row.try_get("shard")?).ok_or(sqlx::Error::RowNotFound)?;
            let last_recorded_at = row.try_get::<jiff_sqlx::Timestamp, _>("last_recorded_at")?.to_jiff();
            heads.insert(
                shard,
                Head {
                    last_seq: row.try_get("last_seq")?,
                    last_recorded_at,
                },
            );
            now = now.max(row.try_get::<jiff_sqlx::Timestamp, _>("now")?.to_jiff());
        }
        if heads.len() == shards.len() {
            Ok((heads, time::to_micros(now)))
        } else {
            Err(sqlx::Error::RowNotFound)
        }
    }

    /// Moves heads forward.
    pub(crate) async fn save_heads(
        &self,
        connection: &mut PgConnection,
        heads: &BTreeMap<Shard, Head>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(AssertSqlSafe(self.save_heads.as_str()))
            .bind(heads.keys().map(|shard| shard.get()).collect::<Vec<_>>())
            .bind(heads.values().map(|head| head.last_seq).collect::<Vec<_>>())
            .bind(
                heads
                    .values()
                    .map(|head| head.last_recorded_at.to_sqlx())
                    .collect::<Vec<_>>(),
            )
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Reads how far feeds were taken in.
    pub(crate) async fn read_cursors(
        &self,
        connection: &mut PgConnection,
        sources: &[&str],
        shards: &[i16],
    ) -> Result<BTreeMap<(String, i16), i64>, sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.read_cursors.as_str()))
            .bind(sources)
            .bind(shards)
            .fetch_all(connection)
            .await?;
        rows.iter()
            .map(|row| Ok(((row.try_get("source")?, row.try_get("shard")?), row.try_get("seq")?)))
            .collect()
    }

    /// Stores how far feeds were taken in.
    pub(crate) async fn save_cursors(
        &self,
        connection: &mut PgConnection,
        cursors: &BTreeMap<(String, i16), i64>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(AssertSqlSafe(self.save_cursors.as_str()))
            .bind(cursors.keys().map(|(source, _)| source.as_str()).collect::<Vec<_>>())
            .bind(cursors.keys().map(|(_, shard)| *shard).collect::<Vec<_>>())
            .bind(cursors.values().copied().collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }
}
