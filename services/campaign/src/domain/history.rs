//! What a member has done, day by day, and what campaigns ask about it.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::limit::LimitPeriod;

/// What a member did on each day, by the kind of activity. Only kinds are kept that a campaign asks about.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DaysDone(BTreeMap<DayKey, DoneOnDay>);

/// What is counted together.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct DayKey {
    /// The kind of activity.
    pub kind: String,
    /// The day, in the program's zone.
    pub day: Date,
}

/// What was done on a day.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DoneOnDay {
    /// How often.
    pub times: i64,
    /// What was spent.
    pub spend_minor_units: i64,
}

/// What is asked about.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct History {
    /// The kind of activity.
    pub kind: String,
    /// In which time.
    pub window: Window,
}

/// A time up to the day of an activity.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Window {
    /// So many days, its own included.
    LastDays(i32),
    /// The period in which it lies.
    Period(LimitPeriod),
    /// From a day on.
    Since(Date),
}

/// What is counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Measure {
    /// How often it was done.
    Times,
    /// On how many days.
    Days,
    /// What was spent, in minor units.
    Spend,
}

/// What a member had done in a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HistoryFact {
    /// The kind of activity.
    pub kind: String,
    /// The first day of the time.
    pub since: Date,
    /// How often.
    pub times: i64,
    /// On how many days.
    pub days: i64,
    /// What was spent.
    pub spend_minor_units: i64,
    /// Whether it had been done on the day of the activity, too.
    pub on_this_day: bool,
}

impl DaysDone {
    /// Takes in what is stored.
    pub fn put(&mut self, key: DayKey, done: DoneOnDay) {
        self.0.insert(key, done);
    }

    /// Returns what was done on a day.
    fn get(&self, key: &DayKey) -> DoneOnDay {
        self.0.get(key).copied().unwrap_or_default()
    }

    /// Goes through what was done in a month.
    pub fn of_month(&self, month: Date) -> impl Iterator<Item = (&DayKey, &DoneOnDay)> {
        self.0.iter().filter(move |(key, _)| key.day.first_of_month() == month)
    }

    /// Counts what an activity adds to a day.
    pub fn count(&mut self, key: DayKey, by: DoneOnDay) {
        let done = self.0.entry(key).or_default();
        done.times += by.times;
        done.spend_minor_units += by.spend_minor_units;
    }

    /// Tells what was done up to a day.
    pub(super) fn fact(&self, asked: &History, day: Date) -> HistoryFact {
        let key = |day| DayKey {
            kind: asked.kind.clone(),
            day,
        };
        let since = asked.window.since(day).min(day);
        let done = self.0.range(key(since)..=key(day));
        let done = done.filter(|(_, done)| done.times > 0);
        done.fold(
            HistoryFact {
                kind: asked.kind.clone(),
                since,
                times: 0,
                days: 0,
                spend_minor_units: 0,
                on_this_day: self.get(&key(day)).times > 0,
            },
            |sum, (_, done)| HistoryFact {
                times: sum.times + done.times,
                days: sum.days + 1,
                spend_minor_units: sum.spend_minor_units.saturating_add(done.spend_minor_units),
                ..sum
            },
        )
    }
}

impl Window {
    /// Returns the first day of the time up to a day; a later one where the time has not begun.
    pub(super) fn since(self, day: Date) -> Date {
        match self {
            Window::LastDays(days) => day.checked_sub((days - 1).days()).unwrap_or(Date::MIN),
            Window::Period(period) => period.start(day),
            Window::Since(since) => since,
        }
    }
}

impl HistoryFact {
    /// Returns what was done with an activity that was done once more on that day, or not at all: then it is of another kind.
    pub(super) fn with(&self, once_more: Option<i64>, measure: Measure) -> i64 {
        let done = i64::from(once_more.is_some());
        match measure {
            Measure::Times => self.times + done,
            Measure::Days => self.days + if self.on_this_day { 0 } else { done },
            Measure::Spend => self.spend_minor_units.saturating_add(once_more.unwrap_or(0)),
        }
    }
}
