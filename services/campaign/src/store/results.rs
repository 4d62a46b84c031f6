//! `campaign.campaign_day` and `campaign.sample_place`: what campaigns brought about, counted from the journal.

use std::collections::BTreeMap;

use common::{
    db::begin_derived,
    ids::{MemberId, ProgramId},
    shard::Shard,
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::campaign::{self as pb, campaign_event::Event};
use sqlx::{PgConnection, PgPool};

use super::{board::AddedFigures, unreadable};
use crate::domain::CampaignResult;

/// How many rows of a shard's journal are counted with one transaction at most.
pub(super) const CHUNK: i64 = 2_000;

/// What the members of one place of a sample did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PlaceResult {
    /// Orders.
    pub orders: i64,
    /// What was spent.
    pub spend: i64,
    /// Points.
    pub points: i64,
}

/// What some rows of the journal add.
#[derive(Default)]
struct Added {
    days: BTreeMap<(ProgramId, String, Date), CampaignResult>,
    places: BTreeMap<(ProgramId, String, i16), PlaceResult>,
    figures: AddedFigures,
}

/// Writes what an activity adds to what a campaign brings about.
pub fn result_to_wire(result: &CampaignResult) -> pb::CampaignResult {
    pb::CampaignResult {
        campaign: result.campaign.clone(),
        times: result.times,
        points: result.points,
        cost_minor_units: result.cost_minor_units,
        sales_minor_units: result.sales_minor_units,
    }
}

/// Writes what a campaign brought about on a day.
pub fn day_to_wire((day, result): &(Date, CampaignResult)) -> pb::CampaignDay {
    pb::CampaignDay {
        day: day.to_string(),
        result: Some(result_to_wire(result)),
    }
}

/// Lists the shards of which something is recorded, or reported, that is not counted.
pub async fn list_uncounted(pool: &PgPool) -> Result<Vec<Shard>, sqlx::Error> {
    let shards = sqlx::query_scalar!(
        "select shard.shard
           from campaign.shard as shard
           join campaign.counted as counted using (shard)
          where counted.seq < shard.last_seq
             or exists (select from campaign.membership_change as change where change.shard = shard.shard)
          order by shard.shard"
    );
    let shards = shards.fetch_all(pool).await?;
    shards
        .into_iter()
        .map(|shard| Shard::new(shard).ok_or_else(|| unreadable("shard")))
        .collect()
}

/// Counts what is next on a shard, unless another replica does at this moment; tells whether there is more. What is counted and up to where change with one commit: nothing is counted twice.
pub async fn count_some(pool: &PgPool, shard: Shard) -> Result<bool, sqlx::Error> {
    let mut tx = begin_derived(pool).await?;
    let counted = sqlx::query_scalar!(
        "select seq from campaign.counted where shard = $1 for update skip locked",
        shard.get(),
    );
    let Some(counted) = counted.fetch_optional(&mut *tx).await? else {
        return Ok(false);
    };
    let rows = sqlx::query!(
        "select seq, program_id, member_id, event from campaign.journal where shard = $1 and seq > $2 order by seq limit $3",
        shard.get(),
        counted,
        CHUNK,
    );
    let rows = rows.fetch_all(&mut *tx).await?;
    let mut added = Added::default();
    let more_changes = added.figures.take_changes(&mut tx, shard).await?;
    for row in &rows {
        let event = pb::CampaignEvent::decode(row.event.as_slice()).map_err(|_| unreadable("event"))?;
        if let Some(Event::ActivityRecorded(recorded)) = event.event {
            added.add((row.program_id.into(), row.member_id.into()), &recorded)?;
        }
    }
    added.save(&mut tx, shard).await?;
    sqlx::query!(
        "update campaign.counted set seq = $2 where shard = $1",
        shard.get(),
        rows.last().map_or(counted, |row| row.seq)
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(rows.len() as i64 == CHUNK || more_changes)
}

impl Added {
    fn add(
        &mut self,
        (program_id, member_id): (ProgramId, MemberId),
        recorded: &pb::ActivityRecorded,
    ) -> Result<(), sqlx::Error> {
        let day: Date = recorded
            .counted_on
            .parse()
            .map_err(|_| unreadable("day of an activity"))?;
        self.figures.add(program_id, member_id, recorded, day);
        for result in &recorded.results {
            let sum = self.days.entry((program_id, result.campaign.clone(), day)).or_default();
            sum.times += result.times;
            sum.points += result.points;
            sum.cost_minor_units += result.cost_minor_units;
            sum.sales_minor_units += result.sales_minor_units;
        }
        let metrics = recorded.metrics.unwrap_or_default();
        for of in &recorded.samples {
            let place = i16::try_from(of.per_mille).map_err(|_| unreadable("place in a sample"))?;
            let sum = self.places.entry((program_id, of.sample.clone(), place)).or_default();
            sum.orders += metrics.orders;
            sum.spend += metrics.spend_minor_units;
            sum.points += metrics.points_earned;
        }
        Ok(())
    }

    /// All of it is written in order, so that replicas that count different shards wait for one another and never in a circle.
    async fn save(&self, tx: &mut PgConnection, shard: Shard) -> Result<(), sqlx::Error> {
        if !self.days.is_empty() {
            let of = |part: fn(&CampaignResult) -> i64| self.days.values().map(part).collect::<Vec<_>>();
            sqlx::query!(
                "insert into campaign.campaign_day as known (program_id, campaign, day, times, points, cost, sales)
                 select * from unnest($1::uuid[], $2::text[], $3::date[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
                 on conflict (program_id, campaign, day) do update
                 set times = known.times + excluded.times, points = known.points + excluded.points,
                     cost = known.cost + excluded.cost, sales = known.sales + excluded.sales",
                &self.days.keys().map(|key| key.0.uuid()).collect::<Vec<_>>(),
                &self.days.keys().map(|key| key.1.clone()).collect::<Vec<_>>(),
                &self.days.keys().map(|key| key.2.to_sqlx()).collect::<Vec<_>>() as &[jiff_sqlx::Date],
                &of(|result| result.times),
                &of(|result| result.points),
                &of(|result| result.cost_minor_units),
                &of(|result| result.sales_minor_units),
            )
            .execute(&mut *tx)
            .await?;
        }
        if !self.places.is_empty() {
            let of = |part: fn(&PlaceResult) -> i64| self.places.values().map(part).collect::<Vec<_>>();
            sqlx::query!(
                "insert into campaign.sample_place as known (program_id, sample, place, orders, spend, points)
                 select * from unnest($1::uuid[], $2::text[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[])
                 on conflict (program_id, sample, place) do update
                 set orders = known.orders + excluded.orders, spend = known.spend + excluded.spend,
                     points = known.points + excluded.points",
                &self.places.keys().map(|key| key.0.uuid()).collect::<Vec<_>>(),
                &self.places.keys().map(|key| key.1.clone()).collect::<Vec<_>>(),
                &self.places.keys().map(|key| key.2).collect::<Vec<_>>(),
                &of(|place| place.orders),
                &of(|place| place.spend),
                &of(|place| place.points),
            )
            .execute(&mut *tx)
            .await?;
        }
        self.figures.save(tx, shard).await
    }
}

/// Lists what a campaign brought about on some days, and counts the rows of the program that are not counted yet, as far as they come next.
/// They are counted first: what the worker takes in between the two reads is then in the results, and never missing from both.
pub async fn list_results(
    pool: &PgPool,
    program_id: ProgramId,
    campaign: &str,
    days: (Date, Date),
) -> Result<(Vec<(Date, CampaignResult)>, i64), sqlx::Error> {
    let uncounted = count_uncounted(pool, program_id).await?;
    let results = list_days(pool, program_id, &[campaign.to_owned()], days).await?;
    Ok((results, uncounted))
}

/// Lists what some campaigns brought about on some days, by day and campaign.
pub async fn list_days(
    pool: &PgPool,
    program_id: ProgramId,
    campaigns: &[String],
    days: (Date, Date),
) -> Result<Vec<(Date, CampaignResult)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select day as "day: jiff_sqlx::Date", campaign, times, points, cost, sales
             from campaign.campaign_day
            where program_id = $1 and campaign = any($2) and day between $3 and $4
            order by day, campaign"#,
        program_id.uuid(),
        campaigns,
        days.0.to_sqlx() as jiff_sqlx::Date,
        days.1.to_sqlx() as jiff_sqlx::Date,
    );
    let rows = rows.fetch_all(pool).await?.into_iter().map(|row| {
        let result = CampaignResult {
            campaign: row.campaign,
            times: row.times,
            points: row.points,
            cost_minor_units: row.cost,
            sales_minor_units: row.sales,
        };
        (row.day.to_jiff(), result)
    });
    Ok(rows.collect())
}

/// Counts the rows of a program that are not counted yet, as far as they come next.
pub async fn count_uncounted(pool: &PgPool, program_id: ProgramId) -> Result<i64, sqlx::Error> {
    let uncounted = sqlx::query_scalar!(
        r#"select count(*) as "rows!"
             from campaign.counted as counted
            cross join lateral (
                 (select program_id from campaign.journal as journal
                   where journal.shard = counted.shard and journal.seq > counted.seq
                   order by journal.seq
                   limit $2)
                  union all
                 (select program_id from campaign.membership_change as change
                   where change.shard = counted.shard
                   order by change.seq
                   limit $2)) as uncounted
            where uncounted.program_id = $1"#,
        program_id.uuid(),
        CHUNK,
    );
    uncounted.fetch_one(pool).await
}

/// Returns what was done in each of the thousand places of a sample.
pub async fn list_places(pool: &PgPool, program_id: ProgramId, sample: &str) -> Result<Vec<PlaceResult>, sqlx::Error> {
    let rows = sqlx::query!(
        "select place, orders, spend, points from campaign.sample_place where program_id = $1 and sample = $2",
        program_id.uuid(),
        sample,
    );
    let mut places = vec![PlaceResult::default(); 1_000];
    for row in rows.fetch_all(pool).await? {
        let place = usize::try_from(row.place).ok().and_then(|place| places.get_mut(place));
        *place.ok_or_else(|| unreadable("place in a sample"))? = PlaceResult {
            orders: row.orders,
            spend: row.spend,
            points: row.points,
        };
    }
    Ok(places)
}
