//! What the mirror is made of: the accounts that a stretch of the journal changed, and how far the mirror was seen to be.

use std::sync::Arc;

use common::{
    ids::{MemberId, ProgramId},
    shard::{SHARDS, Shard},
};
use sqlx::PgPool;

use super::{accounts::read_row, mirror::Publication};
use crate::domain::Snapshot;

const SOURCE: &str = "mirror";

/// Reads the accounts that a stretch of a shard's journal changed, as they are now.
pub async fn read_changed(pool: &PgPool, shard: Shard, first: i64, last: i64) -> Result<Publication, sqlx::Error> {
    let rows = sqlx::query!(
        // The lateral limit pins an index probe for each member: other plans would go through every account of the shard.
        r#"select account.program_id as "program_id!", account.member_id as "member_id!", account.wallet as "wallet!",
                  account.last_seq as "last_seq!", account.state as "state!"
             from (select distinct program_id, member_id from points.journal where shard = $1 and seq between $2 and $3) as moved
            cross join lateral (
                  select program_id, member_id, wallet, last_seq, state from points.account
                   where shard = $1 and program_id = moved.program_id and member_id = moved.member_id
                   limit 1000) as account"#,
        shard.get(),
        first,
        last,
    )
    .fetch_all(pool)
    .await?;
    let mut snapshots = Vec::with_capacity(rows.len());
    for row in rows {
        let account = read_row(&row.wallet, row.last_seq, &row.state)?;
        let (program_id, member_id) = (ProgramId::from(row.program_id), MemberId::from(row.member_id));
        snapshots.push(Arc::new(Snapshot::of(program_id, member_id, &account)));
    }
    Ok(Publication {
        shard,
        first,
        last,
        snapshots,
    })
}

/// Reads how far each shard's mirror was seen to be, in order.
pub async fn read_mirror_cursors(pool: &PgPool) -> Result<Vec<i64>, sqlx::Error> {
    let rows = sqlx::query!("select shard, seq from points.cursor where source = $1", SOURCE)
        .fetch_all(pool)
        .await?;
    let mut cursors = vec![0; SHARDS as usize];
    for row in rows {
        if let Some(shard) = Shard::new(row.shard) {
            cursors[shard.index()] = row.seq;
        }
    }
    Ok(cursors)
}

/// Stores how far shards' mirrors were seen to be.
pub async fn save_mirror_cursors(pool: &PgPool, cursors: &[(Shard, i64)]) -> Result<(), sqlx::Error> {
    let shards: Vec<i16> = cursors.iter().map(|(shard, _)| shard.get()).collect();
    let seqs: Vec<i64> = cursors.iter().map(|(_, seq)| *seq).collect();
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "insert into points.cursor (source, shard, seq)
         select $1, shard, seq from unnest($2::smallint[], $3::bigint[]) as seen (shard, seq)
         on conflict (source, shard) do update set seq = excluded.seq",
        SOURCE,
        &shards,
        &seqs,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
