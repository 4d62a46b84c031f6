//! On which terms points are credited: who pays for them, and when they become available.

use common::zone::Zone;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::budget::BudgetPeriod;

/// On which terms points are credited.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Terms {
    /// Who pays for them, if not the program.
    pub funder: Option<String>,
    /// When they become available.
    pub availability: Availability,
}

/// When points become available.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Availability {
    /// At once.
    #[default]
    AtOnce,
    /// At the beginning of the day that comes so many days after that of the activity.
    AfterDays(i32),
    /// At the end of the period in which the activity lies.
    AtEndOf(CalendarPeriod),
}

/// A period of the calendar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CalendarPeriod {
    /// A month.
    Month,
    /// Three months.
    Quarter,
    /// A year.
    Year,
}

/// Where points go, on which terms: the wallet, who pays for them, and when they become available.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Destination {
    /// The wallet.
    pub wallet: String,
    /// Who pays for them, if not the program.
    pub funder: Option<String>,
    /// When they become available, if not at once.
    pub activates_at: Option<Timestamp>,
}

impl Terms {
    /// Tells where points for a wallet go that an activity of a time brings.
    pub(super) fn destination(&self, wallet: &str, at: Timestamp, zone: &Zone) -> Destination {
        Destination {
            wallet: wallet.to_owned(),
            funder: self.funder.clone(),
            activates_at: self.availability.instant(at, zone),
        }
    }
}

impl Availability {
    /// A day that cannot be told is one that is too far away for anybody to wait for it: nothing waits then.
    fn instant(self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let day = || zone.tz().to_datetime(at).date();
        let on = match self {
            Availability::AtOnce => return None,
            Availability::AfterDays(days) => day().checked_add(days.days()).ok()?,
            Availability::AtEndOf(period) => period.day_after(day())?,
        };
        Some(on.to_zoned(zone.tz().clone()).ok()?.timestamp())
    }
}

impl CalendarPeriod {
    /// Returns the first day of the period in which a day lies.
    pub(super) fn first_day(self, day: Date) -> Date {
        let period = match self {
            CalendarPeriod::Month => BudgetPeriod::Month,
            CalendarPeriod::Quarter => BudgetPeriod::Quarter,
            CalendarPeriod::Year => BudgetPeriod::Year,
        };
        period.start(day)
    }

    /// Returns the first day after the period in which a day lies.
    pub(super) fn day_after(self, day: Date) -> Option<Date> {
        let last = match self {
            CalendarPeriod::Month => day.last_of_month(),
            CalendarPeriod::Quarter => {
                let months_left = (12 - i32::from(day.month())) % 3;
                day.first_of_month()
                    .checked_add(months_left.months())
                    .ok()?
                    .last_of_month()
            }
            CalendarPeriod::Year => day.last_of_year(),
        };
        last.tomorrow().ok()
    }
}

/// Parts the points of an accrual by where they go. What effects brought goes where they say, in their order, the rest where the accrual says: what a cap on the order took off is
/// missing from what came last.
pub(super) fn part(
    points: i64,
    before_cap: i64,
    of_accrual: Destination,
    of_effects: Vec<(Destination, i64)>,
) -> Vec<(Destination, i64)> {
    let elsewhere: i64 = of_effects.iter().map(|(_, points)| points).sum();
    let mut left = points;
    let mut parts: Vec<(Destination, i64)> = Vec::new();
    let own = (of_accrual, before_cap - elsewhere);
    for (to, asked) in std::iter::once(own).chain(of_effects) {
        let given = asked.min(left);
        left -= given;
        match parts.iter_mut().find(|(known, _)| *known == to) {
            Some((_, sum)) => *sum += given,
            None => parts.push((to, given)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(funder: &str) -> Destination {
        Destination {
            wallet: "points".into(),
            funder: (!funder.is_empty()).then(|| funder.into()),
            activates_at: None,
        }
    }

    #[test]
    fn points_become_available_at_midnights_of_the_zone() {
        let zone = Zone::find("Asia/Shanghai").unwrap();
        // The last hour of 14 February in London is the morning of the 15th in Shanghai.
        let instant = |availability: Availability| {
            let at = "2026-02-14T23:00:00Z".parse().unwrap();
            availability
                .instant(at, &zone)
                .map(|at| zone.tz().to_datetime(at).to_string())
        };
        assert_eq!(instant(Availability::AtOnce), None);
        let days = [
            (Availability::AfterDays(14), "2026-03-01T00:00:00"),
            (Availability::AtEndOf(CalendarPeriod::Month), "2026-03-01T00:00:00"),
            (Availability::AtEndOf(CalendarPeriod::Quarter), "2026-04-01T00:00:00"),
            (Availability::AtEndOf(CalendarPeriod::Year), "2027-01-01T00:00:00"),
        ];
        for (availability, expected) in days {
            assert_eq!(instant(availability).as_deref(), Some(expected), "{availability:?}");
        }
    }

    #[test]
    fn quarters_end_in_march_june_september_and_december() {
        let after = |month| {
            let day = jiff::civil::date(2026, month, 28);
            CalendarPeriod::Quarter.day_after(day).unwrap().to_string()
        };
        assert_eq!(after(1), "2026-04-01");
        assert_eq!(after(6), "2026-07-01");
        assert_eq!(after(8), "2026-10-01");
        assert_eq!(after(12), "2027-01-01");
    }

    #[test]
    fn what_a_cap_takes_off_is_missing_from_what_came_last() {
        let effects = || vec![(at("acme"), 30), (at("brand"), 20), (at("acme"), 5)];
        assert_eq!(
            part(155, 155, at(""), effects()),
            [(at(""), 100), (at("acme"), 35), (at("brand"), 20)]
        );
        assert_eq!(
            part(120, 155, at(""), effects()),
            [(at(""), 100), (at("acme"), 20), (at("brand"), 0)]
        );
        assert_eq!(part(40, 155, at(""), effects())[0], (at(""), 40));
    }
}
