//! How often campaigns with limits apply for a member.

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;

use super::evaluate::Judgement;
use super::limit::{LimitPeriod, UseChange, Used};
use super::rules::Rules;
use super::situation::Situation;

/// How often campaigns with limits applied for a member, in the order of campaign, kind of period, and the day on which the period began.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Uses(Vec<(UseKey, Used)>);

/// What is counted together.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct UseKey {
    /// The campaign.
    pub campaign: Arc<str>,
    /// The kind of period.
    pub period: LimitPeriod,
    /// The day on which it began.
    pub starts_on: Date,
}

impl Uses {
    /// Takes in what is stored.
    pub fn put(&mut self, key: UseKey, used: Used) {
        *self.entry(&key.campaign, key.period, key.starts_on) = used;
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how often a campaign applied.
    pub fn get(&self, campaign: &str, period: LimitPeriod, starts_on: Date) -> Used {
        let at = self.find(campaign, period, starts_on);
        at.map(|at| self.0[at].1).unwrap_or_default()
    }

    /// Goes through the days on which a campaign applied, in order.
    pub(super) fn days_of(&self, campaign: &str) -> impl DoubleEndedIterator<Item = Date> + Clone {
        let place = |starts_on| self.find(campaign, LimitPeriod::Day, starts_on);
        let first = place(Date::MIN).unwrap_or_else(|place| place);
        let end = place(Date::MAX).map_or_else(|place| place, |last| last + 1);
        let days = self.0[first..end].iter();
        days.filter(|(_, used)| used.times > 0).map(|(key, _)| key.starts_on)
    }

    /// Goes through what is counted in periods that begin in a month.
    pub fn beginning_in(&self, month: Date) -> impl Iterator<Item = (&UseKey, &Used)> {
        self.0
            .iter()
            .map(|(key, used)| (key, used))
            .filter(move |(key, _)| key.starts_on.first_of_month() == month)
    }

    /// Counts what an activity of a day adds, and returns the months in which a period began for which it counts.
    pub fn count(&mut self, changes: &[UseChange], day: Date) -> BTreeSet<Date> {
        let mut months = BTreeSet::new();
        for change in changes {
            for period in &change.periods {
                let starts_on = period.start(day);
                months.insert(starts_on.first_of_month());
                let used = self.entry(&change.campaign, *period, starts_on);
                used.times += change.by.times;
                used.points += change.by.points;
            }
        }
        months
    }

    fn entry(&mut self, campaign: &str, period: LimitPeriod, starts_on: Date) -> &mut Used {
        let at = self.find(campaign, period, starts_on).unwrap_or_else(|at| {
            let key = UseKey {
                campaign: campaign.into(),
                period,
                starts_on,
            };
            self.0.insert(at, (key, Used::default()));
            at
        });
        &mut self.0[at].1
    }

    fn find(&self, campaign: &str, period: LimitPeriod, starts_on: Date) -> Result<usize, usize> {
        self.0.binary_search_by(|(key, _)| {
            let campaigns = (*key.campaign).cmp(campaign);
            campaigns.then_with(|| (key.period, key.starts_on).cmp(&(period, starts_on)))
        })
    }
}

/// The name under which it is counted for how many days of a month a member made up in a campaign's streak. No campaign can be called that.
pub(super) fn made_up(campaign: &str) -> String {
    format!("{campaign}/make-up")
}

/// Tells which campaigns' streaks an activity makes up for a day of.
pub(super) fn make_ups(rules: &Rules, judged: &Judgement, situation: &Situation<'_>) -> Vec<UseChange> {
    let campaigns = rules.campaigns().iter().map(|campaign| &campaign.rule);
    let made_up_for = campaigns.filter(|campaign| campaign.made_up_by(situation).is_some());
    let made_up = made_up_for
        .map(|campaign| campaign.code.as_str())
        .filter(|code| used(judged, code).times > 0);
    made_up
        .map(|code| UseChange {
            campaign: self::made_up(code),
            periods: vec![LimitPeriod::Month],
            by: Used { times: 1, points: 0 },
        })
        .collect()
}

/// Tells what an activity adds to how often campaigns with limits or streaks applied; for a return, what it adds to what counted before.
pub(super) fn uses(rules: &Rules, after: &Judgement, before: Option<&Judgement>) -> Vec<UseChange> {
    let touched: BTreeSet<&str> = [Some(after), before].into_iter().flatten().flat_map(touched).collect();
    let counted = rules.campaigns().iter().map(|campaign| &campaign.rule);
    let counted = counted.filter(|rule| !rule.limits.is_empty() || rule.has_streak());
    let counted = counted.filter(|rule| touched.contains(rule.code.as_str()));
    let changes = counted.map(|rule| {
        let now = used(after, &rule.code);
        let then = before.map(|before| used(before, &rule.code)).unwrap_or_default();
        let mut periods: Vec<LimitPeriod> = rule.limits.iter().map(|limit| limit.period).collect();
        periods.extend(rule.has_streak().then_some(LimitPeriod::Day));
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

/// Goes through the campaigns that applied or brought points: no other is used.
fn touched(judged: &Judgement) -> impl Iterator<Item = &str> {
    let fired = judged.campaigns.iter().filter(|fared| fared.unmet.is_none());
    let contributions = judged.accruals.iter().flat_map(|accrual| &accrual.contributions);
    let contributed = contributions.map(|contribution| contribution.campaign.as_str());
    fired.map(|fared| fared.campaign.as_str()).chain(contributed)
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
