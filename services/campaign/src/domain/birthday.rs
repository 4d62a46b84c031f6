//! Around a member's birthday. When that is, the member service tells; here it is a day.

use jiff::civil::Date;

use super::limit::LimitPeriod;

/// How near to the birthday.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BirthdayWindow {
    /// On the day itself.
    Day,
    /// In its week, from Monday to Sunday.
    Week,
    /// In its calendar month.
    Month,
}

impl BirthdayWindow {
    /// Tells whether a day is that near to a birthday.
    pub(super) fn includes(self, birthday: Date, day: Date) -> bool {
        let period = match self {
            BirthdayWindow::Day => LimitPeriod::Day,
            BirthdayWindow::Week => LimitPeriod::Week,
            BirthdayWindow::Month => LimitPeriod::Month,
        };
        period.start(birthday) == period.start(day)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_only_itself() {
        let birthday = date(2026, 5, 20);
        assert!(BirthdayWindow::Day.includes(birthday, birthday));
        for other in [
            date(2026, 5, 19),
            date(2026, 5, 21),
            date(2025, 5, 20),
            date(2027, 5, 20),
        ] {
            assert!(!BirthdayWindow::Day.includes(birthday, other), "{other}");
        }
    }

    #[test]
    fn a_week_goes_from_monday_to_sunday_over_the_turn_of_the_year() {
        let birthday = date(2026, 12, 30);
        for day in [date(2026, 12, 28), birthday, date(2027, 1, 3)] {
            assert!(BirthdayWindow::Week.includes(birthday, day), "{day}");
        }
        for day in [date(2026, 12, 27), date(2027, 1, 4), date(2025, 12, 30)] {
            assert!(!BirthdayWindow::Week.includes(birthday, day), "{day}");
        }
    }

    #[test]
    fn a_month_is_that_of_the_birthday_in_its_year() {
        // Born on 29 February, on 1 March in this year: the month is March.
        let birthday = date(2027, 3, 1);
        assert!(BirthdayWindow::Month.includes(birthday, date(2027, 3, 31)));
        for day in [date(2027, 2, 28), date(2027, 4, 1), date(2028, 3, 1)] {
            assert!(!BirthdayWindow::Month.includes(birthday, day), "{day}");
        }
        let leap = date(2028, 2, 29);
        assert!(BirthdayWindow::Month.includes(leap, date(2028, 2, 1)));
        assert!(!BirthdayWindow::Month.includes(leap, date(2028, 3, 1)));
    }
}
