//! Decides what an activity that is not about an order earns.

use std::collections::BTreeMap;

use super::ENGINE_VERSION;
use super::activity::{Custom, Occasion};
use super::decision::{DecideError, Decision, MetricDeltas};
use super::evaluate::{Happening, Situation, judge, worth};
use super::facts::Facts;
use super::order::{awards, points_of};
use super::rules::Rules;

/// Decides what a custom activity earns: the points that campaigns of its kind add. There is no money in it, and nothing to multiply.
pub fn decide_custom(
    occasion: &Occasion,
    custom: &Custom,
    facts: Facts,
    rules: &Rules,
) -> Result<Decision, DecideError> {
    let happening = Happening::Custom { kind: &custom.kind };
    let accruals = judge(
        rules,
        &Situation {
            occasion,
            facts: &facts,
            happening,
        },
    )?;
    let awards = awards(&worth(&accruals)?, &BTreeMap::new());
    let points_earned = points_of(&awards);
    let metrics = MetricDeltas {
        spend_minor_units: 0,
        orders: 0,
        points_earned,
        counted_at: occasion.occurred_at,
    };
    Ok(Decision {
        facts,
        accruals,
        awards,
        metrics,
        returned: None,
        engine_version: ENGINE_VERSION,
    })
}
