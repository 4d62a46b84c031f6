//! The facts of a decision, as receipts keep them.

use common::{ratio::Ratio, time, zone::Zone};
use proto::{campaign as pb, value};

use super::{
    accruals::ratio,
    campaigns::{period, period_to_wire},
};
use crate::domain::{BudgetFact, Facts, HistoryFact, LevelFact, SampleFact, StreakFact, UseFact, Used};

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
        prospect: facts.is_prospect,
        uses: facts.uses.iter().map(use_to_wire).collect(),
        budgets: facts.budgets.iter().map(budget_to_wire).collect(),
        histories: facts.histories.iter().map(history_to_wire).collect(),
        streaks: facts.streaks.iter().map(streak_to_wire).collect(),
        samples: facts.samples.iter().map(sample_to_wire).collect(),
        counted: facts.is_counted,
        birthday_on: facts.birthday_on.map(|on| on.to_string()).unwrap_or_default(),
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
        is_prospect: wire.prospect,
        uses: wire.uses.iter().map(use_from_wire).collect::<Option<_>>()?,
        budgets: wire.budgets.iter().map(budget_from_wire).collect::<Option<_>>()?,
        histories: wire.histories.iter().map(history_from_wire).collect::<Option<_>>()?,
        streaks: wire.streaks.iter().map(streak_from_wire).collect(),
        samples: wire.samples.iter().map(sample_from_wire).collect(),
        is_counted: wire.counted,
        birthday_on: match wire.birthday_on.as_str() {
            "" => None,
            on => Some(on.parse().ok()?),
        },
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

fn history_to_wire(fact: &HistoryFact) -> pb::HistoryFact {
    pb::HistoryFact {
        kind: fact.kind.clone(),
        since: fact.since.to_string(),
        times: fact.times,
        days: fact.days,
        spend_minor_units: fact.spend_minor_units,
        on_this_day: fact.on_this_day,
    }
}

fn history_from_wire(wire: &pb::HistoryFact) -> Option<HistoryFact> {
    Some(HistoryFact {
        kind: wire.kind.clone(),
        since: wire.since.parse().ok()?,
        times: wire.times,
        days: wire.days,
        spend_minor_units: wire.spend_minor_units,
        on_this_day: wire.on_this_day,
    })
}

fn streak_to_wire(fact: &StreakFact) -> pb::StreakFact {
    pb::StreakFact {
        campaign: fact.campaign.clone(),
        within: fact.within.map_or(pb::LimitPeriod::Unspecified, period_to_wire).into(),
        days_before: fact.days_before,
        days_after: fact.days_after,
        other_days: fact.other_days,
        on_this_day: fact.on_this_day,
        made_up: fact.made_up,
    }
}

fn streak_from_wire(wire: &pb::StreakFact) -> StreakFact {
    StreakFact {
        campaign: wire.campaign.clone(),
        within: period(wire.within()),
        days_before: wire.days_before,
        days_after: wire.days_after,
        other_days: wire.other_days,
        on_this_day: wire.on_this_day,
        made_up: wire.made_up,
    }
}

/// Writes a member's place in a sample.
pub fn sample_to_wire(fact: &SampleFact) -> pb::SampleFact {
    pb::SampleFact {
        sample: fact.sample.clone(),
        per_mille: fact.per_mille,
    }
}

fn sample_from_wire(wire: &pb::SampleFact) -> SampleFact {
    SampleFact {
        sample: wire.sample.clone(),
        per_mille: wire.per_mille,
    }
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
