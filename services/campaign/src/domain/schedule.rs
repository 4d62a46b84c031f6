//! When campaigns run, in the program's zone.
//!
//! Days and times of day are those of the calendar and of the clock on the wall, so that a day of 23 or 25 hours is a whole day too.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};

/// When a campaign runs. Windows include their start and exclude their end.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Schedule {
    /// From here on; without it, for ever before.
    pub start: Option<Timestamp>,
    /// Until here; without it, for ever after.
    pub end: Option<Timestamp>,
    /// On the days of any of these; without any, every day.
    pub days: Vec<Days>,
    /// At these times of those days; without any, all day.
    pub times: Vec<DayTime>,
    /// Never on days from one to another, both included.
    pub except: Vec<(Date, Date)>,
}

/// Days that come again, and how long what begins on each of them lasts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Days {
    /// Which days.
    pub on: On,
    /// How many days it lasts from each of them on, at least 1.
    pub lasts_days: i32,
}

/// Days that come again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum On {
    /// Days of the week.
    Weekly(Vec<Weekday>),
    /// Days of the month by their number; -1 is the last.
    Monthly(Vec<i8>),
    /// The nth of a weekday in the month; -1 is the last.
    NthWeekday(i8, Weekday),
    /// Days of the year, by month and day, in order.
    Yearly(Vec<(i8, i8)>),
    /// The last weekend of the month.
    LastWeekend(LastWeekend),
}

/// Which weekend is the last of a month.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LastWeekend {
    /// The last Saturday and the day after, which may lie in the next month.
    LastSaturdayAndNextDay,
    /// The last Saturday whose Sunday lies in the same month, and that Sunday.
    LastFullWeekendInsideMonth,
}

/// A part of a day, in minutes. One that ends before it begins goes past midnight and belongs to the day on which it began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DayTime {
    /// From this minute on.
    pub from_minute: i32,
    /// Until this minute.
    pub until_minute: i32,
}

impl Schedule {
    /// Tells whether the schedule includes an instant, which the calendar and the clock on the wall show as given.
    pub fn includes(&self, at: Timestamp, local: DateTime) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at < end) && self.includes_local(local)
    }

    fn includes_local(&self, local: DateTime) -> bool {
        let (day, minute) = (local.date(), i32::from(local.hour()) * 60 + i32::from(local.minute()));
        if self.times.is_empty() {
            return self.includes_day(day);
        }
        let today_counts = self.includes_day(day);
        let yesterday_counts = day.yesterday().is_ok_and(|yesterday| self.includes_day(yesterday));
        self.times.iter().any(|time| {
            let past_midnight = time.until_minute <= time.from_minute;
            let today = minute >= time.from_minute && (past_midnight || minute < time.until_minute);
            let since_yesterday = past_midnight && minute < time.until_minute;
            (today && today_counts) || (since_yesterday && yesterday_counts)
        })
    }

    pub(super) fn includes_day(&self, day: Date) -> bool {
        let excepted = self.except.iter().any(|(first, last)| (*first..=*last).contains(&day));
        !excepted && (self.days.is_empty() || self.days.iter().any(|days| days.include(day)))
    }
}

impl Days {
    fn include(&self, day: Date) -> bool {
        let mut began = day;
        for _ in 0..self.lasts_days {
            if self.on.include(began) {
                return true;
            }
            let Ok(yesterday) = began.yesterday() else { return false };
            began = yesterday;
        }
        false
    }
}

impl On {
    fn include(&self, day: Date) -> bool {
        match self {
            On::Weekly(weekdays) => weekdays.contains(&day.weekday()),
            On::Monthly(days) => days.contains(&day.day()) || days.contains(&(day.day() - day.days_in_month() - 1)),
            On::NthWeekday(nth, weekday) => {
                day.weekday() == *weekday && day.nth_weekday_of_month(*nth, *weekday).is_ok_and(|found| found == day)
            }
            On::Yearly(days) => days.binary_search(&(day.month(), day.day())).is_ok(),
            On::LastWeekend(reading) => reading.includes(day),
        }
    }
}

impl LastWeekend {
    pub(super) fn includes(self, day: Date) -> bool {
        let saturday = match day.weekday() {
            Weekday::Saturday => Some(day),
            Weekday::Sunday => day.yesterday().ok(),
            _ => None,
        };
        let is_last = |saturday: Date| match self {
            LastWeekend::LastSaturdayAndNextDay => saturday.day() + 7 > saturday.days_in_month(),
            LastWeekend::LastFullWeekendInsideMonth => {
                let sunday = saturday.day() + 1;
                sunday <= saturday.days_in_month() && sunday + 7 > saturday.days_in_month()
            }
        };
        saturday.is_some_and(is_last)
    }
}

#[cfg(test)]
mod tests;
