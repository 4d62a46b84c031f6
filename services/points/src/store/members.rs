//! `points.member`: who there is, and whether they may earn and spend.

use common::{
    auth::ProgramScope,
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Part, Writes},
};
use proto::member::MemberStatus;
use sqlx::PgPool;

/// A member of a program.
pub type MemberKey = (ProgramId, MemberId);

/// Saves where members stand.
pub fn save_members(members: impl Iterator<Item = (MemberKey, MemberStatus)>, writes: &mut Writes) {
    let members: Vec<(MemberKey, MemberStatus)> = members.collect();
    if members.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into points.member (shard, program_id, member_id, status)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::smallint[])
         on conflict (shard, program_id, member_id) do update set status = excluded.status",
    );
    writes.add(
        part.column(
            members
                .iter()
                .map(|((program, member), _)| Shard::of(*program, *member).get()),
        )
        .column(members.iter().map(|((program, _), _)| program.uuid()))
        .column(members.iter().map(|((_, member), _)| member.uuid()))
        .column(members.iter().map(|(_, status)| *status as i16)),
    );
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
