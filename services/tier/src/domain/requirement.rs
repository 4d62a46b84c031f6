//! What a level asks for.

use jiff::{ToSpan, civil::Date};

/// What is counted of a member.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Metric {
    /// Money spent, in minor units.
    Spend,
    /// Orders that were not returned whole.
    Orders,
    /// Points earned by activities, whether spent since or not.
    PointsEarned,
}

/// The time over which a metric is summed. Its days are those of the program's zone.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum MetricWindow {
    /// Since enrolment.
    Lifetime,
    /// The current calendar year.
    CalendarYear,
    /// The last so many days, today included.
    RollingDays(u16),
}

/// Something that must have been done often or much enough.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Requirement {
    /// What is counted.
    pub metric: Metric,
    /// Over which time.
    pub window: MetricWindow,
    /// How much is needed.
    pub at_least: i64,
}

/// Requirements that must all be met.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequirementSet {
    /// The requirements.
    pub all_of: Vec<Requirement>,
}

impl MetricWindow {
    /// Returns the first day that counts today; nothing when all the past does.
    pub fn first_day(self, today: Date) -> Option<Date> {
        match self {
            MetricWindow::Lifetime => None,
            MetricWindow::CalendarYear => Some(today.first_of_year()),
            MetricWindow::RollingDays(days) => today.checked_sub((i64::from(days) - 1).days()).ok(),
        }
    }

    /// Tells whether on every day of the calendar all that this window counts is counted by the other one too.
    fn is_within(self, other: MetricWindow) -> bool {
        use MetricWindow::{CalendarYear, Lifetime, RollingDays};
        match (self, other) {
            (_, Lifetime) | (CalendarYear, CalendarYear) => true,
            (CalendarYear, RollingDays(days)) => days >= 366,
            (RollingDays(days), RollingDays(others)) => days <= others,
            (RollingDays(days), CalendarYear) => days == 1,
            (Lifetime, _) => false,
        }
    }
}

impl Requirement {
    /// Tells whether whoever meets this requirement meets the other one too.
    fn implies(&self, other: &Requirement) -> bool {
        self.metric == other.metric && self.window.is_within(other.window) && self.at_least >= other.at_least
    }
}

impl RequirementSet {
    /// Tells whether whoever meets this set meets the other one too.
    pub fn implies(&self, other: &RequirementSet) -> bool {
        other
            .all_of
            .iter()
            .all(|asked| self.all_of.iter().any(|given| given.implies(asked)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_window_counts_today() {
        let today = date(1998, 3, 1);
        assert_eq!(MetricWindow::Lifetime.first_day(today), None);
        assert_eq!(MetricWindow::CalendarYear.first_day(today), Some(date(1998, 1, 1)));
        assert_eq!(MetricWindow::RollingDays(1).first_day(today), Some(today));
        assert_eq!(MetricWindow::RollingDays(365).first_day(today), Some(date(1997, 3, 2)));
    }

    #[test]
    fn more_in_less_time_implies_less_in_more_time() {
        let spend = |at_least, window| RequirementSet {
            all_of: vec![Requirement {
                metric: Metric::Spend,
                window,
                at_least,
            }],
        };
        let thousand_a_year = spend(1000, MetricWindow::CalendarYear);
        assert!(thousand_a_year.implies(&spend(1000, MetricWindow::Lifetime)));
        assert!(thousand_a_year.implies(&spend(900, MetricWindow::RollingDays(366))));
        assert!(
            !thousand_a_year.implies(&spend(900, MetricWindow::RollingDays(365))),
            "a leap year is longer"
        );
        assert!(!thousand_a_year.implies(&spend(1001, MetricWindow::Lifetime)));
        assert!(!spend(1000, MetricWindow::Lifetime).implies(&thousand_a_year));
    }
}
