//! Activities: rows of `campaign.journal` whose answer is the activity with its receipt, and `campaign.award` for where its awards stand.

use common::{
    auth::ProgramScope,
    ids::{ActivityId, MemberId},
    journal::journal_place,
    shard::Shard,
};
use prost::Message as _;
use proto::campaign as pb;
use sqlx::PgPool;

use super::{AwardStanding, awards::standing, unreadable};

/// Finds an activity of a member, with the state of its awards as far as this service knows it. Its id says where it is.
pub async fn find_activity(
    pool: &PgPool,
    program: ProgramScope,
    member_id: MemberId,
    activity_id: ActivityId,
) -> Result<Option<pb::Activity>, sqlx::Error> {
    let Some((shard, seq)) = journal_place(activity_id.uuid()) else {
        return Ok(None);
    };
    let row = sqlx::query!(
        r#"select answer as "answer!", award.state as "state?", reason
             from campaign.journal
             left join campaign.award using (shard, seq)
            where shard = $1 and seq = $2 and program_id = $3 and member_id = $4 and answer is not null"#,
        shard.get(),
        seq,
        program.id().uuid(),
        member_id.uuid(),
    );
    let Some(row) = row.fetch_optional(pool).await? else {
        return Ok(None);
    };
    let activity = activity(&row.answer, row.state.map(|state| standing(state, row.reason)))?;
    Ok((activity.activity_id == activity_id.to_string()).then_some(activity))
}

/// Lists the activities of a member before a place, the newest first, each with its place.
pub async fn list_activities(
    pool: &PgPool,
    program: ProgramScope,
    member_id: MemberId,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, pb::Activity)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select seq, answer as "answer!", award.state as "state?", reason
             from campaign.journal
             left join campaign.award using (shard, seq)
            where shard = $1 and program_id = $2 and uuid_hash(member_id) = uuid_hash($3) and member_id = $3 and seq < $4 and answer is not null
            order by seq desc
            limit $5"#,
        Shard::of(program.id(), member_id).get(),
        program.id().uuid(),
        member_id.uuid(),
        before,
        limit,
    );
    let rows = rows.fetch_all(pool).await?;
    rows.into_iter()
        .map(|row| {
            Ok((
                row.seq,
                activity(&row.answer, row.state.map(|state| standing(state, row.reason)))?,
            ))
        })
        .collect()
}

/// Reads an activity from the answer to the request that recorded it. Awards of which nothing is known any more are posted.
fn activity(answer: &[u8], standing: Option<AwardStanding>) -> Result<pb::Activity, sqlx::Error> {
    let recorded = pb::RecordActivityResponse::decode(answer).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let mut activity = recorded.activity.ok_or_else(|| unreadable("activity"))?;
    match (activity.state(), standing) {
        (pb::AwardState::Pending, None) => activity.set_state(pb::AwardState::Awarded),
        (_, Some(AwardStanding::Refused(reason))) => {
            activity.set_state(pb::AwardState::Refused);
            activity.refused_reason = reason;
        }
        _ => {}
    }
    Ok(activity)
}
