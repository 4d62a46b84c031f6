//! Totals of days, rolled forward period by period, and the estimate of what will never be spent.

use jiff::{ToSpan as _, civil::Date};

use super::{
    expiry::Period,
    lines::{Line, Lines},
    value::PointValue,
    wallet::FunderCode,
};

/// What happened in a day to points that one funder pays for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayTotal {
    /// The day.
    pub day: Date,
    /// Who pays; nothing for the program, and for what is not of one funder.
    pub funder: Option<FunderCode>,
    /// What happened.
    pub lines: Lines,
}

/// Days that follow one another, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

impl Stretch {
    /// Parts it where periods begin, into at most so many; nothing when it has more.
    pub fn split(self, period: Period, most: usize) -> Option<Vec<Stretch>> {
        let (mut parts, mut rest) = (Vec::new(), Some(self));
        while let Some(here) = rest {
            if parts.len() == most {
                return None;
            }
            let next = period.next_after(here.first).filter(|next| *next <= here.last);
            let last = next.and_then(|next| next.yesterday().ok()).unwrap_or(here.last);
            parts.push(Stretch { last, ..here });
            rest = next.map(|first| Stretch { first, ..here });
        }
        Some(parts)
    }

    /// Returns the twelve months up to and with a day.
    pub fn year_up_to(last: Date) -> Stretch {
        let before = last.checked_sub(1.year()).and_then(Date::tomorrow);
        Stretch {
            first: before.unwrap_or(Date::MIN),
            last,
        }
    }

    /// Tells whether a day is one of them.
    pub fn has(self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }
}

/// A period, rolled forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rolled {
    /// Its days.
    pub stretch: Stretch,
    /// What was outstanding before.
    pub opening: i64,
    /// What was owed before.
    pub opening_debt: i64,
    /// What happened.
    pub lines: Lines,
    /// What was outstanding after.
    pub closing: i64,
    /// What was owed after.
    pub closing_debt: i64,
}

/// Rolls totals forward through periods that follow one another; nothing when a sum cannot be counted.
pub fn roll_forward(totals: &[DayTotal], periods: &[Stretch]) -> Option<Vec<Rolled>> {
    let Some(first) = periods.first() else {
        return Some(Vec::new());
    };
    let mut before = sum(totals, |day| day < first.first)?;
    let mut rolled = Vec::with_capacity(periods.len());
    for stretch in periods {
        let lines = sum(totals, |day| stretch.has(day))?;
        let after = before.checked_add(&lines)?;
        rolled.push(Rolled {
            stretch: *stretch,
            opening: before.outstanding()?,
            opening_debt: before.debt()?,
            lines,
            closing: after.outstanding()?,
            closing_debt: after.debt()?,
        });
        before = after;
    }
    Some(rolled)
}

/// Adds up what happened on some days; nothing when a sum cannot be counted.
fn sum(totals: &[DayTotal], which: impl Fn(Date) -> bool) -> Option<Lines> {
    let chosen = totals.iter().filter(|total| which(total.day));
    chosen
        .map(|total| &total.lines)
        .try_fold(Lines::default(), |sum, lines| sum.checked_add(lines))
}

/// A period in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoneyRolled {
    /// What was outstanding before, at the value of then.
    pub opening: i64,
    /// What happened, at the value of when the period ended.
    pub lines: Lines,
    /// What is missing between the opening with the lines and the closing: points became worth more or less, and lines were rounded.
    pub revaluation: i64,
    /// What was outstanding after.
    pub closing: i64,
}

impl Rolled {
    /// Returns the period in money, given what points were worth before and after; nothing when that cannot be counted.
    pub fn in_money(&self, before: Option<PointValue>, after: PointValue) -> Option<MoneyRolled> {
        let opening = before.map_or(Some(0), |value| value.of(self.opening))?;
        let lines = self.lines.map(|points| after.of(points))?;
        let closing = after.of(self.closing)?;
        Some(MoneyRolled {
            opening,
            lines,
            revaluation: closing.checked_sub(opening)?.checked_sub(lines.outstanding()?)?,
            closing,
        })
    }
}

/// What share of points lapses, as the past tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breakage {
    /// The days that are looked at.
    pub stretch: Stretch,
    /// The points that lapsed then.
    pub expired: i64,
    /// The points that were redeemed then and not restored.
    pub redeemed: i64,
}

impl Breakage {
    /// Looks at the twelve months up to and with a day; nothing when a sum cannot be counted.
    pub fn of_year_up_to(totals: &[DayTotal], last: Date) -> Option<Breakage> {
        let stretch = Stretch::year_up_to(last);
        let lines = sum(totals, |day| stretch.has(day))?;
        Some(Breakage {
            stretch,
            expired: lines.get(Line::Expired),
            redeemed: [Line::PaidOut, Line::Forfeited]
                .iter()
                .fold(lines.get(Line::Redeemed), |sum, line| {
                    sum.saturating_add(lines.get(*line))
                })
                .saturating_sub(lines.get(Line::Restored))
                .max(0),
        })
    }

    /// Estimates how many of some points will lapse, rounded down; none when nothing ended yet.
    pub fn estimate(&self, outstanding: i64) -> i64 {
        let ended = i128::from(self.expired) + i128::from(self.redeemed);
        let lapse = i128::from(outstanding.max(0)) * i128::from(self.expired);
        // It is at most what is outstanding.
        lapse.checked_div(ended).map_or(0, |points| points as i64)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn stretch(first: Date, last: Date) -> Stretch {
        Stretch { first, last }
    }

    #[test]
    fn days_are_parted_where_periods_begin() {
        let days = stretch(date(2026, 1, 30), date(2026, 4, 2));
        let months = days.split(Period::Month, 4).unwrap();
        assert_eq!(
            months,
            [
                stretch(date(2026, 1, 30), date(2026, 1, 31)),
                stretch(date(2026, 2, 1), date(2026, 2, 28)),
                stretch(date(2026, 3, 1), date(2026, 3, 31)),
                stretch(date(2026, 4, 1), date(2026, 4, 2)),
            ]
        );
        assert_eq!(days.split(Period::Month, 3), None);
        assert_eq!(days.split(Period::Quarter, 9).unwrap().len(), 2);
        assert_eq!(days.split(Period::Year, 1), Some(vec![days]));
        let last = stretch(Date::MAX, Date::MAX);
        assert_eq!(last.split(Period::Day, 1), Some(vec![last]));
    }

    #[test]
    fn a_year_up_to_a_day_has_no_day_twice() {
        assert_eq!(
            Stretch::year_up_to(date(2026, 6, 30)),
            stretch(date(2025, 7, 1), date(2026, 6, 30))
        );
        // A leap day is looked back at from the end of the February before.
        assert_eq!(
            Stretch::year_up_to(date(2028, 2, 29)),
            stretch(date(2027, 3, 1), date(2028, 2, 29))
        );
    }

    #[test]
    fn an_estimate_never_exceeds_what_is_there() {
        let breakage = |expired, redeemed| Breakage {
            stretch: Stretch::year_up_to(date(2026, 6, 30)),
            expired,
            redeemed,
        };
        assert_eq!(breakage(0, 0).estimate(100), 0);
        assert_eq!(breakage(1, 2).estimate(100), 33);
        assert_eq!(breakage(i64::MAX, 0).estimate(i64::MAX), i64::MAX);
        assert_eq!(breakage(i64::MAX, i64::MAX).estimate(i64::MAX), i64::MAX / 2);
    }

    #[test]
    fn what_points_became_worth_is_a_line_of_its_own() {
        let rolled = Rolled {
            stretch: Stretch::year_up_to(date(2026, 6, 30)),
            opening: 1_000,
            opening_debt: 0,
            lines: Lines::default().with(Line::Issued, 101).with(Line::Redeemed, 51),
            closing: 1_050,
            closing_debt: 0,
        };
        let value = |minor_units| PointValue::new(2, minor_units).unwrap();
        let same = rolled.in_money(Some(value(1)), value(1)).unwrap();
        // 50.5 and 25.5 go to 50 and 26: one unit is rounding.
        assert_eq!((same.opening, same.closing, same.revaluation), (500, 525, 1));
        let more = rolled.in_money(Some(value(1)), value(2)).unwrap();
        assert_eq!((more.opening, more.closing, more.revaluation), (500, 1_050, 500));
        let new = rolled.in_money(None, value(2)).unwrap();
        assert_eq!((new.opening, new.closing, new.revaluation), (0, 1_050, 1_000));
    }
}
