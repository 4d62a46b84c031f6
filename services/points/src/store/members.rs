//! `points.member`: who there is, and whether they may earn and spend.

use common::{
    auth::ProgramScope,
    ids::{MemberId, ProgramId},
    shard::Shard,
};
use proto::member::MemberStatus;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A member of a program.
pub type MemberKey = (ProgramId, MemberId);

/// Saves where members stand.
pub async fn save_members(
    connection: &mut PgConnection,
    members: impl Iterator<Item = (MemberKey, MemberStatus)>,
) -> Result<(), sqlx::Error> {
    let (mut shards, mut programs, mut ids, mut statuses) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ((program_id, member_id), status) in members {
        shards.push(Shard::of(program_id, member_id).get());
        programs.push(program_id.uuid());
        ids.push(member_id.uuid());
        statuses.push(status as i16);
    }
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into points.member (shard, program_id, member_id, status)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::smallint[])
         on conflict (shard, program_id, member_id) do update set status = excluded.status",
        &shards,
        &programs as &[Uuid],
        &ids as &[Uuid],
        &statuses,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Tells whether the program has a member.
pub async fn find_member(pool: &PgPool, scope: ProgramScope, member_id: MemberId) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "select status from points.member where shard = $1 and program_id = $2 and member_id = $3",
        Shard::of(scope.id(), member_id).get(),
        scope.id().uuid(),
        member_id.uuid(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(found.is_some())
}
