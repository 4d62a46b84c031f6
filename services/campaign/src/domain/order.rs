//! Decides purchases and returns: what an order is worth, and what of that a return takes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::ids::ActivityId;

use super::ENGINE_VERSION;
use super::activity::{Occasion, Return};
use super::decision::{AccrualDecision, Award, DecideError, Decision, MetricDeltas, ReturnedOrder};
use super::evaluate::{evaluate, worth};
use super::facts::Facts;
use super::kept::Kept;
use super::purchase::Purchase;
use super::rules::Rules;

/// An order with everything that judges it, pinned when it was recorded, and what of it is kept: the one thing that changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Order {
    /// The activity of the purchase.
    pub activity_id: ActivityId,
    /// When and by which channel it was bought.
    pub occasion: Occasion,
    /// What was bought.
    pub purchase: Purchase,
    /// What was known of the member.
    pub facts: Facts,
    /// The rules that were in force.
    pub rules: Arc<Rules>,
    /// What of it is kept.
    pub kept: Kept,
}

/// Decides what a purchase earns, by all of its goods.
pub fn decide_purchase(order: &Order) -> Result<Decision, DecideError> {
    let accruals = evaluate(order)?;
    let awards = awards(&worth(&accruals)?, &BTreeMap::new());
    let metrics = MetricDeltas {
        spend_minor_units: order.spend_minor_units(),
        orders: 1,
        points_earned: points_of(&awards),
        counted_at: order.occasion.occurred_at,
    };
    Ok(decision(order, accruals, awards, metrics, None))
}

/// Decides what a return takes back, and what of the order is kept after it. Refuses to take back more than is left.
///
/// Any returns, in any order, leave the member with what one order of only the kept goods would have earned under the same rules.
pub fn decide_return(order: &Order, returned: &Return) -> Result<(Kept, Decision), DecideError> {
    let kept = order.kept.without(&order.purchase, returned)?;
    let rest = Order { kept, ..order.clone() };
    let (before, after) = (evaluate(order)?, evaluate(&rest)?);
    let awards = awards(&worth(&after)?, &worth(&before)?);
    debug_assert!(awards.iter().all(|award| award.points < 0), "keeping less earned more");
    let metrics = MetricDeltas {
        spend_minor_units: rest.spend_minor_units() - order.spend_minor_units(),
        orders: if rest.kept.is_nothing() { -1 } else { 0 },
        points_earned: points_of(&awards),
        counted_at: order.occasion.occurred_at,
    };
    let about = ReturnedOrder {
        purchase_activity_id: order.activity_id,
        kept: rest.kept.lines(&rest.purchase),
    };
    let decision = decision(order, after, awards, metrics, Some(about));
    Ok((rest.kept, decision))
}

/// Tells what changes from one worth to another, by wallet, and leaves out what does not.
pub(super) fn awards(after: &BTreeMap<&str, i64>, before: &BTreeMap<&str, i64>) -> Vec<Award> {
    let changes = after
        .iter()
        .map(|(wallet, points)| (*wallet, points - before.get(wallet).unwrap_or(&0)));
    let awards = changes.filter(|(_, points)| *points != 0);
    awards
        .map(|(wallet, points)| Award {
            wallet: wallet.to_owned(),
            points,
        })
        .collect()
}

/// Adds up awards, whatever their wallets.
pub(super) fn points_of(awards: &[Award]) -> i64 {
    awards.iter().map(|award| award.points).sum()
}

fn decision(
    order: &Order,
    accruals: Vec<AccrualDecision>,
    awards: Vec<Award>,
    metrics: MetricDeltas,
    returned: Option<ReturnedOrder>,
) -> Decision {
    Decision {
        facts: order.facts.clone(),
        accruals,
        awards,
        metrics,
        returned,
        engine_version: ENGINE_VERSION,
    }
}

impl Order {
    /// Returns what is spent on what is kept: after discounts, without tax and freight.
    fn spend_minor_units(&self) -> i64 {
        self.kept
            .iter(&self.purchase)
            .map(|(_, money)| money.price_minor_units())
            .sum()
    }
}
