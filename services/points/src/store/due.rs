//! Accounts in which something falls due by itself.

use std::collections::BTreeSet;

use common::ids::ProgramId;
use sqlx::PgPool;

use super::members::MemberKey;

/// Members in whose accounts something is due.
pub struct Due {
    /// The members, the longest overdue first.
    pub members: BTreeSet<MemberKey>,
    /// Whether these are all.
    pub all: bool,
}

/// Finds members in whose accounts something is due by their program's clock, by some accounts at most; of one program, or of each.
pub async fn find_due(pool: &PgPool, program_id: Option<ProgramId>, limit: i64) -> Result<Due, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select due.program_id as "program_id!", due.member_id as "member_id!"
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
    let all = (rows.len() as i64) < limit;
    let members = rows
        .into_iter()
        .map(|row| (row.program_id.into(), row.member_id.into()));
    Ok(Due {
        members: members.collect(),
        all,
    })
}
