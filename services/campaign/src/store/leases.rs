//! `campaign.budget_lease`: what each shard may spend of budgets, and what it did.

use std::collections::{BTreeMap, HashMap};

use common::{
    ids::ProgramId,
    shard::Shard,
    writer::{Part, Writes},
};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use super::unreadable;
use crate::domain::Cost;

/// What a shard may spend is told apart by.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LeaseKey {
    /// The shard.
    pub shard: Shard,
    /// The program.
    pub program_id: ProgramId,
    /// The budget.
    pub budget: String,
    /// The day on which the time began whose money it is.
    pub starts_on: Date,
}

/// Loads what some leases have left.
pub async fn load_leases(
    connection: &mut PgConnection,
    keys: &[LeaseKey],
) -> Result<HashMap<LeaseKey, i64>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select asked.shard as "shard!", asked.program_id as "program_id!", asked.budget as "budget!",
                  asked.starts_on as "starts_on!: jiff_sqlx::Date", lease.left as "left!"
             from unnest($1::smallint[], $2::uuid[], $3::text[], $4::date[]) as asked (shard, program_id, budget, starts_on)
            cross join lateral (
                  select granted - spent as left from campaign.budget_lease
                   where shard = asked.shard and program_id = asked.program_id and budget = asked.budget
                     and starts_on = asked.starts_on
                   limit 1) as lease"#,
        &keys.iter().map(|key| key.shard.get()).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.program_id.uuid()).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.budget.clone()).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.starts_on.to_sqlx()).collect::<Vec<_>>() as &[jiff_sqlx::Date],
    );
    let rows = rows.fetch_all(connection).await?;
    rows.into_iter()
        .map(|row| {
            let key = LeaseKey {
                shard: Shard::new(row.shard).ok_or_else(|| unreadable("shard of a lease"))?,
                program_id: row.program_id.into(),
                budget: row.budget,
                starts_on: row.starts_on.to_jiff(),
            };
            Ok((key, row.left))
        })
        .collect()
}

/// Charges leases. What is given back was spent of one, and what is spent is of one that has it: such a lease is there. One is made where all that is charged is beyond the budget.
pub fn charge_leases(charges: &BTreeMap<LeaseKey, Cost>, writes: &mut Writes) {
    let is_new = |cost: &Cost| cost.minor_units == 0 && cost.over_minor_units > 0;
    let of = |wanted: bool| {
        let changed = charges.iter().filter(|(_, cost)| **cost != Cost::default());
        changed.filter(move |(_, cost)| is_new(cost) == wanted)
    };
    if of(false).next().is_some() {
        let part = Part::new(
            "update campaign.budget_lease as lease
                set spent = lease.spent + charge.spent, over = lease.over + charge.over
               from unnest($1::smallint[], $2::uuid[], $3::text[], $4::date[], $5::bigint[], $6::bigint[])
                    as charge (shard, program_id, budget, starts_on, over, spent)
              where lease.shard = charge.shard and lease.program_id = charge.program_id
                and lease.budget = charge.budget and lease.starts_on = charge.starts_on
             returning 1",
        );
        let part = keyed(part, of(false)).column(of(false).map(|(_, cost)| cost.minor_units));
        writes.add(part.must_return(of(false).count()));
    }
    if of(true).next().is_some() {
        let part = Part::new(
            "insert into campaign.budget_lease as lease (shard, program_id, budget, starts_on, over, granted)
             select shard, program_id, budget, starts_on, over, 0
               from unnest($1::smallint[], $2::uuid[], $3::text[], $4::date[], $5::bigint[])
                    as charge (shard, program_id, budget, starts_on, over)
             on conflict (shard, program_id, budget, starts_on) do update set over = lease.over + excluded.over",
        );
        writes.add(keyed(part, of(true)));
    }
}

fn keyed<'a>(part: Part, charges: impl Iterator<Item = (&'a LeaseKey, &'a Cost)> + Clone) -> Part {
    let keys = || charges.clone().map(|(key, _)| key);
    part.column(keys().map(|key| key.shard.get()))
        .column(keys().map(|key| key.program_id.uuid()))
        .column(keys().map(|key| key.budget.clone()))
        .column(keys().map(|key| key.starts_on.to_sqlx()))
        .column(charges.clone().map(|(_, cost)| cost.over_minor_units))
}
