//! How often campaigns with limits apply for a member.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::evaluate::Judgement;
use super::limit::{LimitPeriod, UseChange, Used};
use super::rules::Rules;

/// How often campaigns with limits applied for a member, by campaign, kind of period, and the day on which the period began.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Uses(BTreeMap<UseKey, Used>);

/// What is counted together.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct UseKey {
    /// The campaign.
    pub campaign: String,
    /// The kind of period.
    pub period: LimitPeriod,
    /// The day on which it began.
    pub starts_on: Date,
}

impl Uses {
    /// Takes in what is stored.
    pub fn put(&mut self, key: UseKey, used: Used) {
        self.0.insert(key, used);
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how often a campaign applied.
    pub fn get(&self, key: &UseKey) -> Used {
        self.0.get(key).copied().unwrap_or_default()
    }

    /// Counts what an activity of a day adds, and returns what changed.
    pub fn count(&mut self, changes: &[UseChange], day: Date) -> Vec<UseKey> {
        let mut changed = Vec::new();
        for change in changes {
            for period in &change.periods {
                let key = UseKey {
                    campaign: change.campaign.clone(),
                    period: *period,
                    starts_on: period.start(day),
                };
                let used = self.0.entry(key.clone()).or_default();
                used.times += change.by.times;
                used.points += change.by.points;
                changed.push(key);
            }
        }
        changed
    }
}

/// Tells what an activity adds to how often campaigns with limits applied; for a return, what it adds to what counted before.
pub(super) fn uses(rules: &Rules, after: &Judgement, before: Option<&Judgement>) -> Vec<UseChange> {
    let limited = rules
        .campaigns()
        .iter()
        .filter(|campaign| !campaign.rule.limits.is_empty());
    let changes = limited.map(|campaign| {
        let rule = &campaign.rule;
        let now = used(after, &rule.code);
        let then = before.map(|before| used(before, &rule.code)).unwrap_or_default();
        let mut periods: Vec<LimitPeriod> = rule.limits.iter().map(|limit| limit.period).collect();
        periods.sort_unstable();
        periods.dedup();
        UseChange {
            campaign: rule.code.clone(),
            periods,
            by: Used {
                times: now.times - then.times,
                points: now.points - then.points,
            },
        }
    });
    changes.filter(|change| change.by != Used::default()).collect()
}

fn used(judged: &Judgement, campaign: &str) -> Used {
    let fired = judged
        .campaigns
        .iter()
        .any(|fared| fared.campaign == campaign && fared.unmet.is_none());
    let contributions = judged.accruals.iter().flat_map(|accrual| &accrual.contributions);
    let of_campaign = contributions.filter(|contribution| contribution.campaign == campaign);
    Used {
        times: i64::from(fired),
        points: of_campaign.map(|contribution| contribution.points.get()).sum(),
    }
}
