//! Decides what an activity that is not about an order earns.

use std::collections::BTreeMap;

use super::activity::{Custom, Occasion};
use super::decision::{DecideError, MetricDeltas};
use super::evaluate::{judge, worth};
use super::facts::Facts;
use super::order::{Decided, awards, decision, points_of};
use super::results::results;
use super::rules::Rules;
use super::situation::{Happening, Situation};
use super::uses::{make_ups, uses};

/// Decides what a custom activity earns: the points that campaigns of its kind add. There is no money in it, and nothing to multiply.
pub fn decide_custom(
    occasion: &Occasion,
    custom: &Custom,
    facts: &Facts,
    rules: &Rules,
) -> Result<Decided, DecideError> {
    let situation = Situation::new(occasion, facts, Happening::Custom(custom));
    let judged = judge(rules, &situation)?;
    let awards = awards(&worth(&judged)?, &BTreeMap::new());
    let metrics = MetricDeltas {
        spend_minor_units: 0,
        orders: 0,
        points_earned: points_of(&awards),
        counted_at: occasion.occurred_at,
    };
    let mut facts = facts.clone();
    facts.keep_needed(&judged);
    let mut uses = uses(rules, &judged, None);
    uses.extend(make_ups(rules, &judged, &situation));
    Ok(Decided {
        uses,
        results: results((&judged, 0), None),
        shortages: judged.shortages.clone(),
        decision: decision(&facts, judged, awards, metrics, None),
    })
}
