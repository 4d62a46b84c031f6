//! Decides purchases and returns: what an order is worth, and what of that a return takes back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::ids::ActivityId;

use super::ENGINE_VERSION;
use super::activity::{Occasion, Return};
use super::charge::{Charge, Cost, charges, charges_after, costs_more, held, held_with, missing, standing_of};
use super::credit::{Credit, credits, take_back};
use super::decision::{Award, DecideError, Decision, MetricDeltas, ReturnedOrder};
use super::evaluate::{Judgement, Shortage, Worth, evaluate, worth};
use super::facts::{BudgetFact, Facts};
use super::grant::{StandingGrant, regrant, stand};
use super::kept::Kept;
use super::limit::UseChange;
use super::purchase::Purchase;
use super::results::{CampaignResult, results};
use super::rules::Rules;
use super::situation::Bought;
use super::terms::Destination;
use super::uses::uses;

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
    /// What of its points stands in the ledger.
    pub standing: Vec<Credit>,
    /// What campaigns have given for it besides points.
    pub given: Vec<StandingGrant>,
    /// What budgets had left when it was bought. What it was judged by last is among the facts.
    pub money: Vec<BudgetFact>,
    /// What it cost budgets when it was bought.
    pub bought: Vec<Charge>,
    /// What it costs budgets.
    pub charges: Vec<Charge>,
    /// What of it is kept.
    pub kept: Kept,
}

/// A decision, and what it adds to how often campaigns applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decided {
    /// The receipt.
    pub decision: Decision,
    /// What it adds, for campaigns with limits.
    pub uses: Vec<UseChange>,
    /// What it adds to what campaigns bring about.
    pub results: Vec<CampaignResult>,
    /// Which budgets had not enough left for it.
    pub shortages: Vec<Shortage>,
}

/// Decides what a purchase earns, by all of its goods.
pub fn decide_purchase(order: &mut Order) -> Result<Decided, DecideError> {
    let judged = evaluate(order)?;
    let awards = awards(&worth(&judged)?, &BTreeMap::new());
    let metrics = order.counted(MetricDeltas {
        spend_minor_units: order.spend_minor_units(),
        orders: 1,
        points_earned: points_of(&awards),
        counted_at: order.occasion.occurred_at,
    });
    order.standing = credits(order.activity_id, &awards);
    order.given = stand(order.activity_id, &judged.given);
    order.facts.keep_needed(&judged);
    let decided = Decided {
        uses: uses(&order.rules, &judged, None),
        results: results((&judged, metrics.spend_minor_units), None),
        shortages: judged.shortages.clone(),
        decision: decision(&order.facts, judged, awards, metrics, None),
    };
    order.money.clone_from(&order.facts.budgets);
    order.bought.clone_from(&decided.decision.charges);
    order.charges.clone_from(&decided.decision.charges);
    Ok(decided)
}

/// Decides what a return changes, and what of the order is left after it. Refuses to take back more than is left.
///
/// Any returns, in any order, leave the member with what one order of only the kept goods would have earned under the same rules. That is nearly always less than before;
/// it is more where a campaign is for small orders only. What it costs budgets is at most what the purchase did; where earlier returns gave of that back, it is taken again of
/// what they have to spare, and what they have not is missing.
pub fn decide_return(
    order: &Order,
    activity_id: ActivityId,
    returned: &Return,
    spare: impl Fn(&Charge) -> i64,
) -> Result<(Order, Decided), DecideError> {
    let kept = order.kept.without(&order.purchase, returned)?;
    let mut rest = Order { kept, ..order.clone() };
    let before = evaluate(order)?;
    rest.facts.budgets.clone_from(&order.money);
    let mut after = evaluate(&rest)?;
    if costs_more(&after.costs, &order.bought) {
        rest.facts.budgets = held(&order.bought);
        after = evaluate(&rest)?;
    }
    let mut charges = charges_after(&after.costs, &order.bought, &order.charges);
    let missing = missing(&charges, &spare);
    if !missing.is_empty() {
        rest.facts.budgets = held_with(&order.bought, &order.charges, &spare);
        after = evaluate(&rest)?;
        charges = charges_after(&after.costs, &order.bought, &order.charges);
    }
    let awards = awards(&worth(&after)?, &worth(&before)?);
    let regranted = regrant(&order.given, activity_id, &after.given);
    rest.given.clone_from(&regranted.standing);
    after.given = regranted.given;
    let (reversed, standing) = take_back(&order.standing, activity_id, &awards);
    rest.standing = standing;
    let metrics = order.counted(MetricDeltas {
        spend_minor_units: rest.spend_minor_units() - order.spend_minor_units(),
        orders: if rest.kept.is_nothing() { -1 } else { 0 },
        points_earned: points_of(&awards),
        counted_at: order.occasion.occurred_at,
    });
    let about = ReturnedOrder {
        purchase_activity_id: order.activity_id,
        kept: rest.kept.lines(&rest.purchase),
        reversed,
        standing: rest.standing.clone(),
        revoked: regranted.revoked,
        standing_given: regranted.standing,
    };
    let uses = uses(&order.rules, &after, Some(&before));
    let before = (&before, order.spend_minor_units());
    let decided = Decided {
        uses,
        results: results((&after, rest.spend_minor_units()), Some(before)),
        shortages: missing.into_iter().map(Shortage::of_return).collect(),
        decision: Decision {
            charges: charges.clone(),
            ..decision(&rest.facts, after, awards, metrics, Some(about))
        },
    };
    rest.charges = charges;
    Ok((rest, decided))
}

/// Tells what changes from one worth to another, by where it goes, and leaves out what does not.
pub(super) fn awards(after: &Worth<'_>, before: &Worth<'_>) -> Vec<Award> {
    let all: BTreeSet<&Destination> = after.keys().chain(before.keys()).copied().collect();
    let of = |worth: &Worth<'_>, to| worth.get(to).copied().unwrap_or(0);
    let changes = all.into_iter().map(|to| (to, of(after, to) - of(before, to)));
    let awards = changes.filter(|(_, points)| *points != 0);
    awards.map(|(to, points)| Award { to: to.clone(), points }).collect()
}

/// Adds up awards, whatever their wallets.
pub(super) fn points_of(awards: &[Award]) -> i64 {
    awards.iter().map(|award| award.points).sum()
}

/// Writes a receipt.
pub(super) fn decision(
    facts: &Facts,
    judged: Judgement,
    awards: Vec<Award>,
    metrics: MetricDeltas,
    returned: Option<ReturnedOrder>,
) -> Decision {
    Decision {
        facts: facts.clone(),
        charges: charges(facts, &judged.costs),
        campaigns: judged.campaigns,
        accruals: judged.accruals,
        awards,
        given: judged.given,
        metrics,
        returned,
        groups: judged.groups,
        engine_version: ENGINE_VERSION,
    }
}

impl Order {
    /// Returns what it costs a budget.
    pub fn costs(&self, budget: &str) -> Cost {
        standing_of(&self.charges, budget)
    }

    /// Tells whether it counts as the doing of a member: that of a prospect does where any accrual is for prospects.
    pub fn counts(&self) -> bool {
        !self.facts.is_prospect || !self.rules.accruals().is_empty()
    }

    /// What does not count adds nothing.
    fn counted(&self, metrics: MetricDeltas) -> MetricDeltas {
        if self.counts() {
            return metrics;
        }
        MetricDeltas {
            spend_minor_units: 0,
            orders: 0,
            ..metrics
        }
    }

    /// Returns what is spent on what is kept: after discounts, without tax and freight.
    pub fn spend_minor_units(&self) -> i64 {
        Bought::new(&self.purchase, &self.kept).spend_minor_units()
    }
}
