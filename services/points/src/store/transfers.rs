//! `points.transfer`: points that left for another member and may not have arrived yet.

use common::{
    ids::{EntryId, ProgramId},
    journal::journal_place,
    shard::Shard,
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;

/// Points that left.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// The shard from which.
    pub shard: Shard,
    /// The place of the entry by which they did.
    pub seq: i64,
    /// The program.
    pub program_id: ProgramId,
    /// The entry.
    pub entry_id: EntryId,
    /// When that was recorded.
    pub left_at: Timestamp,
}

/// Saves what left.
pub fn save_transfers(left: Vec<Left>, writes: &mut Writes) {
    if left.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into points.transfer (shard, seq, program_id, entry_id, left_at)
         select * from unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::uuid[], $5::timestamptz[])",
    );
    let part = part
        .column(left.iter().map(|left| left.shard.get()))
        .column(left.iter().map(|left| left.seq))
        .column(left.iter().map(|left| left.program_id.uuid()))
        .column(left.iter().map(|left| left.entry_id.uuid()))
        .column(left.iter().map(|left| left.left_at.to_sqlx()));
    writes.add(part);
}

/// Forgets what arrived, or came back.
pub async fn forget_transfer(pool: &PgPool, entry_id: EntryId) -> Result<(), sqlx::Error> {
    let Some((shard, seq)) = journal_place(entry_id.uuid()) else {
        return Ok(());
    };
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "delete from points.transfer where shard = $1 and seq = $2",
        shard.get(),
        seq
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Lists what left some time ago, those first that left first.
pub async fn list_left_alone(
    pool: &PgPool,
    for_seconds: i32,
    limit: i64,
) -> Result<Vec<(ProgramId, EntryId)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select program_id, entry_id from points.transfer
          where left_at < now() - make_interval(secs => $1)
          order by left_at
          limit $2",
        f64::from(for_seconds),
        limit,
    )
    .fetch_all(pool)
    .await?;
    let left = rows.into_iter().map(|row| (row.program_id.into(), row.entry_id.into()));
    Ok(left.collect())
}
