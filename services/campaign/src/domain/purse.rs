//! What campaigns may still bring while an activity is judged: points by their limits, and money by their budgets.

use std::collections::BTreeMap;

use common::points::Points;
use common::ratio::{Ratio, Rounding};

use super::budget::OnShortage;
use super::campaign::{Campaign, Effect};
use super::factor::Raise;
use super::situation::Situation;

/// What is left, and what was taken of it.
#[derive(Default)]
pub(super) struct Purse<'a> {
    points: BTreeMap<&'a str, Points>,
    money: BTreeMap<&'a str, i64>,
    costs: BTreeMap<&'a str, i64>,
    short: Vec<Short<'a>>,
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
                let available = situation.facts.available(&funding.budget);
                purse.money.insert(&funding.budget, available);
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
            let budget = funding.budget.as_str();
            let cost = cost(effect, allowed)?;
            if affordable < wanted {
                self.short.push(Short {
                    campaign,
                    budget,
                    on_shortage: funding.on_shortage,
                    missing_minor_units: cost_or_most(effect, wanted) - cost,
                });
            } else if funding.on_shortage == OnShortage::Allow && cost > self.money[budget] {
                self.short.push(Short {
                    campaign,
                    budget,
                    on_shortage: OnShortage::Allow,
                    missing_minor_units: cost - self.money[budget],
                });
            }
            let left = self.money.entry(budget).or_default();
            *left = (*left - cost).max(0);
            let costs = self.costs.entry(budget).or_default();
            *costs = costs.checked_add(cost)?;
        }
        let over = raise.points.saturating_sub(allowed);
        let raise = Raise {
            points: allowed,
            capped_points: raise.capped_points.checked_add(over).unwrap_or(Points::MAX),
        };
        Some((raise, over))
    }

    /// Returns what campaigns cost, by budget: also of those of which nothing was taken.
    pub fn costs(&self) -> impl Iterator<Item = (&'a str, i64)> {
        self.costs.iter().map(|(budget, cost)| (*budget, *cost))
    }

    /// Returns where there was not enough.
    pub fn short(&self) -> &[Short<'a>] {
        &self.short
    }

    /// Returns how many points the budget of a campaign has money for; nothing where money is no matter.
    fn affordable(&self, campaign: &Campaign, effect: &Effect) -> Option<Points> {
        let funding = campaign.funding.as_ref()?;
        if funding.on_shortage == OnShortage::Allow {
            return None;
        }
        let left = self.money.get(funding.budget.as_str()).copied().unwrap_or(0);
        let for_each = effect.cost_per_point.filter(|cost| *cost != Ratio::ZERO)?;
        let points = Ratio::whole(left).checked_div(for_each)?.round(Rounding::Floor)?;
        Some(Points::new(points).unwrap_or(Points::MAX))
    }
}

/// Returns what points cost, in whole minor units: a started one is one.
fn cost(effect: &Effect, points: Points) -> Option<i64> {
    let for_each = effect.cost_per_point.unwrap_or(Ratio::ZERO);
    Ratio::whole(points.get()).checked_mul(for_each)?.round(Rounding::Ceil)
}

fn cost_or_most(effect: &Effect, points: Points) -> i64 {
    cost(effect, points).unwrap_or(i64::MAX)
}
