//! What activities cost budgets.

use jiff::civil::Date;

use super::facts::{BudgetFact, Facts};

/// What an activity costs a budget, or gives back to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Charge {
    /// The budget.
    pub budget: String,
    /// The day on which the period began whose money it is: that of the purchase, for a return.
    pub starts_on: Date,
    /// What is taken of the budget's money; negative for what is given back.
    pub by: Cost,
    /// What the order costs after it; the same where the activity is about no order.
    pub standing: Cost,
}

/// Money of a budget.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Cost {
    /// What the budget had.
    pub minor_units: i64,
    /// What it had not: campaigns that are allowed to may cost more.
    pub over_minor_units: i64,
}

/// Charges what an activity costs, as far as budgets have it.
pub(super) fn charges(facts: &Facts, costs: &[(String, i64)]) -> Vec<Charge> {
    let charge = |fact: &BudgetFact| {
        let standing = Cost::of(cost_of(costs, &fact.budget), fact.available_minor_units);
        Charge {
            budget: fact.budget.clone(),
            starts_on: fact.starts_on,
            by: standing,
            standing,
        }
    };
    let charges = facts.budgets.iter().map(charge);
    charges.filter(|charge| charge.standing != Cost::default()).collect()
}

/// Charges what an order costs of which goods came back: no more than it did when it was bought. What it does not cost any more is given back.
pub(super) fn charges_after(costs: &[(String, i64)], bought: &[Charge], before: &[Charge]) -> Vec<Charge> {
    let charge = |bought: &Charge| {
        // What a budget had not when the order was bought, it does not pay later.
        let standing = Cost::of(cost_of(costs, &bought.budget), bought.standing.minor_units);
        let stood = standing_of(before, &bought.budget);
        Charge {
            by: Cost {
                minor_units: standing.minor_units - stood.minor_units,
                over_minor_units: standing.over_minor_units - stood.over_minor_units,
            },
            standing,
            ..bought.clone()
        }
    };
    let charges = bought.iter().map(charge);
    charges
        .filter(|charge| (charge.by, charge.standing) != Default::default())
        .collect()
}

/// Tells whether what is kept of an order would cost a budget more than all of it did: it may, where campaigns are for small orders only, or were too dear for the whole.
pub(super) fn costs_more(costs: &[(String, i64)], bought: &[Charge]) -> bool {
    costs
        .iter()
        .any(|(budget, cost)| *cost > standing_of(bought, budget).sum())
}

/// Says what a return may cost then: as much as its order did when it was bought.
pub(super) fn held(bought: &[Charge]) -> Vec<BudgetFact> {
    bought
        .iter()
        .map(|charge| held_at(charge, charge.standing.sum()))
        .collect()
}

/// Tells what is missing where earlier returns gave money back that this one needs again, and somebody else has spent it: by budget.
pub(super) fn missing(charges: &[Charge], spare: impl Fn(&Charge) -> i64) -> Vec<(String, i64)> {
    let missing = charges.iter().map(|charge| {
        (
            charge.budget.clone(),
            charge.by.minor_units.saturating_sub(spare(charge).max(0)),
        )
    });
    missing.filter(|(_, missing)| *missing > 0).collect()
}

/// Says what a return may cost then: what its order costs yet, and what there is besides.
pub(super) fn held_with(bought: &[Charge], before: &[Charge], spare: impl Fn(&Charge) -> i64) -> Vec<BudgetFact> {
    let fact = |charge: &Charge| {
        let most = standing_of(before, &charge.budget)
            .minor_units
            .saturating_add(spare(charge).max(0));
        held_at(charge, most.min(charge.standing.sum()))
    };
    bought.iter().map(fact).collect()
}

fn held_at(charge: &Charge, available_minor_units: i64) -> BudgetFact {
    BudgetFact {
        budget: charge.budget.clone(),
        starts_on: charge.starts_on,
        available_minor_units,
        is_held: true,
    }
}

fn cost_of(costs: &[(String, i64)], budget: &str) -> i64 {
    let found = costs.iter().find(|(known, _)| known == budget);
    found.map_or(0, |(_, cost)| *cost)
}

/// Returns what an order costs a budget by some charges.
pub(super) fn standing_of(charges: &[Charge], budget: &str) -> Cost {
    let found = charges.iter().find(|charge| charge.budget == budget);
    found.map(|charge| charge.standing).unwrap_or_default()
}

impl Cost {
    /// Parts a cost: what a budget has of it, and what it has not.
    fn of(cost: i64, available: i64) -> Cost {
        let covered = cost.min(available);
        Cost {
            minor_units: covered,
            over_minor_units: cost - covered,
        }
    }

    fn sum(self) -> i64 {
        self.minor_units.saturating_add(self.over_minor_units)
    }
}
