//! Evaluates accruals and campaigns.

use std::collections::BTreeMap;

use common::points::Points;
use common::ratio::Ratio;

use super::accrual::Accrual;
use super::campaign::{Campaign, Does, Effect, PointsPer};
use super::decision::{AccrualDecision, CampaignDecision, Contribution, DecideError, GroupUsed};
use super::factor::{Manner, Multiplier, Raise, multiply};
use super::fire::{Fared, fire};
use super::lines::counts;
use super::order::Order;
use super::rules::{Rules, Version};
use super::situation::{Bought, Happening, Situation};

/// The most points that one activity awards to one wallet: as many as the points service takes in one posting.
const MAX_AWARD_POINTS: i64 = 1_000_000_000_000;
/// The most wallets that one activity awards: as many as the points service takes in one batch.
const MAX_WALLETS: usize = 50;

/// How rules judged a situation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Judgement {
    /// Every campaign that was considered, in that order.
    pub campaigns: Vec<CampaignDecision>,
    /// One for each accrual.
    pub accruals: Vec<AccrualDecision>,
    /// The groups that combined the campaigns.
    pub groups: Vec<GroupUsed>,
}

/// Tells what an order earns by what of it is kept, as if nothing else had been bought. Keeping nothing earns nothing.
pub fn evaluate(order: &Order) -> Result<Judgement, DecideError> {
    let bought = Bought::new(&order.purchase, &order.kept);
    let situation = Situation::new(&order.occasion, &order.facts, Happening::Purchase(bought));
    judge(&order.rules, &situation)
}

/// Lets campaigns and accruals judge a situation.
pub(super) fn judge(rules: &Rules, situation: &Situation<'_>) -> Result<Judgement, DecideError> {
    let fired = fire(rules, situation).ok_or(DecideError::AwardOutOfRange)?;
    let mut left: BTreeMap<&str, Points> = BTreeMap::new();
    for campaign in fired.campaigns.iter().filter(|fared| fared.unmet.is_none()) {
        if let Some(points) = campaign.version.rule.points_left(situation) {
            left.insert(&campaign.version.rule.code, points);
        }
    }
    let mut accruals = Vec::with_capacity(rules.accruals().len());
    for accrual in rules.accruals() {
        let judged = judge_accrual(accrual, &fired.campaigns, &mut left, situation);
        accruals.push(judged.ok_or(DecideError::AwardOutOfRange)?);
    }
    Ok(Judgement {
        campaigns: fired.campaigns.iter().map(Fared::decision).collect(),
        accruals,
        groups: fired.groups,
    })
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

/// Returns the points that a campaign would bring alone, after its own caps.
pub(super) fn alone(campaign: &Campaign, rules: &Rules, situation: &Situation<'_>) -> Option<i128> {
    let mut points = 0;
    for accrual in rules.accruals() {
        let rule = &accrual.rule;
        for effect in campaign.effects.iter().filter(|effect| effect.accrual == rule.code) {
            let raise = match multiplier(effect, rule, situation)? {
                Some(multiplier) => {
                    let tier_factor = situation.facts.factor_on(rule.ladder.as_deref());
                    *multiply(base(rule, situation)?, tier_factor, &[multiplier], manner(rule))?
                        .raises
                        .first()?
                }
                None => Raise::within(effect.max_points, added(effect, rule, situation)?),
            };
            points += i128::from(raise.points.get());
        }
    }
    let left = campaign.points_left(situation);
    Some(left.map_or(points, |left| points.min(i128::from(left.get()))))
}

fn judge_accrual<'a>(
    accrual: &Version<Accrual>,
    campaigns: &'a [Fared<'_>],
    left: &mut BTreeMap<&'a str, Points>,
    situation: &Situation<'_>,
) -> Option<AccrualDecision> {
    let rule = &accrual.rule;
    let base_points = base(rule, situation)?;
    let tier_factor = situation.facts.factor_on(rule.ladder.as_deref());
    let effects = effects_on(rule, campaigns);

    let mut multipliers = Vec::new();
    let mut of_multipliers = Vec::new();
    for (at, of) in effects.iter().enumerate() {
        if let Some(multiplier) = multiplier(of.effect, rule, situation)? {
            let cap = tighter(multiplier.cap, left.get(of.campaign).copied());
            multipliers.push(Multiplier { cap, ..multiplier });
            of_multipliers.push(at);
        }
    }
    let multiplied = multiply(base_points, tier_factor, &multipliers, manner(rule))?;

    let mut raises = vec![None; effects.len()];
    for (at, raise) in of_multipliers.into_iter().zip(multiplied.raises) {
        raises[at] = Some(within_limit(raise, left.get_mut(effects[at].campaign)));
    }
    let mut rounded_points = multiplied.rounded_points;
    let mut added_points = Points::ZERO;
    let mut contributions = Vec::with_capacity(effects.len());
    for (of, raise) in effects.iter().zip(raises) {
        let raise = match raise {
            Some((raise, over)) => {
                rounded_points = rounded_points.checked_sub(over)?;
                raise
            }
            None => {
                let uncapped = Raise::within(of.effect.max_points, added(of.effect, rule, situation)?);
                let (raise, _) = within_limit(uncapped, left.get_mut(of.campaign));
                added_points = added_points.checked_add(raise.points)?;
                raise
            }
        };
        contributions.push(Contribution {
            campaign: of.campaign.to_owned(),
            effect: of.at,
            points: raise.points,
            capped_points: raise.capped_points,
        });
    }
    let award = Raise::within(situation.cap(rule), rounded_points.checked_add(added_points)?);
    Some(AccrualDecision {
        accrual: rule.code.clone(),
        version: accrual.version,
        wallet: rule.wallet.clone(),
        base_minor_units: situation
            .order()
            .map_or(0, |bought| bought.minor_units(&rule.base, None)),
        base_points: writable(base_points)?,
        contributions,
        tier_factor,
        factor: writable(multiplied.factor)?,
        rounded_points,
        added_points,
        capped_points: award.capped_points,
        points: award.points,
    })
}

/// An effect of a campaign that applies.
struct EffectOf<'a> {
    campaign: &'a str,
    at: usize,
    effect: &'a Effect,
}

fn effects_on<'a>(rule: &Accrual, campaigns: &'a [Fared<'_>]) -> Vec<EffectOf<'a>> {
    let fired = campaigns.iter().filter(|fared| fared.unmet.is_none());
    let effects = fired.flat_map(|fared| {
        let of = |(at, effect)| EffectOf {
            campaign: &fared.version.rule.code,
            at,
            effect,
        };
        fared.version.rule.effects.iter().enumerate().map(of)
    });
    effects.filter(|of| of.effect.accrual == rule.code).collect()
}

/// Takes off what a campaign's limit does not allow any more, and tells how much that is.
fn within_limit(raise: Raise, left: Option<&mut Points>) -> (Raise, Points) {
    let Some(left) = left else { return (raise, Points::ZERO) };
    let allowed = raise.points.min(*left);
    let over = raise.points.saturating_sub(allowed);
    *left = left.saturating_sub(allowed);
    let raise = Raise {
        points: allowed,
        capped_points: raise.capped_points.checked_add(over).unwrap_or(Points::MAX),
    };
    (raise, over)
}

fn tighter(one: Option<Points>, other: Option<Points>) -> Option<Points> {
    one.into_iter().chain(other).min()
}

fn manner(rule: &Accrual) -> Manner {
    Manner {
        composition: rule.composition,
        rounding: rule.rounding,
    }
}

/// Returns what the rate of an accrual makes of an order, before any factor.
fn base(rule: &Accrual, situation: &Situation<'_>) -> Option<Ratio> {
    match (&rule.rate, situation.order()) {
        (Some(rate), Some(bought)) => bought.points(rate, &rule.base, None),
        _ => Some(Ratio::ZERO),
    }
}

/// Returns the multiplier of an effect that multiplies. The inner option is empty for one that adds, the outer where a number cannot be held.
fn multiplier(effect: &Effect, rule: &Accrual, situation: &Situation<'_>) -> Option<Option<Multiplier>> {
    let Does::Multiply { factor, lines } = &effect.does else {
        return Some(None);
    };
    let of_lines = match (lines, &rule.rate, situation.order()) {
        (None, ..) => None,
        (Some(filter), Some(rate), Some(bought)) => Some(bought.points(rate, &rule.base, Some(filter))?),
        (Some(_), ..) => Some(Ratio::ZERO),
    };
    Some(Some(Multiplier {
        factor: *factor,
        of_lines,
        cap: effect.max_points,
    }))
}

/// Returns the points that an effect adds, before its cap.
fn added(effect: &Effect, rule: &Accrual, situation: &Situation<'_>) -> Option<Points> {
    match &effect.does {
        Does::Multiply { .. } => Some(Points::ZERO),
        Does::AddPoints { points, per, lines } => {
            let counted = || {
                situation
                    .order()
                    .into_iter()
                    .flat_map(Bought::lines)
                    .filter(|kept| counts(lines.as_ref(), kept.line))
            };
            let times = match per {
                PointsPer::Activity => 1,
                PointsPer::Line => i64::try_from(counted().count()).ok()?,
                PointsPer::Piece => counted().map(|kept| kept.pieces()).sum(),
            };
            Points::new(points.get().checked_mul(times)?)
        }
        Does::Earn { rate, base, lines } => match situation.order() {
            Some(bought) => {
                let exact = bought.points(rate, base.as_ref().unwrap_or(&rule.base), lines.as_ref())?;
                Points::new(exact.round(rule.rounding)?)
            }
            None => Some(Points::ZERO),
        },
    }
}

/// Lets through what a receipt can state exactly.
fn writable(ratio: Ratio) -> Option<Ratio> {
    (ratio.num().is_some() && ratio.den().is_some()).then_some(ratio)
}

impl Situation<'_> {
    /// Returns the cap on the order, if this is one.
    fn cap(&self, accrual: &Accrual) -> Option<Points> {
        self.order().and(accrual.max_points_per_order)
    }
}
