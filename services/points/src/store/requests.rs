//! Requests in `points.journal`: what was answered to which.

use common::{
    ids::{MemberId, ProgramId},
    shard::Shard,
};
use jiff::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use super::members::MemberKey;

/// A request that took effect.
#[derive(Clone, Debug)]
pub struct RequestMade {
    /// Whose it was.
    pub member: MemberKey,
    /// Its id.
    pub request_id: String,
    /// Which method it asked for.
    pub method: i16,
    /// What was answered, encoded.
    pub answer: Vec<u8>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// Finds what became of requests, whatever method they asked for; in the order in which they were recorded.
pub async fn find_requests(
    connection: &mut PgConnection,
    names: &[(MemberKey, String)],
) -> Result<Vec<RequestMade>, sqlx::Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let shards: Vec<i16> = names
        .iter()
        .map(|((program, member), _)| Shard::of(*program, *member).get())
        .collect();
    let programs: Vec<Uuid> = names.iter().map(|((program, _), _)| program.uuid()).collect();
    let members: Vec<Uuid> = names.iter().map(|((_, member), _)| member.uuid()).collect();
    let request_ids: Vec<String> = names.iter().map(|(_, request_id)| request_id.clone()).collect();
    let rows = sqlx::query!(
        r#"select found.program_id as "program_id!", found.member_id as "member_id!", found.request_id as "request_id!",
                  found.method as "method!", found.answer as "answer!", found.recorded_at as "recorded_at!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[]) as asked (of_shard, of_program, of_member, of_request)
            cross join lateral (
                  select program_id, member_id, request_id, method, answer, recorded_at, seq from points.journal
                   where shard = of_shard and program_id = of_program and member_id = of_member and request_id = of_request
                   limit 100) as found
            order by found.seq"#,
        &shards,
        &programs as &[Uuid],
        &members as &[Uuid],
        &request_ids,
    )
    .fetch_all(connection)
    .await?;
    let made = rows.into_iter().map(|row| RequestMade {
        member: (ProgramId::from(row.program_id), MemberId::from(row.member_id)),
        request_id: row.request_id,
        method: row.method,
        answer: row.answer,
        recorded_at: row.recorded_at.to_jiff(),
    });
    Ok(made.collect())
}
