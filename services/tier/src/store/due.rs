//! Members who must be judged although they do nothing: a review is due, or the program's ladders changed.

use common::ids::{MemberId, ProgramId};
use sqlx::PgPool;

/// Lists programs that have such members, by their own clocks.
pub async fn programs_with_due(pool: &PgPool) -> Result<Vec<ProgramId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "select program_id from tier.program as program
          where exists (select from tier.member
                         where program_id = program.program_id
                           and due_at <= coalesce(program.clock_at, clock_timestamp()))
             or exists (select from tier.member
                         where program_id = program.program_id and config_version < program.config_version
                           and enrolled_at is not null and not closed)"
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(ProgramId::from).collect())
}

/// Lists such members of a program.
pub async fn list_due(pool: &PgPool, program_id: ProgramId, limit: i64) -> Result<Vec<MemberId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"with program as (
               select program_id, coalesce(clock_at, clock_timestamp()) as now, config_version
                 from tier.program where program_id = $1)
           (select member.member_id as "member_id!"
              from program join tier.member as member using (program_id)
             where member.due_at <= program.now
             limit $2)
           union
           (select member.member_id
              from program join tier.member as member using (program_id)
             where member.config_version < program.config_version and member.enrolled_at is not null and not member.closed
             limit $2)"#,
        program_id.uuid(),
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(MemberId::from).collect())
}
