//! When a lot lapses.

use common::zone::Zone;
use jiff::{SignedDuration, Span, Timestamp, civil::Date};

/// When a lot lapses. Counted from the instant at which it was earned in the business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryPolicy {
    /// Never.
    None,
    /// After a number of days of 24 hours.
    AfterDays {
        /// The days.
        days: u32,
    },
    /// At the end of the period in which the day lies that comes some months later, in the program's zone.
    AtPeriodEnd {
        /// The period.
        period: Period,
        /// The months; 0 for the period in which it was earned.
        after_months: u32,
    },
}

/// A calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
}

impl ExpiryPolicy {
    /// Returns the first instant at which a lot has lapsed; nothing when it never does, or not before the end of the calendar.
    pub fn expires_at(self, earned_at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        match self {
            ExpiryPolicy::None => None,
            ExpiryPolicy::AfterDays { days } => earned_at
                .checked_add(SignedDuration::from_hours(24 * i64::from(days)))
                .ok(),
            ExpiryPolicy::AtPeriodEnd { period, after_months } => {
                let earned_on = earned_at.to_zoned(zone.tz().clone()).date();
                let last_day = earned_on.checked_add(Span::new().try_months(after_months).ok()?).ok()?;
                let lapses_on = period.next_after(last_day)?;
                Some(lapses_on.to_zoned(zone.tz().clone()).ok()?.timestamp())
            }
        }
    }
}

impl Period {
    /// Returns the first day of the period after the one in which a day lies.
    fn next_after(self, day: Date) -> Option<Date> {
        let months = match self {
            Period::Month => 1,
            Period::Quarter => 3,
            Period::Year => 12,
        };
        let first_month = (day.month() - 1) / months * months + 1;
        let first_day = Date::new(day.year(), first_month, 1).ok()?;
        first_day.checked_add(Span::new().months(months)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{ExpiryPolicy, Period};
    use common::zone::Zone;
    use jiff::Timestamp;

    fn lapses(policy: ExpiryPolicy, earned_at: &str, zone: &str) -> Option<String> {
        let earned_at: Timestamp = earned_at.parse().unwrap();
        policy
            .expires_at(earned_at, &Zone::find(zone).unwrap())
            .map(|at| at.to_string())
    }

    fn at_end_of(period: Period, after_months: u32) -> ExpiryPolicy {
        ExpiryPolicy::AtPeriodEnd { period, after_months }
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
}
