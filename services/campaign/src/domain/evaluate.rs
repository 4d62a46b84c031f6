//! Evaluates accruals and campaigns.

use std::collections::{BTreeMap, BTreeSet};

use common::points::Points;
use common::ratio::Ratio;

use super::accrual::Accrual;
use super::budget::OnShortage;
use super::campaign::{Campaign, Does, Effect, PointsPer};
use super::decision::{AccrualDecision, CampaignDecision, Contribution, DecideError, GroupUsed};
use super::factor::{Manner, Multiplier, Raise, multiply};
use super::fire::{Aim, Fared, fire};
use super::grant::{Given, given};
use super::lines::counts;
use super::order::Order;
use super::purse::{Purse, Short};
use super::results::{Brought, brought};
use super::rules::{Rules, Version};
use super::situation::{Bought, Happening, Situation};
use super::terms::{Destination, Terms, part};

/// The most points that one activity awards to one wallet: as many as the points service takes in one posting.
const MAX_AWARD_POINTS: i64 = 1_000_000_000_000;
/// The most places that what one activity awards goes to: as many as the points service takes in one batch.
const MAX_PARTS: usize = 50;

/// How rules judged a situation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Judgement {
    /// Every campaign that was considered, in that order.
    pub campaigns: Vec<CampaignDecision>,
    /// One for each accrual.
    pub accruals: Vec<AccrualDecision>,
    /// What they award, by where it goes.
    pub parts: Vec<(Destination, i64)>,
    /// What they give besides points.
    pub given: Vec<Given>,
    /// What each campaign that applied brought.
    pub brought: Vec<Brought>,
    /// The groups that combined the campaigns.
    pub groups: Vec<GroupUsed>,
    /// What the campaigns that applied cost, by budget.
    pub costs: Vec<(String, i64)>,
    /// The budgets that were asked for money.
    pub budgets: BTreeSet<String>,
    /// Which budgets had not enough left.
    pub shortages: Vec<Shortage>,
}

/// Says that a budget had not enough left for what a campaign would have brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shortage {
    /// The budget.
    pub budget: String,
    /// The campaign; empty for a return.
    pub campaign: String,
    /// Whether the activity is refused for that.
    pub refuses: bool,
    /// How much was missing.
    pub missing_minor_units: i64,
}

impl Shortage {
    /// What a return had given back, and needs again.
    pub(super) fn of_return((budget, missing_minor_units): (String, i64)) -> Shortage {
        Shortage {
            budget,
            campaign: String::new(),
            refuses: false,
            missing_minor_units,
        }
    }

    fn of(short: &Short<'_>) -> Shortage {
        Shortage {
            budget: short.budget.to_owned(),
            campaign: short.campaign.code.clone(),
            refuses: short.on_shortage == OnShortage::Reject,
            missing_minor_units: short.missing_minor_units,
        }
    }
}

/// Tells what an order earns by what of it is kept, as if nothing else had been bought. Keeping nothing earns nothing.
pub fn evaluate(order: &Order) -> Result<Judgement, DecideError> {
    let bought = Bought::new(&order.purchase, &order.kept);
    let situation = Situation::new(&order.occasion, &order.facts, Happening::Purchase(bought));
    judge(&order.rules, &situation)
}

/// Lets campaigns and accruals judge a situation. Where a budget has not enough for campaigns that are not to be cut, or nothing at all, all is judged once more as if they were not
/// there: their groups choose anew.
pub(super) fn judge(rules: &Rules, situation: &Situation<'_>) -> Result<Judgement, DecideError> {
    let aim = Aim {
        is_for: Campaign::gives,
        alone: &|campaign| alone(campaign, rules, situation),
    };
    let (mut left_out, mut shortages, mut budgets) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    loop {
        let fired = fire(rules, situation, &aim, &left_out).ok_or(DecideError::AwardOutOfRange)?;
        let judged = judge_accruals(rules, &fired.campaigns, situation);
        let (accruals, purse) = judged.ok_or(DecideError::AwardOutOfRange)?;
        let (accruals, parts): (Vec<_>, Vec<_>) = accruals.into_iter().unzip();
        budgets.extend(purse.costs().map(|(budget, _)| budget.to_owned()));
        let too_dear = purse.too_dear();
        if too_dear.is_empty() {
            shortages.extend(purse.short().iter().map(Shortage::of));
            return Ok(Judgement {
                campaigns: fired.campaigns.iter().map(Fared::decision).collect(),
                given: given(&fired.campaigns),
                brought: brought(&fired.campaigns, &accruals),
                accruals,
                parts: parts.into_iter().flatten().collect(),
                groups: fired.groups,
                costs: purse.costs().map(|(budget, cost)| (budget.to_owned(), cost)).collect(),
                budgets,
                shortages,
            });
        }
        for short in &too_dear {
            if left_out.insert(short.campaign.code.as_str()) {
                shortages.push(Shortage::of(short));
            }
        }
    }
}

fn judge_accruals<'a>(
    rules: &'a Rules,
    campaigns: &[Fared<'a>],
    situation: &Situation<'_>,
) -> Option<(Vec<Parted>, Purse<'a>)> {
    let fired = campaigns.iter().filter(|fared| fared.unmet.is_none());
    let fired = fired.map(|fared| &*fared.version.rule);
    let mut purse = Purse::of(fired.clone(), situation);
    for campaign in fired {
        purse.pay_grants(campaign)?;
    }
    let accruals = rules.accruals().iter();
    let judged = accruals.map(|accrual| judge_accrual(accrual, campaigns, &mut purse, situation));
    let judged = judged.collect::<Option<_>>()?;
    Some((judged, purse))
}

/// What an activity is worth, by where it goes.
pub(super) type Worth<'a> = BTreeMap<&'a Destination, i64>;

/// Adds up what accruals award, by where it goes.
pub(super) fn worth(judged: &Judgement) -> Result<Worth<'_>, DecideError> {
    let mut worth = Worth::new();
    for (to, points) in judged.parts.iter().filter(|(_, points)| *points > 0) {
        let sum = worth.entry(to).or_insert(0);
        *sum += points;
        if *sum > MAX_AWARD_POINTS {
            return Err(DecideError::AwardOutOfRange);
        }
    }
    if worth.len() > MAX_PARTS {
        Err(DecideError::AwardOutOfRange)
    } else {
        Ok(worth)
    }
}

/// Returns the points that a campaign would bring alone, after its own caps.
fn alone(campaign: &Campaign, rules: &Rules, situation: &Situation<'_>) -> Option<i128> {
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
                None => Raise::within(effect.max_points, added(campaign, effect, rule, situation)?),
            };
            points += i128::from(raise.points.get());
        }
    }
    let left = campaign.points_left(situation);
    Some(left.map_or(points, |left| points.min(i128::from(left.get()))))
}

/// How an accrual judged an activity, and where what it awards goes.
type Parted = (AccrualDecision, Vec<(Destination, i64)>);

fn judge_accrual<'a>(
    accrual: &Version<Accrual>,
    campaigns: &[Fared<'a>],
    purse: &mut Purse<'a>,
    situation: &Situation<'_>,
) -> Option<Parted> {
    let rule = &accrual.rule;
    let base_points = base(rule, situation)?;
    let tier_factor = situation.facts.factor_on(rule.ladder.as_deref());
    let effects = effects_on(rule, campaigns);

    let mut multipliers = Vec::new();
    let mut of_multipliers = Vec::new();
    for (at, of) in effects.iter().enumerate() {
        if let Some(multiplier) = multiplier(of.effect, rule, situation)? {
            let cap = purse.allows(of.campaign, of.effect);
            multipliers.push(Multiplier { cap, ..multiplier });
            of_multipliers.push(at);
        }
    }
    let multiplied = multiply(base_points, tier_factor, &multipliers, manner(rule))?;

    let mut raises = vec![None; effects.len()];
    for (at, raise) in of_multipliers.into_iter().zip(multiplied.raises) {
        raises[at] = Some(purse.take(effects[at].campaign, effects[at].effect, raise)?);
    }
    let mut rounded_points = multiplied.rounded_points;
    let mut added_points = Points::ZERO;
    let mut contributions = Vec::with_capacity(effects.len());
    let mut on_own_terms = Vec::new();
    let destination =
        |terms: &Terms| terms.destination(&rule.wallet, situation.occasion.occurred_at, &situation.facts.zone);
    for (of, raise) in effects.iter().zip(raises) {
        let raise = match raise {
            Some((raise, over)) => {
                rounded_points = rounded_points.checked_sub(over)?;
                raise
            }
            None => {
                let uncapped = Raise::within(of.effect.max_points, added(of.campaign, of.effect, rule, situation)?);
                let (raise, _) = purse.take(of.campaign, of.effect, uncapped)?;
                added_points = added_points.checked_add(raise.points)?;
                raise
            }
        };
        if let Some(terms) = &of.effect.terms {
            on_own_terms.push((destination(terms), raise.points.get()));
        }
        contributions.push(Contribution {
            campaign: of.campaign.code.clone(),
            effect: of.at,
            points: raise.points,
            capped_points: raise.capped_points,
        });
    }
    let before_cap = rounded_points.checked_add(added_points)?;
    let award = Raise::within(situation.cap(rule), before_cap);
    let parts = part(
        award.points.get(),
        before_cap.get(),
        destination(&rule.terms),
        on_own_terms,
    );
    let decision = AccrualDecision {
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
    };
    Some((decision, parts))
}

/// An effect of a campaign that applies.
struct EffectOf<'a> {
    campaign: &'a Campaign,
    at: usize,
    effect: &'a Effect,
}

fn effects_on<'a>(rule: &Accrual, campaigns: &[Fared<'a>]) -> Vec<EffectOf<'a>> {
    let fired = campaigns.iter().filter(|fared| fared.unmet.is_none());
    let effects = fired.flat_map(|fared| {
        let campaign: &'a Campaign = &fared.version.rule;
        let of = move |(at, effect)| EffectOf { campaign, at, effect };
        campaign.effects.iter().enumerate().map(of)
    });
    effects.filter(|of| of.effect.accrual == rule.code).collect()
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

/// The most points that a formula brings.
const MAX_FORMULA_POINTS: i64 = 1_000_000_000;

/// Returns the points that an effect adds, before its cap.
fn added(campaign: &Campaign, effect: &Effect, rule: &Accrual, situation: &Situation<'_>) -> Option<Points> {
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
        Does::Formula(formula) => {
            let points = formula.number(situation).unwrap_or(0);
            let brings = (1..=MAX_FORMULA_POINTS).contains(&points);
            Points::new(if brings { points } else { 0 })
        }
        Does::Streak(streak) => {
            let fact = situation.facts.streak(&campaign.code, streak.within);
            fact.map_or(Some(Points::ZERO), |fact| streak.points(fact))
        }
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
