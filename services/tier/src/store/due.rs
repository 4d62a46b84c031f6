//! Members who must be judged although they do nothing: a review is due, or the program's ladders changed.

use common::ids::{MemberId, ProgramId};
use sqlx::PgPool;

/// Lists programs that have such members, by their own clocks.
pub async fn programs_with_due(pool: &PgPool) -> Result<Vec<ProgramId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        // The orders and limits pin a look at the first entry of an index; now() and no clock that ticks, or there is no index to look at.
        "select program_id from tier.program as program
          where exists (select from (
                       select from tier.member
                        where program_id = program.program_id and due_at <= coalesce(program.clock_at, now())
                        order by due_at
                        limit 1) as due)
             or exists (select from (
                       select from tier.member
                        where program_id = program.program_id and config_version < program.config_version
                          and enrolled_at is not null and not closed
                        order by config_version
                        limit 1) as behind)"
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(ProgramId::from).collect())
}

/// Lists such members of a program.
pub async fn list_due(pool: &PgPool, program_id: ProgramId, limit: i64) -> Result<Vec<MemberId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"(select member_id as "member_id!"
              from tier.member
             where program_id = $1
               and due_at <= (select coalesce(clock_at, now()) from tier.program where program_id = $1)
             order by due_at
             limit $2)
           union
           (select member_id
              from tier.member
             where program_id = $1 and config_version < (select config_version from tier.program where program_id = $1)
               and enrolled_at is not null and not closed
             order by config_version
             limit $2)"#,
        program_id.uuid(),
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(MemberId::from).collect())
}
