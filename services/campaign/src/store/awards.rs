//! `campaign.award`: the awards that are not known to be posted. Most come and go within a moment.

use std::{collections::HashMap, time::Duration};

use common::{
    db::begin_derived,
    ids::{MemberId, ProgramId},
    shard::Shard,
    writer::{Part, Writes},
};
use prost::Message as _;
use proto::campaign::{self as pb, AwardState};
use sqlx::PgPool;

use super::unreadable;

/// Where the activity of an award is recorded.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AwardPlace {
    /// The shard.
    pub shard: Shard,
    /// The position on it.
    pub seq: i64,
}

/// Where an award stands that is not posted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AwardStanding {
    /// It is to be posted.
    Pending,
    /// The points service refused it for good, for this reason.
    Refused(String),
}

/// An award that is to be posted.
#[derive(Clone, Debug)]
pub struct PendingAward {
    /// Where it is recorded.
    pub place: AwardPlace,
    /// The program.
    pub program_id: ProgramId,
    /// The member.
    pub member_id: MemberId,
    /// The activity.
    pub activity: pb::Activity,
}

/// Stores awards that are to be posted.
pub fn insert_awards(places: &[AwardPlace], writes: &mut Writes) {
    if places.is_empty() {
        return;
    }
    let part = Part::new(
        "insert into campaign.award (shard, seq, state)
         select shard, seq, $3 from unnest($1::smallint[], $2::bigint[]) as new (shard, seq)",
    );
    writes.add(
        part.column(places.iter().map(|place| place.shard.get()))
            .column(places.iter().map(|place| place.seq))
            .bind(AwardState::Pending as i16),
    );
}

/// Strikes off awards that are posted. That one is posted is final, whatever else was heard of it; where a crash forgets that, it is
/// found to be posted when it is tried again.
pub async fn strike_off_awards(pool: &PgPool, posted: &[AwardPlace]) -> Result<(), sqlx::Error> {
    let mut tx = begin_derived(pool).await?;
    sqlx::query!(
        "delete from campaign.award as award
          using unnest($1::smallint[], $2::bigint[]) as posted (shard, seq)
          where award.shard = posted.shard and award.seq = posted.seq",
        &posted.iter().map(|place| place.shard.get()).collect::<Vec<_>>(),
        &posted.iter().map(|place| place.seq).collect::<Vec<_>>(),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Stores that the points service refused an award for good.
pub async fn refuse_award(pool: &PgPool, place: AwardPlace, reason: &str) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "update campaign.award
            set state = $3, reason = $4
          where shard = $1 and seq = $2",
        place.shard.get(),
        place.seq,
        AwardState::Refused as i16,
        reason,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Finds where awards stand. Those that are posted are left out.
pub async fn find_awards(
    pool: &PgPool,
    places: &[AwardPlace],
) -> Result<HashMap<AwardPlace, AwardStanding>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select award.shard, award.seq, state, reason
             from unnest($1::smallint[], $2::bigint[]) as asked (shard, seq)
             join campaign.award using (shard, seq)"#,
        &places.iter().map(|place| place.shard.get()).collect::<Vec<_>>(),
        &places.iter().map(|place| place.seq).collect::<Vec<_>>(),
    );
    let rows = rows.fetch_all(pool).await?;
    rows.into_iter()
        .map(|row| {
            let shard = Shard::new(row.shard).ok_or_else(|| unreadable("shard of an award"))?;
            Ok((AwardPlace { shard, seq: row.seq }, standing(row.state, row.reason)))
        })
        .collect()
}

/// Lists awards that have been waiting to be posted for some time, after a place, in the order of the shards and on each in order.
pub async fn list_pending_awards(
    pool: &PgPool,
    after: Option<AwardPlace>,
    waiting: Duration,
    limit: i64,
) -> Result<Vec<PendingAward>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select shard, seq, program_id, member_id, answer as "answer!"
             from campaign.award
             join campaign.journal using (shard, seq)
            where award.state = $1 and (shard, seq) > ($2::smallint, $3::bigint)
              and journal.recorded_at < clock_timestamp() - make_interval(secs => $4::bigint::double precision / 1000)
            order by shard, seq
            limit $5"#,
        AwardState::Pending as i16,
        after.map_or(-1, |place| place.shard.get()),
        after.map_or(0, |place| place.seq),
        i64::try_from(waiting.as_millis()).unwrap_or(i64::MAX),
        limit,
    );
    let mut pending = Vec::new();
    for row in rows.fetch_all(pool).await? {
        let recorded = pb::RecordActivityResponse::decode(row.answer.as_slice()).ok();
        pending.push(PendingAward {
            place: AwardPlace {
                shard: Shard::new(row.shard).ok_or_else(|| unreadable("shard of an award"))?,
                seq: row.seq,
            },
            program_id: row.program_id.into(),
            member_id: row.member_id.into(),
            activity: recorded
                .and_then(|recorded| recorded.activity)
                .ok_or_else(|| unreadable("activity"))?,
        });
    }
    Ok(pending)
}

/// Reads where an award stands.
pub(super) fn standing(state: i16, reason: Option<String>) -> AwardStanding {
    if state == AwardState::Refused as i16 {
        AwardStanding::Refused(reason.unwrap_or_default())
    } else {
        AwardStanding::Pending
    }
}
