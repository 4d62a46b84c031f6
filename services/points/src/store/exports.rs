//! What exports read: entries by their places, and the lots of an account, each up to a place.

use common::{
    auth::ProgramScope,
    shard::{SHARDS, Shard},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use proto::points as pb;
use sqlx::PgPool;

use super::{
    daily_totals::read_heads,
    entry_row::{EntryRow, read_between},
    members::MemberKey,
};
use crate::domain::{LotBook, LotStory, WalletCode};

/// How many places of a journal are read at once.
const PLACES: i64 = 2_000;

/// A lot, and the entry that made it.
#[derive(Clone, Debug)]
pub struct LotOfAccount {
    /// What became of it.
    pub story: LotStory,
    /// The entry.
    pub earning: pb::Entry,
}

/// Finds where the journal of each shard ends, in order.
pub async fn find_heads(pool: &PgPool) -> Result<Vec<i64>, sqlx::Error> {
    read_heads(&mut *pool.acquire().await?).await
}

/// Finds the first place of each shard, up to that after its end, at which something was recorded at a time or later.
pub async fn find_recorded_from(pool: &PgPool, heads: &[i64], at: Timestamp) -> Result<Vec<i64>, sqlx::Error> {
    let connection = &mut *pool.acquire().await?;
    let mut places = Vec::with_capacity(SHARDS as usize);
    for (shard, head) in Shard::all().zip(heads) {
        // On a shard, what comes later was recorded later.
        let (mut before, mut from) = (0, head + 1);
        while from - before > 1 {
            let middle = before + (from - before) / 2;
            let is_later = sqlx::query_scalar!(
                r#"select recorded_at >= $3 as "is_later!" from points.journal where shard = $1 and seq = $2"#,
                shard.get(),
                middle,
                at.to_sqlx() as jiff_sqlx::Timestamp,
            );
            if is_later.fetch_one(&mut *connection).await? {
                from = middle;
            } else {
                before = middle;
            }
        }
        places.push(from);
    }
    Ok(places)
}

/// Reads the program's entries in some of the places of a shard after one, up to another; and up to where they were read.
pub async fn read_stretch(
    pool: &PgPool,
    scope: ProgramScope,
    shard: Shard,
    after: i64,
    until: i64,
) -> Result<(Vec<pb::Entry>, i64), sqlx::Error> {
    let last = until.min(after + PLACES);
    let rows = sqlx::query_as!(
        EntryRow,
        "select shard, seq, program_id, member_id, request_id, occurred_at, recorded_at, event from points.journal
          where shard = $1 and seq > $2 and seq <= $3 and program_id = $4
          order by seq",
        shard.get(),
        after,
        last,
        scope.id().uuid(),
    )
    .fetch_all(pool)
    .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        entries.extend(row.entry()?);
    }
    Ok((entries, last))
}

/// Lists all lots of an account, as the entries up to a place tell.
pub async fn list_lots_of(
    pool: &PgPool,
    (program_id, member_id): MemberKey,
    wallet: &WalletCode,
    until: i64,
) -> Result<Vec<LotOfAccount>, sqlx::Error> {
    let (mut book, mut earnings) = (LotBook::new(wallet.clone()), Vec::new());
    let mut after = 0;
    loop {
        let rows = read_between(pool, (program_id, member_id), (after, until), None, PLACES).await?;
        for row in &rows {
            let Some(draft) = row.draft()?.filter(|draft| draft.wallet == *wallet) else {
                continue;
            };
            book.follow(&draft)
                .map_err(|contradiction| sqlx::Error::Decode(contradiction.into()))?;
            if draft.kind.makes_lot() {
                earnings.extend(row.entry()?);
            }
        }
        match rows.last().filter(|_| rows.len() as i64 == PLACES) {
            Some(last) => after = last.seq,
            None => break,
        }
    }
    let lots = book.finish().into_iter().zip(earnings);
    Ok(lots.map(|(story, earning)| LotOfAccount { story, earning }).collect())
}
