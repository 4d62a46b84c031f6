//! The facts of a decision, as receipts keep them.

use common::{ratio::Ratio, zone::Zone};
use proto::{campaign as pb, value};

use super::accruals::ratio;
use crate::domain::{Facts, LevelFact};

/// Writes facts.
pub(super) fn facts_to_wire(facts: &Facts) -> pb::Facts {
    let level = |fact: &LevelFact| pb::LevelFact {
        ladder: fact.ladder.clone(),
        level: fact.level.clone().unwrap_or_default(),
        accrual_factor: Some(ratio_to_wire(fact.accrual_factor)),
    };
    pb::Facts {
        levels: facts.levels.iter().map(level).collect(),
        purchases_before: facts.purchases_before,
        zone: facts.zone.name().to_owned(),
    }
}

/// Reads facts.
pub(super) fn facts_from_wire(wire: &pb::Facts) -> Option<Facts> {
    let level = |fact: &pb::LevelFact| {
        Some(LevelFact {
            ladder: fact.ladder.clone(),
            level: (!fact.level.is_empty()).then(|| fact.level.clone()),
            accrual_factor: ratio(fact.accrual_factor?)?,
        })
    };
    Some(Facts {
        levels: wire.levels.iter().map(level).collect::<Option<_>>()?,
        purchases_before: wire.purchases_before,
        zone: Zone::find(&wire.zone)?,
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
