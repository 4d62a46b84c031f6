//! Requests in `points.journal`: what was answered to which.

use common::{
    journal::{JournalRow, read_row, request_key},
    shard::Shard,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::members::MemberKey;

/// Finds the rows that remember requests, whatever method they asked for; in the order in which they were recorded.
pub async fn find_requests(
    connection: &mut PgConnection,
    names: &[(MemberKey, String)],
) -> Result<Vec<JournalRow>, sqlx::Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let places = names.iter().map(|((program_id, member_id), request_id)| {
        let shard = Shard::of(*program_id, *member_id).get();
        (shard, request_key(*program_id, *member_id, request_id))
    });
    let (shards, keys): (Vec<i16>, Vec<Uuid>) = places.unzip();
    let rows = sqlx::query(
        "select found.*
           from unnest($1::smallint[], $2::uuid[]) as asked (of_shard, of_key)
          cross join lateral (
                select shard, seq, program_id, member_id, request_id, method, fingerprint, answer, occurred_at, recorded_at, event
                  from points.journal
                 where shard = of_shard and request_key = of_key
                 limit 100) as found
          order by found.seq",
    )
    .bind(shards)
    .bind(keys)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_row).collect()
}
