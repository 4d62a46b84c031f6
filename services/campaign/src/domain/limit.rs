//! Limits: how often a campaign applies for a member, and how many points it brings them.

use common::points::Points;
use jiff::ToSpan as _;
use jiff::civil::Date;

/// How often a campaign applies for a member in a time, and how many points it brings them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limit {
    /// In which time.
    pub period: LimitPeriod,
    /// How often at most.
    pub times: Option<i64>,
    /// How many points at most.
    pub points: Option<Points>,
}

/// A time in the program's zone.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum LimitPeriod {
    /// As long as the campaign exists.
    Campaign,
    /// A day.
    Day,
    /// A week from Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
}

/// How often a campaign applied for a member in a period, and how many points it brought.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Used {
    /// How often.
    pub times: i64,
    /// How many points.
    pub points: i64,
}

/// What an activity adds to how often a campaign applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UseChange {
    /// The campaign.
    pub campaign: String,
    /// The periods in which it is counted.
    pub periods: Vec<LimitPeriod>,
    /// How much.
    pub by: Used,
}

impl Limit {
    /// Tells whether the campaign cannot apply any more.
    pub(super) fn is_used_up(&self, used: Used) -> bool {
        self.times.is_some_and(|times| used.times >= times) || self.points_left(used).is_some_and(Points::is_zero)
    }

    /// Returns how many points are left, if they are limited.
    pub(super) fn points_left(&self, used: Used) -> Option<Points> {
        let left = |points: Points| Points::new((points.get() - used.points).max(0)).unwrap_or(Points::ZERO);
        self.points.map(left)
    }
}

impl LimitPeriod {
    /// Returns the day on which the period began in which a day lies. All of a campaign's life begins on one day.
    pub fn start(self, day: Date) -> Date {
        match self {
            LimitPeriod::Campaign => Date::ZERO,
            LimitPeriod::Day => day,
            LimitPeriod::Week => day
                .checked_sub(i32::from(day.weekday().to_monday_zero_offset()).days())
                .unwrap_or(Date::MIN),
            LimitPeriod::Month => day.first_of_month(),
            LimitPeriod::Quarter => quarter(day),
            LimitPeriod::Year => day.first_of_year(),
        }
    }

    /// Returns the last day of the period in which a day lies.
    pub(super) fn last(self, day: Date) -> Date {
        match self {
            LimitPeriod::Campaign => Date::MAX,
            LimitPeriod::Day => day,
            LimitPeriod::Week => self.start(day).checked_add(6.days()).unwrap_or(Date::MAX),
            LimitPeriod::Month => day.last_of_month(),
            LimitPeriod::Quarter => {
                let next = quarter(day).checked_add(3.months());
                next.and_then(Date::yesterday).unwrap_or(Date::MAX)
            }
            LimitPeriod::Year => day.last_of_year(),
        }
    }
}

/// Returns the first day of the quarter in which a day lies.
fn quarter(day: Date) -> Date {
    let into = i64::from((day.month() - 1) % 3);
    day.first_of_month().checked_sub(into.months()).unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_where_the_calendar_says() {
        let day: Date = "2026-11-22".parse().unwrap();
        let start = |period: LimitPeriod| period.start(day).to_string();
        assert_eq!(start(LimitPeriod::Day), "2026-11-22");
        assert_eq!(start(LimitPeriod::Week), "2026-11-16");
        assert_eq!(start(LimitPeriod::Month), "2026-11-01");
        assert_eq!(start(LimitPeriod::Quarter), "2026-10-01");
        assert_eq!(start(LimitPeriod::Year), "2026-01-01");
        assert_eq!(
            start(LimitPeriod::Campaign),
            LimitPeriod::Campaign.start(Date::MAX).to_string()
        );
        let last = |period: LimitPeriod| period.last(day).to_string();
        assert_eq!(last(LimitPeriod::Week), "2026-11-22");
        assert_eq!(last(LimitPeriod::Month), "2026-11-30");
        assert_eq!(last(LimitPeriod::Quarter), "2026-12-31");
        assert_eq!(last(LimitPeriod::Year), "2026-12-31");
    }

    #[test]
    fn a_quarter_has_three_months_and_the_next_begins_the_day_after() {
        let of = |day: &str| {
            let day: Date = day.parse().unwrap();
            [LimitPeriod::Quarter.start(day), LimitPeriod::Quarter.last(day)].map(|day| day.to_string())
        };
        for day in ["2028-01-01", "2028-02-29", "2028-03-31"] {
            assert_eq!(of(day), ["2028-01-01", "2028-03-31"]);
        }
        assert_eq!(of("2028-04-01"), ["2028-04-01", "2028-06-30"]);
        assert_eq!(LimitPeriod::Quarter.last(Date::MAX), Date::MAX);
    }

    #[test]
    fn a_limit_is_used_up_by_times_or_by_points() {
        let limit = Limit {
            period: LimitPeriod::Day,
            times: Some(2),
            points: Points::new(100),
        };
        assert!(!limit.is_used_up(Used { times: 1, points: 99 }));
        assert!(limit.is_used_up(Used { times: 2, points: 0 }) && limit.is_used_up(Used { times: 0, points: 100 }));
        assert_eq!(limit.points_left(Used { times: 0, points: 130 }), Some(Points::ZERO));
    }
}
