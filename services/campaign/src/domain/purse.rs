//! What campaigns may still bring while an activity is judged: points by their limits, and money by their budgets.

use std::collections::{BTreeMap, BTreeSet};

use common::points::Points;
use common::ratio::{Ratio, Rounding};

use super::budget::{Funding, OnShortage};
use super::campaign::{Campaign, Effect};
use super::factor::Raise;
use super::situation::Situation;

/// What is left, and what was taken of it.
#[derive(Default)]
pub(super) struct Purse<'a> {
    points: BTreeMap<&'a str, Points>,
    money: BTreeMap<&'a str, Money>,
    costs: BTreeMap<&'a str, i64>,
    brought: BTreeMap<&'a str, Points>,
    short: Vec<Short<'a>>,
}

/// What a budget has left.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Money {
    /// In minor units.
    pub left: i64,
    /// Whether campaigns are cut to it, whatever they say about shortages.
    pub is_held: bool,
}

/// Says that a budget had not enough for what a campaign would have brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Short<'a> {
    pub campaign: &'a Campaign,
    pub budget: &'a str,
    pub on_shortage: OnShortage,
    pub missing_minor_units: i64,
}

impl<'a> Purse<'a> {
    /// Fills it for the campaigns that apply.
    pub fn of(campaigns: impl Iterator<Item = &'a Campaign>, situation: &Situation<'_>) -> Purse<'a> {
        let mut purse = Purse::default();
        for campaign in campaigns {
            if let Some(points) = campaign.points_left(situation) {
                purse.points.insert(&campaign.code, points);
            }
            if let Some(funding) = &campaign.funding {
                let money = situation.facts.money_of(&funding.budget);
                purse.money.insert(&funding.budget, money);
                purse.costs.insert(&funding.budget, 0);
            }
        }
        purse
    }

    /// Returns how many points an effect may bring at most.
    pub fn allows(&self, campaign: &Campaign, effect: &Effect) -> Option<Points> {
        let by_limits = self.points.get(campaign.code.as_str()).copied();
        let caps = [effect.max_points, by_limits, self.affordable(campaign, effect)];
        caps.into_iter().flatten().min()
    }

    /// Takes what an effect brings, as far as there is any, and tells how much that was too much. Nothing when a number cannot be held.
    pub fn take(&mut self, campaign: &'a Campaign, effect: &Effect, raise: Raise) -> Option<(Raise, Points)> {
        let by_limits = self.points.get(campaign.code.as_str()).copied();
        let wanted = raise.points.checked_add(raise.capped_points).unwrap_or(Points::MAX);
        let wanted = [effect.max_points, by_limits]
            .into_iter()
            .flatten()
            .fold(wanted, Points::min);
        let affordable = self.affordable(campaign, effect).unwrap_or(Points::MAX);
        let allowed = raise.points.min(wanted).min(affordable);
        if let Some(left) = self.points.get_mut(campaign.code.as_str()) {
            *left = left.saturating_sub(allowed);
        }
        if let Some(funding) = &campaign.funding {
            self.pay(campaign, funding, effect, (allowed, wanted))?;
        }
        let over = raise.points.saturating_sub(allowed);
        let raise = Raise {
            points: allowed,
            capped_points: raise.capped_points.checked_add(over).unwrap_or(Points::MAX),
        };
        Some((raise, over))
    }

    /// Pays for what a campaign gives besides points: all of it, or the campaign is too dear. Nothing when a number cannot be held.
    pub fn pay_grants(&mut self, campaign: &'a Campaign) -> Option<()> {
        let costs = campaign.grants.iter().map(|grant| grant.cost_minor_units);
        let cost = costs.fold(0, i64::saturating_add);
        let Some(funding) = campaign.funding.as_ref().filter(|_| cost > 0) else {
            return Some(());
        };
        let budget = funding.budget.as_str();
        let money = self.money.entry(budget).or_default();
        if cost > money.left {
            let in_part = money.is_held || funding.on_shortage == OnShortage::Partial;
            self.short.push(Short {
                campaign,
                budget,
                on_shortage: if in_part {
                    OnShortage::BaseOnly
                } else {
                    funding.on_shortage
                },
                missing_minor_units: cost - money.left,
            });
        }
        money.left = (money.left - cost).max(0);
        let costs = self.costs.entry(budget).or_default();
        *costs = costs.checked_add(cost)?;
        Some(())
    }

    /// Returns what campaigns cost, by budget: also of those of which nothing was taken.
    pub fn costs(&self) -> impl Iterator<Item = (&'a str, i64)> {
        self.costs.iter().map(|(budget, cost)| (*budget, *cost))
    }

    /// Returns where there was not enough.
    pub fn short(&self) -> &[Short<'a>] {
        &self.short
    }

    /// Returns which campaigns do not apply for want of money: of those that are not to be cut the first of each budget, because without it there may be enough for the next;
    /// and where there are none of these, those that bring nothing.
    pub fn too_dear(&self) -> Vec<Short<'a>> {
        let mut first: BTreeSet<&str> = BTreeSet::new();
        let not_to_be_cut = self
            .short
            .iter()
            .filter(|short| short.on_shortage == OnShortage::BaseOnly);
        let not_to_be_cut = not_to_be_cut.filter(|short| first.insert(short.budget)).copied();
        let not_to_be_cut: Vec<Short<'a>> = not_to_be_cut.collect();
        if !not_to_be_cut.is_empty() {
            return not_to_be_cut;
        }
        let brings_nothing = |short: &&Short<'a>| {
            let brought = self.brought.get(short.campaign.code.as_str());
            short.on_shortage == OnShortage::Partial && brought.is_none_or(|points| points.is_zero())
        };
        self.short.iter().filter(brings_nothing).copied().collect()
    }

    fn pay(
        &mut self,
        campaign: &'a Campaign,
        funding: &'a Funding,
        effect: &Effect,
        (allowed, wanted): (Points, Points),
    ) -> Option<()> {
        let budget = funding.budget.as_str();
        let money = self.money.entry(budget).or_default();
        let cost = cost(effect, allowed)?;
        let whole = cost_or_most(effect, wanted);
        if whole > money.left {
            self.short.push(Short {
                campaign,
                budget,
                on_shortage: if money.is_held {
                    OnShortage::Partial
                } else {
                    funding.on_shortage
                },
                missing_minor_units: whole - money.left,
            });
        }
        money.left = (money.left - cost).max(0);
        let costs = self.costs.entry(budget).or_default();
        *costs = costs.checked_add(cost)?;
        let brought = self.brought.entry(&campaign.code).or_default();
        *brought = brought.checked_add(allowed)?;
        Some(())
    }

    /// Returns how many points the budget of a campaign has money for; nothing where money is no matter.
    fn affordable(&self, campaign: &Campaign, effect: &Effect) -> Option<Points> {
        let funding = campaign.funding.as_ref()?;
        let Money { left, is_held } = self.money.get(funding.budget.as_str()).copied().unwrap_or_default();
        if funding.on_shortage == OnShortage::Allow && !is_held {
            return None;
        }
        let for_each = effect.cost_per_point.filter(|cost| *cost != Ratio::ZERO)?;
        let points = Ratio::whole(left).checked_div(for_each)?.round(Rounding::Floor)?;
        Some(Points::new(points).unwrap_or(Points::MAX))
    }
}

/// Returns what points cost, in whole minor units: a started one is one.
pub(super) fn cost(effect: &Effect, points: Points) -> Option<i64> {
    let for_each = effect.cost_per_point.unwrap_or(Ratio::ZERO);
    Ratio::whole(points.get()).checked_mul(for_each)?.round(Rounding::Ceil)
}

fn cost_or_most(effect: &Effect, points: Points) -> i64 {
    cost(effect, points).unwrap_or(i64::MAX)
}
