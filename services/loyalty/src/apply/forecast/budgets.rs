//! What campaigns would take of the budgets that pay for them, in the period in which they take the most.

use std::{cmp::Reverse, collections::BTreeMap};

use campaign::domain::{Budget, ancestors};
use jiff::civil::Date;
use proto::campaign::{Budget as Wire, BudgetPeriod};

use crate::apply::manifest::Manifest;

use super::Untold;

/// What campaigns would take of a budget.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Strain {
    /// The budget.
    pub budget: String,
    /// For which time its money is.
    pub period: BudgetPeriod,
    /// How much of it can be spent in each period without the reserve, in minor units.
    pub spendable_minor_units: i64,
    /// The day on which the period begins in which campaigns would take the most; all time begins on one day.
    pub dearest_on: Date,
    /// What they would take in it.
    pub dearest_minor_units: i64,
}

/// Tells what campaigns would take of every budget that pays for one, with those that it is a part of, in the order of the file. What they take is known by campaign and month:
/// no period of a budget begins within a month.
pub fn strains(manifest: &Manifest, paid: &BTreeMap<(String, Date), i128>) -> Result<Vec<Strain>, Untold> {
    let read = manifest.budgets.iter().map(campaign::budget_from_wire);
    let budgets: Result<Vec<Budget>, _> = read.collect();
    let budgets = budgets.map_err(|error| Untold::Unreadable(error.to_string()))?;
    let mut taken: BTreeMap<(&str, Date), i128> = BTreeMap::new();
    for ((code, month), cost) in paid {
        for budget in paying(manifest, &budgets, code) {
            *taken.entry((&budget.code, budget.period.start(*month))).or_default() += cost;
        }
    }
    let of_budget = |(budget, wire): (&Budget, &Wire)| {
        let periods = taken.iter().filter(|((code, _), _)| *code == budget.code);
        let ((_, dearest_on), dearest) = periods.max_by_key(|((_, on), cost)| (*cost, Reverse(*on)))?;
        Some(i64::try_from(*dearest).map(|dearest_minor_units| Strain {
            budget: budget.code.clone(),
            period: wire.period(),
            spendable_minor_units: budget.open_minor_units(),
            dearest_on: *dearest_on,
            dearest_minor_units,
        }))
    };
    let strains = budgets.iter().zip(&manifest.budgets).filter_map(of_budget);
    strains.collect::<Result<_, _>>().map_err(|_| Untold::TooLarge)
}

/// Returns the budget that pays for a campaign, and those around it.
fn paying<'a>(manifest: &Manifest, budgets: &'a [Budget], campaign: &str) -> Vec<&'a Budget> {
    let find = |code: &str| budgets.iter().find(|budget| budget.code == code);
    let campaign = manifest.campaigns.iter().find(|known| known.code == campaign);
    let funding = campaign.and_then(|campaign| campaign.funding.as_ref());
    let Some(budget) = funding.and_then(|funding| find(&funding.budget)) else {
        return Vec::new();
    };
    let around = ancestors(budget, find).unwrap_or_default();
    std::iter::once(budget).chain(around).collect()
}
