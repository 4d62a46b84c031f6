//! Budgets: how much money campaigns may cost in a time.

use jiff::civil::Date;

use super::contradiction::Contradiction;
use super::nested::{Nested, misplaced};

/// How much money campaigns may cost in a time, together with everything in the budgets that are a part of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Budget {
    /// The name.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// The budget that it is a part of, if of any.
    pub parent: Option<String>,
    /// For which time the money is.
    pub period: BudgetPeriod,
    /// How much it is for each such time.
    pub cap_minor_units: i64,
    /// How many thousandths of that are kept for emergencies.
    pub reserve_per_mille: i64,
}

/// A time in the program's zone for which money is given, the longest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum BudgetPeriod {
    /// For ever.
    Always,
    /// A calendar year.
    Year,
    /// A quarter of a calendar year.
    Quarter,
    /// A calendar month.
    Month,
}

/// Who pays for what a campaign brings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Funding {
    /// The budget.
    pub budget: String,
    /// What happens when it has not enough left.
    pub on_shortage: OnShortage,
}

/// What happens when a budget has not enough left for what a campaign would bring.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnShortage {
    /// The campaign brings as many points as the money is enough for.
    Partial,
    /// The campaign does not apply; what else earns is not touched.
    BaseOnly,
    /// The activity is refused.
    Reject,
    /// The campaign applies, and what it costs beyond the budget is told apart.
    Allow,
}

impl Budget {
    /// Returns what may be spent while the reserve is closed. A part of a minor unit belongs to the reserve.
    pub fn open_minor_units(&self) -> i64 {
        let open = i128::from(self.cap_minor_units) * i128::from(1000 - self.reserve_per_mille) / 1000;
        i64::try_from(open).expect("a part is at most the whole")
    }

    /// Tells everything that makes the budget impossible in those that it is a part of, and after the version before.
    pub fn contradictions(&self, ancestors: &[&Budget], before: Option<&Budget>) -> Vec<Contradiction> {
        let mut found: Vec<Contradiction> = misplaced(self, ancestors)
            .map(|sentence| Contradiction::new("parent", sentence))
            .into_iter()
            .collect();
        if ancestors.first().is_some_and(|parent| self.period < parent.period) {
            found.push(Contradiction::new(
                "period",
                "is longer than that of the budget it is a part of",
            ));
        }
        // What was spent is counted by where it lies.
        if before.is_some_and(|before| before.parent != self.parent) {
            found.push(Contradiction::new(
                "parent",
                "cannot change: money is counted there already",
            ));
        }
        if before.is_some_and(|before| before.period != self.period) {
            found.push(Contradiction::new(
                "period",
                "cannot change: money is counted by it already",
            ));
        }
        found
    }
}

impl BudgetPeriod {
    /// Returns the day on which the period began in which a day lies. All time begins on one day.
    pub fn start(self, day: Date) -> Date {
        match self {
            BudgetPeriod::Always => Date::ZERO,
            BudgetPeriod::Year => day.first_of_year(),
            BudgetPeriod::Quarter => {
                let first_month = (day.month() - 1) / 3 * 3 + 1;
                Date::new(day.year(), first_month, 1).expect("every month has a first day")
            }
            BudgetPeriod::Month => day.first_of_month(),
        }
    }
}

impl Nested for Budget {
    fn code(&self) -> &str {
        &self.code
    }

    fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(code: &str, parent: Option<&str>, period: BudgetPeriod) -> Budget {
        Budget {
            code: code.into(),
            display_name: code.into(),
            parent: parent.map(str::to_owned),
            period,
            cap_minor_units: 1001,
            reserve_per_mille: 50,
        }
    }

    #[test]
    fn the_reserve_takes_the_part_of_a_minor_unit() {
        assert_eq!(budget("b", None, BudgetPeriod::Year).open_minor_units(), 950);
    }

    #[test]
    fn a_period_begins_where_the_calendar_says() {
        let day: Date = "2026-11-22".parse().unwrap();
        let start = |period: BudgetPeriod| period.start(day).to_string();
        assert_eq!(start(BudgetPeriod::Month), "2026-11-01");
        assert_eq!(start(BudgetPeriod::Quarter), "2026-10-01");
        assert_eq!(start(BudgetPeriod::Year), "2026-01-01");
        assert_eq!(BudgetPeriod::Always.start(day), BudgetPeriod::Always.start(Date::MAX));
    }

    #[test]
    fn what_is_impossible_is_told() {
        let year = budget("year", None, BudgetPeriod::Year);
        let fields = |budget: &Budget, ancestors: &[&Budget], before| {
            let found = budget.contradictions(ancestors, before);
            found
                .into_iter()
                .map(|contradiction| contradiction.field)
                .collect::<Vec<_>>()
        };
        let month = budget("month", Some("year"), BudgetPeriod::Month);
        assert_eq!(fields(&month, &[&year], Some(&month)), [""; 0]);
        assert_eq!(
            fields(&budget("all", Some("year"), BudgetPeriod::Always), &[&year], None),
            ["period"]
        );
        assert_eq!(fields(&month, &[&year, &month], None), ["parent"]);
        assert_eq!(fields(&year, &[], Some(&month)), ["parent", "period"]);
    }
}
