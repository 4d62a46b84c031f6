//! What rules need to know of a member, each once.

use std::collections::HashMap;
use std::sync::Arc;

use super::accrual::Accrual;
use super::campaign::{Campaign, Does, Trigger};
use super::condition::Test;
use super::discount::Off;
use super::history::History;
use super::limit::LimitPeriod;
use super::rules::Version;

/// What rules need to know of a member.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// The level on these ladders.
    pub ladders: Vec<String>,
    /// What these budgets have left.
    pub budgets: Vec<String>,
    /// How often these campaigns applied, by their places: those with limits.
    pub limited: Vec<usize>,
    /// What the member has done before, by what triggers the campaigns that ask.
    pub before: HashMap<Trigger, Before>,
}

/// What campaigns need to know of what a member has done before.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    /// What the member has done.
    pub histories: Vec<History>,
    /// The place in these samples.
    pub samples: Vec<String>,
    /// On which days these campaigns applied, by their places, and what ends their streaks.
    pub streaks: Vec<(usize, Option<LimitPeriod>)>,
    /// Whether any of them asks about the birthday.
    pub birthday: bool,
}

/// How much campaigns for one trigger may ask about what members have done before, all together: each of it is a fact in the receipt of every such activity.
pub const MOST_ASKED_BEFORE: usize = 200;

/// Counts what campaigns ask about what members have done before, for the trigger for which they ask most.
pub fn asked_before(campaigns: impl Iterator<Item = Arc<Campaign>>) -> usize {
    let campaigns: Vec<Version<Campaign>> = campaigns.map(|rule| Version { version: 0, rule }).collect();
    let needs = Needs::of(&[], &campaigns);
    let of_triggers = needs.before.values().map(Before::len);
    of_triggers.max().unwrap_or(0)
}

impl Needs {
    /// Finds out.
    pub fn of(accruals: &[Version<Accrual>], campaigns: &[Version<Campaign>]) -> Needs {
        let of_accruals = accruals.iter().filter_map(|accrual| accrual.rule.ladder.clone());
        let mut needs = Needs {
            ladders: of_accruals.collect(),
            ..Needs::default()
        };
        let on = campaigns
            .iter()
            .enumerate()
            .filter(|(_, campaign)| !campaign.rule.paused);
        for (at, campaign) in on {
            needs.add(at, &campaign.rule);
        }
        let before = needs.before.values_mut();
        let samples = before.map(|before| {
            before.histories.sort_unstable();
            before.histories.dedup();
            before.streaks.dedup();
            &mut before.samples
        });
        for names in samples.chain([&mut needs.ladders, &mut needs.budgets]) {
            names.sort_unstable();
            names.dedup();
        }
        needs
    }

    fn add(&mut self, at: usize, campaign: &Campaign) {
        let mut before = Before::default();
        for test in campaign.condition.iter().flat_map(|condition| condition.tests()) {
            match test {
                Test::Level { ladder, .. } => self.ladders.push(ladder.clone()),
                Test::History { of, .. } => before.histories.push(of.clone()),
                Test::Sample(sample) => before.samples.push(sample.name.clone()),
                Test::Birthday(_) => before.birthday = true,
                Test::Expression(expression) => self.ladders.extend(expression.ladders().map(str::to_owned)),
                _ => {}
            }
        }
        for discount in &campaign.discounts {
            if let Off::Level(ladder) = &discount.off {
                self.ladders.push(ladder.clone());
            }
        }
        for effect in &campaign.effects {
            match &effect.does {
                Does::Streak(streak) => before.streaks.push((at, streak.within)),
                Does::Formula(formula) => self.ladders.extend(formula.ladders().map(str::to_owned)),
                _ => {}
            }
        }
        for trigger in campaign.triggers().filter(|_| !before.is_empty()) {
            self.before.entry(trigger).or_default().extend(&before);
        }
        let funding = campaign.funding.iter();
        self.budgets.extend(funding.map(|funding| funding.budget.clone()));
        if !campaign.limits.is_empty() {
            self.limited.push(at);
        }
    }
}

impl Before {
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.histories.len() + self.samples.len() + self.streaks.len() + usize::from(self.birthday)
    }

    fn extend(&mut self, other: &Before) {
        self.histories.extend_from_slice(&other.histories);
        self.samples.extend_from_slice(&other.samples);
        self.streaks.extend_from_slice(&other.streaks);
        self.birthday |= other.birthday;
    }
}
