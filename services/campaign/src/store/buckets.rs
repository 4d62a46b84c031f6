//! `campaign.budget_bucket`: what of budgets is given out to the shards.
//!
//! Whoever changes leases locks in one order, so that none waits for another in a ring: the shards first, as the writers do, then the buckets, from the outermost inwards.

use std::collections::{BTreeMap, HashMap};

use common::{ids::ProgramId, shard::Shard};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};

use super::{LeaseKey, ProgramRules};
use crate::domain::Budget;

/// How many parts what is left is divided into: a shard takes one of them, or what it needs.
const PARTS: i64 = 256;

/// The money of a budget for a time.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Bucket {
    /// How deep the budget lies: 0 for one that is a part of none.
    depth: usize,
    /// The budget.
    pub budget: String,
    /// The day on which the time began.
    pub starts_on: Date,
    /// What may be spent.
    pub cap: i64,
}

/// What was spent of a budget itself for a time, by all shards.
pub struct Spending {
    /// The budget.
    pub budget: String,
    /// The day on which the time began.
    pub starts_on: Date,
    /// What was spent.
    pub spent: i64,
    /// What campaigns cost beyond that.
    pub over: i64,
    /// What shards may spend yet.
    pub left: i64,
}

impl ProgramRules {
    /// Returns the buckets that money of a budget is taken of, the outermost first.
    pub fn buckets(&self, budget: &str, starts_on: Date) -> Vec<Bucket> {
        let path = self.path_of(budget);
        let bucket = |(depth, budget): (usize, &&Budget)| {
            let starts_on = budget.period.start(starts_on);
            Bucket {
                depth,
                budget: budget.code.clone(),
                starts_on,
                cap: self.open_minor_units(budget, starts_on),
            }
        };
        path.iter().rev().enumerate().map(bucket).collect()
    }
}

/// Leases money to a shard: what it needs and, while there is much, more than that. Returns how much it was, which may be less than it needs, and nothing.
pub async fn grant_lease(
    pool: &PgPool,
    program_id: ProgramId,
    shard: Shard,
    buckets: &[Bucket],
    needed: i64,
) -> Result<i64, sqlx::Error> {
    let Some(innermost) = buckets.last() else { return Ok(0) };
    let mut tx = pool.begin().await?;
    touch_shards(&mut tx, &[shard]).await?;
    let mut rest = i64::MAX;
    for bucket in buckets {
        rest = rest.min(open_bucket(&mut tx, program_id, bucket).await?);
    }
    let granted = needed.max(rest / PARTS).min(rest).max(0);
    for bucket in buckets {
        change_bucket(&mut tx, program_id, bucket, granted).await?;
    }
    sqlx::query!(
        "insert into campaign.budget_lease as lease (shard, program_id, budget, starts_on, granted)
         values ($1, $2, $3, $4, $5)
         on conflict (shard, program_id, budget, starts_on) do update set granted = lease.granted + excluded.granted",
        shard.get(),
        program_id.uuid(),
        innermost.budget,
        innermost.starts_on.to_sqlx() as jiff_sqlx::Date,
        granted,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(granted)
}

/// Takes back what the shards have left of some budgets, but for one lease: that of who asks. Returns how much it was.
pub async fn recall_leases(
    pool: &PgPool,
    rules: &ProgramRules,
    budgets: &[String],
    but_for: &LeaseKey,
) -> Result<i64, sqlx::Error> {
    let program_id = but_for.program_id;
    let mut tx = pool.begin().await?;
    let shards = sqlx::query_scalar!(
        "select distinct shard from campaign.budget_lease
          where program_id = $1 and budget = any($2) and granted > spent
            and (shard, budget, starts_on) is distinct from ($3, $4, $5::date)",
        program_id.uuid(),
        budgets,
        but_for.shard.get(),
        but_for.budget,
        but_for.starts_on.to_sqlx() as jiff_sqlx::Date,
    );
    let shards: Vec<Shard> = shards
        .fetch_all(&mut *tx)
        .await?
        .into_iter()
        .filter_map(Shard::new)
        .collect();
    touch_shards(&mut tx, &shards).await?;
    // Nobody charges the leases of these shards now, nor grants them any.
    let left = sqlx::query!(
        r#"with left_over as (
               select shard, budget, starts_on, granted - spent as rest
                 from campaign.budget_lease
                where program_id = $1 and budget = any($2) and shard = any($6) and granted > spent
                  and (shard, budget, starts_on) is distinct from ($3, $4, $5::date)),
           recalled as (
               update campaign.budget_lease as lease
                  set granted = lease.spent
                 from left_over
                where lease.program_id = $1 and lease.shard = left_over.shard and lease.budget = left_over.budget
                  and lease.starts_on = left_over.starts_on)
           select budget, starts_on as "starts_on: jiff_sqlx::Date", sum(rest)::bigint as "left!"
             from left_over
            group by budget, starts_on"#,
        program_id.uuid(),
        budgets,
        but_for.shard.get(),
        but_for.budget,
        but_for.starts_on.to_sqlx() as jiff_sqlx::Date,
        &shards.iter().map(|shard| shard.get()).collect::<Vec<_>>(),
    );
    let left = left.fetch_all(&mut *tx).await?;
    let mut freed: BTreeMap<Bucket, i64> = BTreeMap::new();
    for row in &left {
        for bucket in rules.buckets(&row.budget, row.starts_on.to_jiff()) {
            *freed.entry(bucket).or_default() += row.left;
        }
    }
    for (bucket, freed) in &freed {
        change_bucket(&mut tx, program_id, bucket, -freed).await?;
    }
    tx.commit().await?;
    Ok(left.iter().map(|row| row.left).sum())
}

/// Lists what was spent of every budget of a program, the latest time first.
pub async fn list_spending(connection: &mut PgConnection, program_id: ProgramId) -> Result<Vec<Spending>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select budget, starts_on as "starts_on: jiff_sqlx::Date", sum(spent)::bigint as "spent!", sum(over)::bigint as "over!",
                  sum(granted - spent)::bigint as "left!"
             from campaign.budget_lease
            where program_id = $1
            group by budget, starts_on
            order by starts_on desc"#,
        program_id.uuid(),
    );
    let spending = rows.fetch_all(connection).await?.into_iter().map(|row| Spending {
        budget: row.budget,
        starts_on: row.starts_on.to_jiff(),
        spent: row.spent,
        over: row.over,
        left: row.left,
    });
    Ok(spending.collect())
}

/// Returns what budgets have left that pay for campaigns, for those who only ask: what is not given out, and what shards have of it.
pub async fn load_money(
    connection: &mut PgConnection,
    rules: &ProgramRules,
    program_id: ProgramId,
    wanted: &[(String, Date)],
) -> Result<HashMap<(String, Date), i64>, sqlx::Error> {
    let granted = sqlx::query!(
        r#"select budget, starts_on as "starts_on: jiff_sqlx::Date", granted from campaign.budget_bucket where program_id = $1"#,
        program_id.uuid(),
    );
    let granted: HashMap<(String, Date), i64> = granted
        .fetch_all(&mut *connection)
        .await?
        .into_iter()
        .map(|row| ((row.budget, row.starts_on.to_jiff()), row.granted))
        .collect();
    let spending = list_spending(connection, program_id).await?;
    let money = wanted.iter().map(|(budget, starts_on)| {
        let rest = rules.buckets(budget, *starts_on).into_iter().map(|bucket| {
            let granted = granted.get(&(bucket.budget, bucket.starts_on)).copied().unwrap_or(0);
            bucket.cap - granted
        });
        let leased = spending
            .iter()
            .find(|of| of.budget == *budget && of.starts_on == *starts_on);
        let left = rest.min().unwrap_or(0).max(0) + leased.map_or(0, |of| of.left);
        ((budget.clone(), *starts_on), left)
    });
    Ok(money.collect())
}

/// Has the writers of shards look again at what they remember, and lets none of them write until the transaction ends.
async fn touch_shards(connection: &mut PgConnection, shards: &[Shard]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update campaign.shard as shard set writes = shard.writes + 1
           from (select shard from campaign.shard where shard = any($1) order by shard for update) as locked
          where shard.shard = locked.shard",
        &shards.iter().map(|shard| shard.get()).collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns what a bucket has left. A cap that was lowered does not take back what is given out.
async fn open_bucket(
    connection: &mut PgConnection,
    program_id: ProgramId,
    bucket: &Bucket,
) -> Result<i64, sqlx::Error> {
    let rest = sqlx::query_scalar!(
        r#"insert into campaign.budget_bucket as bucket (program_id, budget, starts_on, cap)
           values ($1, $2, $3, $4)
           on conflict (program_id, budget, starts_on) do update set cap = greatest(excluded.cap, bucket.granted)
           returning cap - granted as "rest!""#,
        program_id.uuid(),
        bucket.budget,
        bucket.starts_on.to_sqlx() as jiff_sqlx::Date,
        bucket.cap,
    );
    rest.fetch_one(connection).await
}

async fn change_bucket(
    connection: &mut PgConnection,
    program_id: ProgramId,
    bucket: &Bucket,
    by: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update campaign.budget_bucket set granted = granted + $4
          where program_id = $1 and budget = $2 and starts_on = $3",
        program_id.uuid(),
        bucket.budget,
        bucket.starts_on.to_sqlx() as jiff_sqlx::Date,
        by,
    )
    .execute(connection)
    .await?;
    Ok(())
}
