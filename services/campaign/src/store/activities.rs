//! Activities: rows of `campaign.journal` whose answer is the activity with its receipt, by the methods 1 and 9 of all that are asked of members, and `campaign.award` for where its awards stand.

use common::{
    auth::ProgramScope,
    ids::{ActivityId, MemberId, ProgramId},
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
            where shard = $1 and seq = $2 and program_id = $3 and member_id = $4 and method in (1, 9) and answer is not null"#,
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
            where shard = $1 and program_id = $2 and uuid_hash(member_id) = uuid_hash($3) and member_id = $3 and seq < $4 and method in (1, 9) and answer is not null
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

/// An activity, and where it is.
pub struct RecordedAt {
    /// The program.
    pub program_id: ProgramId,
    /// The member.
    pub member_id: MemberId,
    /// The activity.
    pub activity: pb::Activity,
}

/// Returns the last place on a shard.
pub async fn last_seq(pool: &PgPool, shard: Shard) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("select last_seq from campaign.shard where shard = $1", shard.get())
        .fetch_one(pool)
        .await
}

/// Lists activities of any members on a shard, from a place on.
pub async fn sample_activities(
    pool: &PgPool,
    shard: Shard,
    from: i64,
    methods: &[i16],
    limit: i64,
) -> Result<Vec<RecordedAt>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select program_id, member_id, answer as "answer!"
             from campaign.journal
            where shard = $1 and seq >= $2 and method = any($3) and answer is not null
            order by seq
            limit $4"#,
        shard.get(),
        from,
        methods,
        limit,
    );
    let rows = rows.fetch_all(pool).await?;
    rows.into_iter()
        .map(|row| {
            Ok(RecordedAt {
                program_id: row.program_id.into(),
                member_id: row.member_id.into(),
                activity: activity(&row.answer, None)?,
            })
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
