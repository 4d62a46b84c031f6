//! `rewards.redemption`: the log of every saga.

mod row;

use std::collections::{BTreeSet, HashMap};

use common::{
    auth::ProgramScope,
    db::Db,
    ids::{MemberId, ProgramId, RedemptionId},
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{MemberColumns, MemberKey, RedemptionKey, member_key, nonsense};
use crate::domain::{Redemption, next_step};
use row::Row;

pub use row::Columns;

/// A redemption, and where it began in the journal.
#[derive(Clone, Debug)]
pub struct StoredRedemption {
    pub redemption: Redemption,
    pub seq: i64,
    /// By the database's clock.
    pub changed_at: Timestamp,
}

/// Loads some redemptions.
pub async fn load(
    connection: &mut PgConnection,
    keys: &BTreeSet<RedemptionKey>,
) -> Result<HashMap<RedemptionKey, StoredRedemption>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let columns = MemberColumns::of(keys.iter().map(|key| &key.member));
    let ids: Vec<Uuid> = keys.iter().map(|key| key.redemption_id.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select found.program_id as "program_id!", found.member_id as "member_id!", found.redemption_id as "redemption_id!",
                  found.seq as "seq!", found.reward as "reward!", found.reward_version as "reward_version!",
                  found.wallet as "wallet!", found.points as "points!", found.refundable as "refundable!",
                  found.redeemed_at as "redeemed_at!", found.state as "state!", found.hold_id, found.capture_entry_id,
                  found.rejection, found.missing_points, found.initiator, found.cancelled_at, found.ticket_id, found.changed_at as "changed_at!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[])
                  as wanted (of_shard, of_program, of_member, of_redemption)
            cross join lateral (
                  select * from rewards.redemption
                   where shard = of_shard and program_id = of_program and member_id = of_member
                     and redemption_id = of_redemption
                   limit 1) as found"#,
        &columns.shards,
        &columns.programs,
        &columns.members,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.key(), row.read()?))).collect()
}

/// Finds a redemption of a member.
pub async fn find(
    db: &Db,
    scope: ProgramScope,
    member_id: MemberId,
    redemption_id: RedemptionId,
) -> Result<Option<Redemption>, sqlx::Error> {
    let key = RedemptionKey {
        member: MemberKey::new(scope, member_id),
        redemption_id,
    };
    let load = |pool: PgPool| async move { load(&mut *pool.acquire().await?, &BTreeSet::from([key])).await };
    Ok(db.run(load).await?.into_values().next().map(|stored| stored.redemption))
}

/// Lists the redemptions of a member, the newest first, before a place.
pub async fn list(
    db: &Db,
    scope: ProgramScope,
    member_id: MemberId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<StoredRedemption>, sqlx::Error> {
    let member = MemberKey::new(scope, member_id);
    let list = move |pool: PgPool| async move {
        sqlx::query_as!(
            Row,
            "select program_id, member_id, redemption_id, seq, reward, reward_version, wallet, points, refundable, redeemed_at,
                    state, hold_id, capture_entry_id, rejection, missing_points, initiator, cancelled_at, ticket_id, changed_at
               from rewards.redemption
              where shard = $1 and program_id = $2 and member_id = $3 and ($4::bigint is null or seq < $4)
              order by seq desc
              limit $5",
            member.shard(),
            member.program_id.uuid(),
            member.member_id.uuid(),
            before,
            limit,
        )
        .fetch_all(&pool)
        .await
    };
    db.run(list).await?.into_iter().map(Row::read).collect()
}

/// Lists redemptions that are under way and were left alone for some seconds, each with its program. In no order, so that
/// one that cannot go on does not keep others from it.
pub async fn list_left_alone(db: &Db, seconds: i32, limit: i64) -> Result<Vec<(ProgramId, Redemption)>, sqlx::Error> {
    let list = move |pool: PgPool| async move {
        sqlx::query_as!(
            Row,
            "select program_id, member_id, redemption_id, seq, reward, reward_version, wallet, points, refundable, redeemed_at,
                    state, hold_id, capture_entry_id, rejection, missing_points, initiator, cancelled_at, ticket_id, changed_at
               from rewards.redemption
              where not at_rest and changed_at < now() - make_interval(secs => $1)
              order by random()
              limit $2",
            f64::from(seconds),
            limit,
        )
        .fetch_all(&pool)
        .await
    };
    let rows = db.run(list).await?;
    rows.into_iter()
        .map(|row| Ok((row.program_id.into(), row.read()?.redemption)))
        .collect()
}

/// Counts how many of some rewards some members have. Those that were rejected or cancelled do not count, nor do those that were won.
pub async fn count(
    connection: &mut PgConnection,
    wanted: &BTreeSet<(MemberKey, String)>,
) -> Result<HashMap<(MemberKey, String), u32>, sqlx::Error> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let columns = MemberColumns::of(wanted.iter().map(|(key, _)| key));
    let rewards: Vec<String> = wanted.iter().map(|(_, reward)| reward.clone()).collect();
    let rows = sqlx::query!(
        r#"select of_program as "program_id!", of_member as "member_id!", of_reward as "reward!", found.redeemed as "redeemed!"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[])
                  as wanted (of_shard, of_program, of_member, of_reward)
            cross join lateral (
                  select count(*) as redeemed from rewards.redemption
                   where shard = of_shard and program_id = of_program and member_id = of_member and reward = of_reward
                     and state not in (4, 6) and ticket_id is null) as found"#,
        &columns.shards,
        &columns.programs,
        &columns.members,
        &rewards,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let redeemed = u32::try_from(row.redeemed).map_err(|_| nonsense("count"))?;
            Ok(((member_key(row.program_id, row.member_id), row.reward), redeemed))
        })
        .collect()
}

/// Saves some redemptions: those that begin whole, the others where they stand.
pub fn save(redemptions: &[(&RedemptionKey, &StoredRedemption)], writes: &mut Writes) {
    if redemptions.is_empty() {
        return;
    }
    let members = MemberColumns::of(redemptions.iter().map(|(key, _)| &key.member));
    let stored = || redemptions.iter().map(|(_, stored)| *stored);
    let all = || stored().map(|stored| &stored.redemption);
    let states: Vec<Columns> = all().map(|redemption| Columns::of(&redemption.state)).collect();
    let part = Part::new(
        "insert into rewards.redemption (shard, program_id, member_id, redemption_id, seq, reward, reward_version, wallet, points,
                                         refundable, redeemed_at, state, hold_id, capture_entry_id, rejection, missing_points,
                                         initiator, cancelled_at, ticket_id, at_rest, changed_at)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::integer[],
                              $8::text[], $9::bigint[], $10::boolean[], $11::timestamptz[], $12::smallint[], $13::uuid[],
                              $14::uuid[], $15::smallint[], $16::bigint[], $17::smallint[], $18::timestamptz[],
                              $19::uuid[], $20::boolean[], $21::timestamptz[])
         on conflict (shard, program_id, member_id, redemption_id) do update
         set state = excluded.state, hold_id = excluded.hold_id, capture_entry_id = excluded.capture_entry_id,
             rejection = excluded.rejection, missing_points = excluded.missing_points, initiator = excluded.initiator,
             cancelled_at = excluded.cancelled_at, at_rest = excluded.at_rest, changed_at = excluded.changed_at",
    );
    writes.add(
        part.bind(members.shards)
            .bind(members.programs)
            .bind(members.members)
            .column(all().map(|redemption| redemption.redemption_id.uuid()))
            .column(stored().map(|stored| stored.seq))
            .column(all().map(|redemption| redemption.reward.clone()))
            .column(all().map(|redemption| redemption.reward_version))
            .column(all().map(|redemption| redemption.price.wallet.clone()))
            .column(all().map(|redemption| redemption.price.points.get()))
            .column(all().map(|redemption| redemption.refundable))
            .column(all().map(|redemption| redemption.redeemed_at.to_sqlx()))
            .column(states.iter().map(|state| state.state))
            .column(states.iter().map(|state| state.hold_id))
            .column(states.iter().map(|state| state.capture_entry_id))
            .column(states.iter().map(|state| state.rejection))
            .column(states.iter().map(|state| state.missing_points))
            .column(states.iter().map(|state| state.initiator))
            .column(states.iter().map(|state| state.cancelled_at))
            .column(states.iter().map(|state| state.ticket_id))
            .column(all().map(|redemption| next_step(redemption).is_none()))
            .column(stored().map(|stored| stored.changed_at.to_sqlx())),
    );
}
