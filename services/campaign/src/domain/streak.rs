//! Streaks: what days in a row bring.
//!
//! What they bring is a function of the set of days alone, `points(days)`. A day that becomes known brings the difference that it makes to it, wherever it lies: so all that was
//! brought in the end does not depend on the order in which the days became known. No difference is negative, because a later day never brings less than an earlier one.

use common::points::Points;
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::limit::LimitPeriod;

/// What days in a row bring on which a campaign applies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Streak {
    /// What the first day in a row brings, the second, and so on.
    pub points_by_day: Vec<i64>,
    /// What follows the last of these.
    pub end: StreakEnd,
    /// What ends a streak besides a missing day, if anything does.
    pub within: Option<LimitPeriod>,
    /// What so many days in that time bring.
    pub milestones: Vec<Milestone>,
}

/// What follows the last day of a streak.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StreakEnd {
    /// The next day counts as the first again.
    BeginAgain,
    /// Every further day counts as the last.
    Stay,
}

/// Points for so many days.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Milestone {
    /// How many days.
    pub days: i64,
    /// The points.
    pub points: i64,
}

/// How a member makes up for a day that is missing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MakeUp {
    /// By a custom activity of this kind, on that day.
    pub kind: String,
    /// For so many days of a month at most.
    pub days_per_month: i64,
}

/// The days on which a campaign had applied, around that of an activity.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StreakFact {
    /// The campaign.
    pub campaign: String,
    /// What ends a streak besides a missing day, if anything does.
    pub within: Option<LimitPeriod>,
    /// How many in a row, up to the day before.
    pub days_before: i64,
    /// How many in a row, from the day after.
    pub days_after: i64,
    /// How many in all in the time in which the activity lies, without its own day.
    pub other_days: i64,
    /// Whether it had applied on that day.
    pub on_this_day: bool,
    /// For how many days of the month the member had made up.
    pub made_up: i64,
}

impl Streak {
    /// Returns what the day of an activity brings: nothing where it counted already, or where it is more than can be held.
    pub(super) fn points(&self, fact: &StreakFact) -> Option<Points> {
        if fact.on_this_day {
            return Some(Points::ZERO);
        }
        let joined = self.in_a_row(fact.days_before + 1 + fact.days_after);
        let apart = self.in_a_row(fact.days_before) + self.in_a_row(fact.days_after);
        let in_all = self.in_all(fact.other_days + 1) - self.in_all(fact.other_days);
        Points::new(i64::try_from(joined - apart + in_all).ok()?)
    }

    /// Tells whether some day in a row brings less than the one before.
    pub fn sinks(&self) -> bool {
        self.points_by_day.windows(2).any(|days| days[1] < days[0])
    }

    fn in_a_row(&self, days: i64) -> i128 {
        let sum = |days: &[i64]| days.iter().copied().map(i128::from).sum::<i128>();
        let listed = self.points_by_day.len() as i64;
        if days <= listed || listed == 0 {
            return sum(&self.points_by_day[..(days.min(listed)) as usize]);
        }
        match self.end {
            StreakEnd::BeginAgain => {
                let rest = &self.points_by_day[..(days % listed) as usize];
                i128::from(days / listed) * sum(&self.points_by_day) + sum(rest)
            }
            StreakEnd::Stay => {
                let last = self.points_by_day.last().copied().unwrap_or(0);
                sum(&self.points_by_day) + i128::from(days - listed) * i128::from(last)
            }
        }
    }

    fn in_all(&self, days: i64) -> i128 {
        let reached = self.milestones.iter().filter(|milestone| milestone.days <= days);
        reached.map(|milestone| i128::from(milestone.points)).sum()
    }
}

impl StreakFact {
    /// Looks around a day, where a campaign applied on some days that are told in order.
    pub(super) fn around(
        day: Date,
        applied: impl DoubleEndedIterator<Item = Date> + Clone,
        campaign: &str,
        within: Option<LimitPeriod>,
        made_up: i64,
    ) -> StreakFact {
        let time = within.map_or((Date::MIN, Date::MAX), |period| (period.start(day), period.last(day)));
        let in_time = applied.filter(move |of| time.0 <= *of && *of <= time.1);
        let in_a_row = |days: &mut dyn Iterator<Item = Date>, step: i32| {
            let mut expected = day.checked_add(step.days()).ok();
            let joins = |of: &Date| {
                let joins = expected == Some(*of);
                expected = of.checked_add(step.days()).ok();
                joins
            };
            days.take_while(joins).count() as i64
        };
        StreakFact {
            campaign: campaign.to_owned(),
            within,
            days_before: in_a_row(&mut in_time.clone().rev().skip_while(|of| *of >= day), -1),
            days_after: in_a_row(&mut in_time.clone().skip_while(|of| *of <= day), 1),
            other_days: in_time.clone().filter(|of| *of != day).count() as i64,
            on_this_day: in_time.clone().any(|of| of == day),
            made_up,
        }
    }
}
