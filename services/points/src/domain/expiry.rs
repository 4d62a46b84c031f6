//! When a lot lapses.

use std::sync::Arc;

use common::zone::Zone;
use jiff::{SignedDuration, Span, Timestamp, civil::Date};

use super::entry::EntryKind;

/// When a lot lapses. Counted from the instant at which it was earned in the business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpiryPolicy {
    /// Never.
    None,
    /// After a number of days of 24 hours.
    AfterDays {
        /// The days.
        days: u32,
    },
    /// At the end of the period in which the day lies that comes some months and days later, in the program's zone.
    AtPeriodEnd {
        /// The period.
        period: Period,
        /// The months; 0 for none.
        after_months: u32,
        /// The days; 0 for none.
        after_days: u32,
    },
    /// At the end of the first of some days of the year that is not before the day that comes some months later, in the program's zone.
    OnDates {
        /// The days.
        dates: Arc<[MonthDay]>,
        /// The months; 0 for none.
        after_months: u32,
    },
    /// When nothing was done for some days: at the end of the day that comes so many days after the latest activity, in the program's zone. All points
    /// that lapse so lapse together.
    Inactivity {
        /// The days.
        days: u32,
        /// What counts as an activity.
        kinds: Activities,
    },
}

/// What keeps points alive that lapse when nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activities {
    /// To earn does.
    pub earning: bool,
    /// To spend does, at once or by a capture.
    pub spending: bool,
}

impl Activities {
    /// Tells whether an entry is one of them.
    pub fn contain(self, kind: EntryKind) -> bool {
        match kind {
            EntryKind::Earn => self.earning,
            EntryKind::Spend | EntryKind::Capture => self.spending,
            _ => false,
        }
    }
}

/// A calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// The first or the second half of a calendar year.
    HalfYear,
    /// A calendar year.
    Year,
}

/// A day of every year. The 29th of February is the 28th where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

impl MonthDay {
    /// Accepts a day that some year has.
    pub fn new(month: i8, day: i8) -> Option<MonthDay> {
        let of_leap_year = Date::new(2024, month, day).is_ok();
        of_leap_year.then_some(MonthDay { month, day })
    }

    fn in_year(self, year: i16) -> Option<Date> {
        let date = Date::new(year, self.month, self.day);
        date.or_else(|_| Date::new(year, self.month, self.day - 1)).ok()
    }
}

impl ExpiryPolicy {
    /// Returns the first instant at which a lot has lapsed; nothing when it never does, or not before the end of the calendar.
    pub fn expires_at(&self, earned_at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let earned_on = || earned_at.to_zoned(zone.tz().clone()).date();
        let later = |months: u32, days: u32| {
            let months_later = earned_on().checked_add(Span::new().try_months(months).ok()?).ok()?;
            months_later.checked_add(Span::new().try_days(days).ok()?).ok()
        };
        let first_day_after = match self {
            ExpiryPolicy::None => return None,
            ExpiryPolicy::AfterDays { days } => {
                let life = SignedDuration::from_hours(24 * i64::from(*days));
                return earned_at.checked_add(life).ok();
            }
            ExpiryPolicy::AtPeriodEnd {
                period,
                after_months,
                after_days,
            } => period.next_after(later(*after_months, *after_days)?)?,
            ExpiryPolicy::OnDates { dates, after_months } => {
                let earliest = later(*after_months, 0)?;
                let years = [earliest.year(), earliest.year().checked_add(1)?];
                let candidates = years
                    .into_iter()
                    .flat_map(|year| dates.iter().filter_map(move |date| date.in_year(year)));
                candidates.filter(|date| *date >= earliest).min()?.tomorrow().ok()?
            }
            ExpiryPolicy::Inactivity { days, .. } => later(0, *days)?.tomorrow().ok()?,
        };
        Some(first_day_after.to_zoned(zone.tz().clone()).ok()?.timestamp())
    }
}

impl Period {
    /// Returns the first day of the period after the one in which a day lies.
    pub fn next_after(self, day: Date) -> Option<Date> {
        let months = match self {
            Period::Day => return day.tomorrow().ok(),
            Period::Month => 1,
            Period::Quarter => 3,
            Period::HalfYear => 6,
            Period::Year => 12,
        };
        let first_month = (day.month() - 1) / months * months + 1;
        let first_day = Date::new(day.year(), first_month, 1).ok()?;
        first_day.checked_add(Span::new().months(months)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lapses(policy: ExpiryPolicy, earned_at: &str, zone: &str) -> Option<String> {
        let earned_at: Timestamp = earned_at.parse().unwrap();
        policy
            .expires_at(earned_at, &Zone::find(zone).unwrap())
            .map(|at| at.to_string())
    }

    fn at_end_of(period: Period, after_months: u32) -> ExpiryPolicy {
        ExpiryPolicy::AtPeriodEnd {
            period,
            after_months,
            after_days: 0,
        }
    }

    #[test]
    fn points_that_never_lapse_have_no_end() {
        assert_eq!(
            lapses(ExpiryPolicy::None, "2026-01-31T12:00:00Z", "Asia/Shanghai"),
            None
        );
    }

    #[test]
    fn days_are_of_24_hours_also_when_the_clocks_change() {
        let lapse = lapses(
            ExpiryPolicy::AfterDays { days: 1 },
            "2026-03-07T12:00:00Z",
            "America/New_York",
        );
        assert_eq!(lapse.unwrap(), "2026-03-08T12:00:00Z");
    }

    #[test]
    fn a_period_ends_at_midnight_in_the_zone_of_the_program() {
        // In Shanghai the month of February began four hours before this instant.
        let lapse = lapses(at_end_of(Period::Month, 0), "2026-01-31T20:00:00Z", "Asia/Shanghai");
        assert_eq!(lapse.unwrap(), "2026-02-28T16:00:00Z");
        let lapse = lapses(at_end_of(Period::Month, 0), "2026-01-31T20:00:00Z", "UTC");
        assert_eq!(lapse.unwrap(), "2026-02-01T00:00:00Z");
    }

    #[test]
    fn months_later_on_a_day_that_is_missing_is_the_last_day_of_that_month() {
        let lapse = lapses(at_end_of(Period::Month, 1), "2028-01-31T12:00:00Z", "UTC");
        assert_eq!(lapse.unwrap(), "2028-03-01T00:00:00Z");
    }

    #[test]
    fn quarters_and_years_end_on_their_last_day() {
        assert_eq!(
            lapses(at_end_of(Period::Quarter, 0), "2026-05-05T00:00:00Z", "UTC").unwrap(),
            "2026-07-01T00:00:00Z"
        );
        assert_eq!(
            lapses(at_end_of(Period::Quarter, 6), "2026-05-05T00:00:00Z", "UTC").unwrap(),
            "2027-01-01T00:00:00Z"
        );
        assert_eq!(
            lapses(at_end_of(Period::Year, 12), "2026-05-05T00:00:00Z", "UTC").unwrap(),
            "2028-01-01T00:00:00Z"
        );
    }

    #[test]
    fn a_midnight_that_the_zone_skips_is_the_first_instant_of_the_day() {
        // In Paraguay, summer time began at midnight of 2017-10-01: that day began at one o'clock.
        let lapse = lapses(at_end_of(Period::Month, 0), "2017-09-15T12:00:00Z", "America/Asuncion");
        assert_eq!(lapse.unwrap(), "2017-10-01T04:00:00Z");
    }

    #[test]
    fn what_would_end_after_the_calendar_never_lapses() {
        assert_eq!(
            lapses(ExpiryPolicy::AfterDays { days: 36_500 }, "9990-01-01T00:00:00Z", "UTC"),
            None
        );
        assert_eq!(
            lapses(at_end_of(Period::Year, 1_200), "9990-01-01T00:00:00Z", "UTC"),
            None
        );
    }

    #[test]
    fn a_day_some_days_later_and_half_a_year_end_too() {
        let end_of_day = ExpiryPolicy::AtPeriodEnd {
            period: Period::Day,
            after_months: 0,
            after_days: 365,
        };
        let lapse = lapses(end_of_day, "2026-01-31T20:00:00Z", "Asia/Shanghai");
        assert_eq!(lapse.unwrap(), "2027-02-01T16:00:00Z");
        let lapse = lapses(at_end_of(Period::HalfYear, 0), "2026-06-30T12:00:00Z", "UTC");
        assert_eq!(lapse.unwrap(), "2026-07-01T00:00:00Z");
        let lapse = lapses(at_end_of(Period::HalfYear, 1), "2026-06-30T12:00:00Z", "UTC");
        assert_eq!(lapse.unwrap(), "2027-01-01T00:00:00Z");
    }

    #[test]
    fn points_lapse_on_the_first_of_some_days_that_is_not_too_soon() {
        let on_dates = |after_months| ExpiryPolicy::OnDates {
            dates: [MonthDay::new(3, 31), MonthDay::new(2, 29)]
                .into_iter()
                .flatten()
                .collect(),
            after_months,
        };
        for (after_months, earned_at, lapses_at) in [
            (0, "2026-01-15T00:00:00Z", "2026-03-01T00:00:00Z"),
            (0, "2028-01-15T00:00:00Z", "2028-03-01T00:00:00Z"),
            (0, "2026-03-31T23:59:59Z", "2026-04-01T00:00:00Z"),
            (0, "2026-04-01T00:00:00Z", "2027-03-01T00:00:00Z"),
            (2, "2026-01-15T00:00:00Z", "2026-04-01T00:00:00Z"),
        ] {
            assert_eq!(
                lapses(on_dates(after_months), earned_at, "UTC").unwrap(),
                lapses_at,
                "{earned_at}"
            );
        }
        assert_eq!(MonthDay::new(2, 30), None);
    }
}
