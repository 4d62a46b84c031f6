//! The facts of a decision, as receipts keep them.

use common::{ratio::Ratio, time, zone::Zone};
use proto::{campaign as pb, value};

use super::{
    accruals::ratio,
    campaigns::{period, period_to_wire},
};
use crate::domain::{BudgetFact, Facts, LevelFact, UseFact, Used};

/// Writes facts.
pub(super) fn facts_to_wire(facts: &Facts) -> pb::Facts {
    let level = |fact: &LevelFact| pb::LevelFact {
        ladder: fact.ladder.clone(),
        level: fact.level.clone().unwrap_or_default(),
        accrual_factor: Some(ratio_to_wire(fact.accrual_factor)),
        discount_per_mille: i32::try_from(fact.discount_per_mille).unwrap_or(0),
    };
    pb::Facts {
        levels: facts.levels.iter().map(level).collect(),
        purchases_before: facts.purchases_before,
        zone: facts.zone.name().to_owned(),
        enrolled_at: facts.enrolled_at.map(time::to_wire),
        uses: facts.uses.iter().map(use_to_wire).collect(),
        budgets: facts.budgets.iter().map(budget_to_wire).collect(),
    }
}

/// Reads facts.
pub(super) fn facts_from_wire(wire: &pb::Facts) -> Option<Facts> {
    let level = |fact: &pb::LevelFact| {
        Some(LevelFact {
            ladder: fact.ladder.clone(),
            level: (!fact.level.is_empty()).then(|| fact.level.clone()),
            accrual_factor: ratio(fact.accrual_factor?)?,
            discount_per_mille: i64::from(fact.discount_per_mille),
        })
    };
    Some(Facts {
        levels: wire.levels.iter().map(level).collect::<Option<_>>()?,
        purchases_before: wire.purchases_before,
        zone: Zone::find(&wire.zone)?,
        enrolled_at: wire.enrolled_at.and_then(time::from_wire),
        uses: wire.uses.iter().map(use_from_wire).collect::<Option<_>>()?,
        budgets: wire.budgets.iter().map(budget_from_wire).collect::<Option<_>>()?,
    })
}

fn budget_to_wire(fact: &BudgetFact) -> pb::BudgetFact {
    pb::BudgetFact {
        budget: fact.budget.clone(),
        starts_on: fact.starts_on.to_string(),
        available_minor_units: fact.available_minor_units,
        held: fact.is_held,
    }
}

fn budget_from_wire(wire: &pb::BudgetFact) -> Option<BudgetFact> {
    Some(BudgetFact {
        budget: wire.budget.clone(),
        starts_on: wire.starts_on.parse().ok()?,
        available_minor_units: wire.available_minor_units,
        is_held: wire.held,
    })
}

fn use_to_wire(fact: &UseFact) -> pb::Use {
    pb::Use {
        campaign: fact.campaign.clone(),
        period: period_to_wire(fact.period).into(),
        times: fact.used.times,
        points: fact.used.points,
    }
}

fn use_from_wire(wire: &pb::Use) -> Option<UseFact> {
    Some(UseFact {
        campaign: wire.campaign.clone(),
        period: period(wire.period())?,
        used: Used {
            times: wire.times,
            points: wire.points,
        },
    })
}

/// Writes a ratio of a receipt; the domain lets only such into one as can be written.
pub(super) fn ratio_to_wire(ratio: Ratio) -> value::Ratio {
    let (num, den) = ratio
        .num()
        .zip(ratio.den())
        .expect("a receipt states its ratios exactly");
    value::Ratio { num, den }
}
