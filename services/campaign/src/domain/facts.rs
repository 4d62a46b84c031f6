//! What is known of a member when an activity is judged.

use common::ratio::Ratio;
use common::zone::Zone;
use jiff::Timestamp;
use jiff::civil::Date;

use super::evaluate::Judgement;
use super::history::HistoryFact;
use super::limit::{LimitPeriod, Used};
use super::purse::Money;
use super::sample::SampleFact;
use super::streak::StreakFact;

/// What was known of the member when the activity was judged. A return is judged by the facts of its purchase.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// The level on each ladder that a rule uses.
    pub levels: Vec<LevelFact>,
    /// How many purchases the member had made before.
    pub purchases_before: i64,
    /// The program's zone.
    pub zone: Zone,
    /// When the member enrolled; nothing for a prospect.
    pub enrolled_at: Option<Timestamp>,
    /// Whether it was the doing of a prospect: only what is for prospects judges it then.
    pub is_prospect: bool,
    /// What budgets had left that campaigns needed.
    pub budgets: Vec<BudgetFact>,
    /// How often campaigns with limits had applied before, in the periods in which the activity lies; those that had not are left out.
    pub uses: Vec<UseFact>,
    /// What the member had done that campaigns ask about.
    pub histories: Vec<HistoryFact>,
    /// On which days campaigns with streaks had applied.
    pub streaks: Vec<StreakFact>,
    /// The member's places in the samples that campaigns ask about.
    pub samples: Vec<SampleFact>,
    /// Whether the activity counts as something that the member has done, because a campaign asks about that.
    pub is_counted: bool,
    /// The member's birthday that was told last, where a campaign asks about it.
    pub birthday_on: Option<Date>,
}

/// A member's level on a ladder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LevelFact {
    /// The ladder.
    pub ladder: String,
    /// The level, once the member has one.
    pub level: Option<String>,
    /// By what the level multiplies.
    pub accrual_factor: Ratio,
    /// How many thousandths the level takes off prices.
    pub discount_per_mille: i64,
}

/// What a budget had left.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BudgetFact {
    /// The budget.
    pub budget: String,
    /// The day on which the period began whose money it is.
    pub starts_on: Date,
    /// The money.
    pub available_minor_units: i64,
    /// Whether it is what the order had cost, and not to be exceeded: then campaigns are cut to it, whatever they say about shortages.
    pub is_held: bool,
}

/// How often a campaign had applied for a member in a period.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UseFact {
    /// The campaign.
    pub campaign: String,
    /// The kind of period.
    pub period: LimitPeriod,
    /// How often.
    pub used: Used,
}

impl Facts {
    /// Returns the member's level on a ladder, if the member has one.
    pub fn level_on(&self, ladder: Option<&str>) -> Option<&str> {
        self.fact_on(ladder)?.level.as_deref()
    }

    /// Returns the factor of the member's level on a ladder: once where there is no ladder or no level.
    pub fn factor_on(&self, ladder: Option<&str>) -> Ratio {
        self.fact_on(ladder).map_or(Ratio::ONE, |fact| fact.accrual_factor)
    }

    /// Returns how many thousandths the member's level on a ladder takes off prices: none where there is no level.
    pub fn discount_on(&self, ladder: &str) -> i64 {
        self.fact_on(Some(ladder)).map_or(0, |fact| fact.discount_per_mille)
    }

    /// Returns how often a campaign had applied.
    pub fn used(&self, campaign: &str, period: LimitPeriod) -> Used {
        let found = self
            .uses
            .iter()
            .find(|fact| fact.period == period && fact.campaign == campaign);
        found.map(|fact| fact.used).unwrap_or_default()
    }

    /// Returns what the member had done from a day on.
    pub(super) fn history(&self, kind: &str, since: Date) -> Option<&HistoryFact> {
        let mut histories = self.histories.iter();
        histories.find(|fact| fact.since == since && fact.kind == kind)
    }

    /// Returns the days on which a campaign with a streak had applied.
    pub(super) fn streak(&self, campaign: &str, within: Option<LimitPeriod>) -> Option<&StreakFact> {
        let mut streaks = self.streaks.iter();
        streaks.find(|fact| fact.within == within && fact.campaign == campaign)
    }

    /// Tells whether a campaign with a streak had applied on the day of the activity.
    pub(super) fn applied_on_this_day(&self, campaign: &str) -> bool {
        let mut streaks = self.streaks.iter();
        streaks.any(|fact| fact.campaign == campaign && fact.on_this_day)
    }

    /// Returns for how many days of the month the member had made up.
    pub(super) fn made_up(&self, campaign: &str) -> i64 {
        let found = self.streaks.iter().find(|fact| fact.campaign == campaign);
        found.map_or(0, |fact| fact.made_up)
    }

    /// Returns the member's place in a sample.
    pub(super) fn place_in(&self, sample: &str) -> Option<i32> {
        let found = self.samples.iter().find(|fact| fact.sample == sample);
        found.map(|fact| fact.per_mille)
    }

    /// Leaves out the budgets that no campaign needed.
    pub(super) fn keep_needed(&mut self, judged: &Judgement) {
        let is_needed = |fact: &BudgetFact| judged.budgets.contains(&fact.budget);
        self.budgets.retain(is_needed);
    }

    /// Returns what a budget had left. One that was not needed at the purchase pays nothing later.
    pub fn money_of(&self, budget: &str) -> Money {
        let found = self.budgets.iter().find(|fact| fact.budget == budget);
        found.map_or(Money { left: 0, is_held: true }, |fact| Money {
            left: fact.available_minor_units,
            is_held: fact.is_held,
        })
    }

    fn fact_on(&self, ladder: Option<&str>) -> Option<&LevelFact> {
        let ladder = ladder?;
        self.levels.iter().find(|fact| fact.ladder == ladder)
    }
}
