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

/// Charges what an activity costs. What was charged for its order before is given back as far as it is not needed any more.
pub(super) fn charges(facts: &Facts, costs: &[(String, i64)], before: Option<&[Charge]>) -> Vec<Charge> {
    let standing_before = |fact: &BudgetFact| {
        let of = before.into_iter().flatten().find(|charge| charge.budget == fact.budget);
        of.map(|charge| charge.standing).unwrap_or_default()
    };
    // What a budget had not when an order was bought, it does not pay later.
    let most = |fact: &BudgetFact| before.map_or(i64::MAX, |_| standing_before(fact).minor_units);
    let charge = |fact: &BudgetFact| {
        let cost = costs.iter().find(|(budget, _)| *budget == fact.budget);
        let cost = cost.map_or(0, |(_, cost)| *cost);
        let covered = cost.min(fact.available_minor_units).min(most(fact));
        let standing = Cost {
            minor_units: covered,
            over_minor_units: cost - covered,
        };
        let before = standing_before(fact);
        Charge {
            budget: fact.budget.clone(),
            starts_on: fact.starts_on,
            by: Cost {
                minor_units: standing.minor_units - before.minor_units,
                over_minor_units: standing.over_minor_units - before.over_minor_units,
            },
            standing,
        }
    };
    let charges = facts.budgets.iter().map(charge);
    charges
        .filter(|charge| (charge.by, charge.standing) != Default::default())
        .collect()
}

/// Tells whether what is kept of an order would cost a budget more than the order did before: it may, where campaigns are for small orders only, or were too dear for the
/// whole.
pub(super) fn costs_more(costs: &[(String, i64)], before: &[Charge]) -> bool {
    costs.iter().any(|(budget, cost)| {
        let of = before.iter().find(|charge| charge.budget == *budget);
        let standing = of.map(|charge| charge.standing).unwrap_or_default();
        *cost > standing.minor_units + standing.over_minor_units
    })
}

/// Says what such a return may cost: no more than its order did before, so that it never takes of what may be gone.
pub(super) fn held(charges: &[Charge]) -> Vec<BudgetFact> {
    let held = charges.iter().map(|charge| BudgetFact {
        budget: charge.budget.clone(),
        starts_on: charge.starts_on,
        available_minor_units: charge.standing.minor_units,
    });
    held.collect()
}
