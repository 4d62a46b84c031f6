//! Leases money of budgets to shards, and takes back what they have left.
//!
//! Whoever does that locks in one order, so that none waits for another in a ring: the shards first, as the writers do, then the buckets, from the outermost inwards.

use std::collections::{BTreeMap, HashMap};

use common::{ids::ProgramId, shard::Shard};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};

use super::{LeaseKey, ProgramRules, buckets::Bucket, unreadable};

/// How many parts what is left is divided into: a shard takes one of them, or what it needs.
const PARTS: i64 = 256;

/// What came of asking for a lease.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leased {
    /// There was some: not always as much as was needed.
    Some,
    /// What there is was given to others just now, who may leave something.
    Soon,
    /// There is nothing to be had.
    Nothing,
}

/// What a shard has left of a budget.
#[derive(Clone, Debug)]
struct LeftOver {
    key: LeaseKey,
    left: i64,
    is_fresh: bool,
}

/// Leases money to a shard: what it needs and, while there is much, more than that; where the buckets have too little, of what shards have left that may be had for it. What the
/// same activity may need stays where it is, and so does for a moment what was just given to others.
pub async fn lease_more(
    pool: &PgPool,
    rules: &ProgramRules,
    (lease, needed): (&LeaseKey, i64),
    protected: &[LeaseKey],
) -> Result<Leased, sqlx::Error> {
    let path = rules.buckets(&lease.budget, lease.starts_on);
    let mut connection = pool.acquire().await?;
    let granted = granted_of(&mut connection, lease.program_id, &path).await?;
    let rest = |bucket: &Bucket| bucket.cap - granted.get(&bucket.key()).copied().unwrap_or(0);
    // The bucket that has least, the innermost of equals: only what is out of that can help, and no more than those within it let through.
    let tight = (0..path.len()).rev().min_by_key(|at| rest(&path[*at]));
    let room = tight.map_or(0, |at| rest(&path[at])).max(0);
    let mut recalled = Vec::new();
    let mut comes_soon = false;
    if let Some(at) = tight.filter(|_| room < needed) {
        let within = path[at + 1..].iter().map(rest).min().unwrap_or(i64::MAX);
        let others = left_over(&mut connection, lease.program_id).await?;
        let others = others.into_iter().filter(|of| {
            !protected.contains(&of.key) && rules.buckets(&of.key.budget, of.key.starts_on).contains(&path[at])
        });
        let (fresh, mut had): (Vec<LeftOver>, Vec<LeftOver>) = others.partition(|of| of.is_fresh);
        comes_soon = !fresh.is_empty();
        had.sort_by_key(|of| std::cmp::Reverse(of.left));
        let mut missing = needed.min(within) - room;
        for of in had {
            if missing > 0 {
                missing -= of.left;
                recalled.push(of.key);
            }
        }
    }
    drop(connection);
    if room == 0 && recalled.is_empty() {
        return Ok(if comes_soon { Leased::Soon } else { Leased::Nothing });
    }
    let got = move_money(pool, rules, &recalled, Some((lease, needed))).await?;
    Ok(match got {
        0 if comes_soon => Leased::Soon,
        0 => Leased::Nothing,
        _ => Leased::Some,
    })
}

/// Takes back what shards have left of a budget, and of the parts of it, where more is given out than its cap says now.
pub async fn recall_excess(
    pool: &PgPool,
    rules: &ProgramRules,
    program_id: ProgramId,
    budget: &str,
) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let left = left_over(&mut connection, program_id).await?;
    let mut recalled = Vec::new();
    for of in left {
        let path = rules.buckets(&of.key.budget, of.key.starts_on);
        let Some(bucket) = path.iter().find(|bucket| bucket.budget == budget) else {
            continue;
        };
        let granted = granted_of(&mut connection, program_id, std::slice::from_ref(bucket)).await?;
        if granted.values().any(|granted| *granted > bucket.cap) {
            recalled.push(of.key);
        }
    }
    drop(connection);
    if !recalled.is_empty() {
        move_money(pool, rules, &recalled, None).await?;
    }
    Ok(())
}

/// Takes back what some leases have left, and gives another what it needs, in one transaction. Returns what that got.
async fn move_money(
    pool: &PgPool,
    rules: &ProgramRules,
    recalled: &[LeaseKey],
    to: Option<(&LeaseKey, i64)>,
) -> Result<i64, sqlx::Error> {
    let Some(program_id) = recalled
        .first()
        .or(to.map(|(lease, _)| lease))
        .map(|key| key.program_id)
    else {
        return Ok(0);
    };
    let mut tx = pool.begin().await?;
    let shards = recalled.iter().chain(to.map(|(lease, _)| lease)).map(|key| key.shard);
    touch_shards(&mut tx, &shards.collect::<Vec<_>>()).await?;
    // Nobody charges the leases of these shards now, nor grants them any.
    let mut changes: BTreeMap<Bucket, i64> = BTreeMap::new();
    for (key, left) in take_left_over(&mut tx, recalled).await? {
        for bucket in rules.buckets(&key.budget, key.starts_on) {
            *changes.entry(bucket).or_default() -= left;
        }
    }
    let path = to
        .map(|(lease, _)| rules.buckets(&lease.budget, lease.starts_on))
        .unwrap_or_default();
    for bucket in &path {
        changes.entry(bucket.clone()).or_default();
    }
    let mut rest = i64::MAX;
    for (bucket, change) in &changes {
        let open = open_bucket(&mut tx, program_id, bucket).await? - change;
        if path.contains(bucket) {
            rest = rest.min(open);
        }
    }
    let granted = to.map_or(0, |(_, needed)| needed.max(rest / PARTS).min(rest).max(0));
    for (bucket, change) in &changes {
        let given = if path.contains(bucket) { granted } else { 0 };
        change_bucket(&mut tx, program_id, bucket, change + given).await?;
    }
    if let Some((lease, _)) = to {
        grant(&mut tx, lease, granted).await?;
    }
    tx.commit().await?;
    Ok(granted)
}

async fn granted_of(
    connection: &mut PgConnection,
    program_id: ProgramId,
    buckets: &[Bucket],
) -> Result<HashMap<(String, Date), i64>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select bucket.budget, bucket.starts_on as "starts_on: jiff_sqlx::Date", bucket.granted
             from unnest($2::text[], $3::date[]) as asked (budget, starts_on)
             join campaign.budget_bucket as bucket
               on bucket.program_id = $1 and bucket.budget = asked.budget and bucket.starts_on = asked.starts_on"#,
        program_id.uuid(),
        &buckets.iter().map(|bucket| bucket.budget.clone()).collect::<Vec<_>>(),
        &buckets
            .iter()
            .map(|bucket| bucket.starts_on.to_sqlx())
            .collect::<Vec<_>>() as &[jiff_sqlx::Date],
    );
    let rows = rows.fetch_all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.budget, row.starts_on.to_jiff()), row.granted))
        .collect())
}

async fn left_over(connection: &mut PgConnection, program_id: ProgramId) -> Result<Vec<LeftOver>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select shard, budget, starts_on as "starts_on: jiff_sqlx::Date", granted - spent as "left!",
                  granted_at > clock_timestamp() - interval '200 milliseconds' as "is_fresh!"
             from campaign.budget_lease
            where program_id = $1 and granted > spent"#,
        program_id.uuid(),
    );
    let rows = rows.fetch_all(connection).await?.into_iter();
    rows.map(|row| {
        let key = LeaseKey {
            shard: Shard::new(row.shard).ok_or_else(|| unreadable("shard of a lease"))?,
            program_id,
            budget: row.budget,
            starts_on: row.starts_on.to_jiff(),
        };
        Ok(LeftOver {
            key,
            left: row.left,
            is_fresh: row.is_fresh,
        })
    })
    .collect()
}

/// Takes what some leases have left, and tells how much each had.
async fn take_left_over(connection: &mut PgConnection, keys: &[LeaseKey]) -> Result<Vec<(LeaseKey, i64)>, sqlx::Error> {
    let mut taken = Vec::new();
    for key in keys {
        let left = sqlx::query_scalar!(
            r#"with before as (
                   select granted - spent as rest from campaign.budget_lease
                    where shard = $1 and program_id = $2 and budget = $3 and starts_on = $4),
               recalled as (
                   update campaign.budget_lease set granted = spent
                    where shard = $1 and program_id = $2 and budget = $3 and starts_on = $4)
               select rest as "rest!" from before"#,
            key.shard.get(),
            key.program_id.uuid(),
            key.budget,
            key.starts_on.to_sqlx() as jiff_sqlx::Date,
        );
        if let Some(left) = left.fetch_optional(&mut *connection).await? {
            taken.push((key.clone(), left));
        }
    }
    Ok(taken)
}

async fn grant(connection: &mut PgConnection, lease: &LeaseKey, granted: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into campaign.budget_lease as lease (shard, program_id, budget, starts_on, granted)
         values ($1, $2, $3, $4, $5)
         on conflict (shard, program_id, budget, starts_on) do update
         set granted = lease.granted + excluded.granted, granted_at = clock_timestamp()",
        lease.shard.get(),
        lease.program_id.uuid(),
        lease.budget,
        lease.starts_on.to_sqlx() as jiff_sqlx::Date,
        granted,
    )
    .execute(connection)
    .await?;
    Ok(())
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
