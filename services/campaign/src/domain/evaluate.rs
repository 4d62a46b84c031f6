//! What an order earns by what of it is kept. Everything else is bookkeeping around this function.

use std::collections::BTreeMap;

use common::points::Points;
use common::ratio::Ratio;

use super::accrual::{Accrual, EarnBase};
use super::activity::Occasion;
use super::campaign::{Campaign, Effect, NotFired};
use super::decision::{AccrualDecision, CampaignDecision, DecideError};
use super::factor::{Manner, Multiplier, Raise, multiply};
use super::facts::Facts;
use super::kept::Kept;
use super::order::Order;
use super::purchase::Purchase;
use super::rules::{Rules, Version};

/// The most points that one activity awards to one wallet: as many as the points service takes in one posting.
const MAX_AWARD_POINTS: i64 = 1_000_000_000_000;
/// The most wallets that one activity awards: as many as the points service takes in one batch.
const MAX_WALLETS: usize = 50;

/// What is judged.
pub(super) struct Situation<'a> {
    pub occasion: &'a Occasion,
    pub facts: &'a Facts,
    pub happening: Happening<'a>,
}

/// What happened, as far as rules can tell.
pub(super) enum Happening<'a> {
    Purchase { purchase: &'a Purchase, kept: &'a Kept },
    Custom { kind: &'a str },
}

/// Tells what an order earns by what of it is kept, one decision for each accrual. Keeping more never earns less; keeping nothing earns nothing.
pub fn evaluate(order: &Order) -> Result<Vec<AccrualDecision>, DecideError> {
    let happening = Happening::Purchase {
        purchase: &order.purchase,
        kept: &order.kept,
    };
    judge(
        &order.rules,
        &Situation {
            occasion: &order.occasion,
            facts: &order.facts,
            happening,
        },
    )
}

/// Lets every accrual judge a situation.
pub(super) fn judge(rules: &Rules, situation: &Situation<'_>) -> Result<Vec<AccrualDecision>, DecideError> {
    let decisions = rules.accruals().iter().map(|accrual| {
        let campaigns: Vec<_> = rules.campaigns_of(&accrual.rule.code).collect();
        judge_accrual(accrual, &campaigns, situation).ok_or(DecideError::AwardOutOfRange)
    });
    decisions.collect()
}

/// Adds up what accruals award, by wallet.
pub(super) fn worth(accruals: &[AccrualDecision]) -> Result<BTreeMap<&str, i64>, DecideError> {
    let mut worth = BTreeMap::new();
    for accrual in accruals {
        let points = worth.entry(accrual.wallet.as_str()).or_insert(0);
        *points += accrual.points.get();
        if *points > MAX_AWARD_POINTS {
            return Err(DecideError::AwardOutOfRange);
        }
    }
    if worth.len() > MAX_WALLETS {
        Err(DecideError::AwardOutOfRange)
    } else {
        Ok(worth)
    }
}

fn judge_accrual(
    accrual: &Version<Accrual>,
    campaigns: &[&Version<Campaign>],
    situation: &Situation<'_>,
) -> Option<AccrualDecision> {
    let rule = &accrual.rule;
    let base_minor_units = situation.base_minor_units(&rule.base);
    let base_points = rule.rate.points_for(base_minor_units)?;
    let tier_factor = situation.facts.factor_on(rule.ladder.as_deref());
    let level = situation.facts.level_on(rule.ladder.as_deref());
    let why_not = |campaign: &&Version<Campaign>| campaign.rule.why_not(situation, level, base_minor_units);
    let not_fired: Vec<Option<NotFired>> = campaigns.iter().map(why_not).collect();

    let fired = campaigns
        .iter()
        .zip(&not_fired)
        .filter(|(_, not_fired)| not_fired.is_none());
    let multipliers: Vec<_> = fired.filter_map(|(campaign, _)| multiplier(&campaign.rule)).collect();
    let manner = Manner {
        composition: rule.composition,
        rounding: rule.rounding,
    };
    let multiplied = multiply(base_points, tier_factor, &multipliers, manner)?;

    let mut raises = multiplied.raises.into_iter();
    let mut added_points = Points::ZERO;
    let mut decisions = Vec::with_capacity(campaigns.len());
    for (campaign, not_fired) in campaigns.iter().zip(not_fired) {
        let raise = match (not_fired, campaign.rule.effect) {
            (Some(_), _) => Raise::NONE,
            (None, Effect::Multiply(_)) => raises.next()?,
            (None, Effect::AddPoints(points)) => Raise::within(campaign.rule.max_points_per_order, points),
        };
        if matches!(campaign.rule.effect, Effect::AddPoints(_)) {
            added_points = added_points.checked_add(raise.points)?;
        }
        decisions.push(decision(campaign, not_fired, raise));
    }
    let award = Raise::within(
        situation.cap(rule),
        multiplied.rounded_points.checked_add(added_points)?,
    );
    Some(AccrualDecision {
        accrual: rule.code.clone(),
        version: accrual.version,
        wallet: rule.wallet.clone(),
        base_minor_units,
        base_points: writable(base_points)?,
        campaigns: decisions,
        tier_factor,
        factor: writable(multiplied.factor)?,
        rounded_points: multiplied.rounded_points,
        added_points,
        capped_points: award.capped_points,
        points: award.points,
    })
}

fn multiplier(campaign: &Campaign) -> Option<Multiplier> {
    match campaign.effect {
        Effect::Multiply(factor) => Some(Multiplier {
            factor,
            cap: campaign.max_points_per_order,
        }),
        Effect::AddPoints(_) => None,
    }
}

fn decision(campaign: &Version<Campaign>, not_fired: Option<NotFired>, raise: Raise) -> CampaignDecision {
    CampaignDecision {
        campaign: campaign.rule.code.clone(),
        version: campaign.version,
        not_fired,
        points: raise.points,
        capped_points: raise.capped_points,
    }
}

/// Lets through what a receipt can state exactly.
fn writable(ratio: Ratio) -> Option<Ratio> {
    (ratio.num().is_some() && ratio.den().is_some()).then_some(ratio)
}

impl Situation<'_> {
    /// Returns the money that counts. Freight is kept until nothing is left of the order.
    fn base_minor_units(&self, base: &EarnBase) -> i64 {
        let Happening::Purchase { purchase, kept } = self.happening else {
            return 0;
        };
        let lines: i64 = kept.iter(purchase).map(|(_, money)| base.of_line(money)).sum();
        if base.with_freight && !kept.is_nothing() {
            lines + purchase.freight_minor_units()
        } else {
            lines
        }
    }

    /// Returns the cap on the order, if this is one.
    fn cap(&self, accrual: &Accrual) -> Option<Points> {
        match self.happening {
            Happening::Purchase { .. } => accrual.max_points_per_order,
            Happening::Custom { .. } => None,
        }
    }
}
