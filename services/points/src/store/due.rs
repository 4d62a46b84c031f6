//! Accounts in which something falls due by itself.

use common::ids::{MemberId, ProgramId};
use sqlx::PgPool;

use super::members::MemberKey;

/// Lists members in whose accounts something is due by their program's clock, the longest overdue first; of one program, or of each.
pub async fn list_due(pool: &PgPool, program_id: Option<ProgramId>, limit: i64) -> Result<Vec<MemberKey>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select distinct due.program_id as "program_id!", due.member_id as "member_id!"
             from points.program as program
            cross join lateral (
                  select account.program_id, account.member_id from points.account
                   where account.program_id = program.program_id
                     and account.next_due_at <= coalesce(program.clock_at, now())
                   order by account.next_due_at
                   limit $2) as due
            where $1::uuid is null or program.program_id = $1
            limit $2"#,
        program_id.map(ProgramId::uuid),
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (ProgramId::from(row.program_id), MemberId::from(row.member_id)))
        .collect())
}
