//! What happens so often in a time, spread evenly over its days.

use jiff::civil::Date;

/// Something that happens so often in a time.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// How often.
    pub times: i64,
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
}

impl Spread {
    /// Returns how often it happens on a day. The days differ by one at most, and all of them together are exactly as often as it happens.
    pub fn on(&self, day: Date) -> i64 {
        if day < self.from || day >= self.until {
            return 0;
        }
        let (at, of) = (days_between(self.from, day), days_between(self.from, self.until));
        let before = |days: i64| i128::from(self.times) * i128::from(days) / i128::from(of);
        i64::try_from(before(at + 1) - before(at)).unwrap_or(self.times)
    }
}

/// Counts the days from one day to another.
pub fn days_between(from: Date, until: Date) -> i64 {
    from.duration_until(until).as_hours() / 24
}

/// Goes through days, the last one excluded.
pub fn every_day((from, until): (Date, Date)) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| day.tomorrow().ok()).take_while(move |day| *day < until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_share_what_happens_and_lose_nothing_of_it() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let spread = Spread {
            times: 1_000_000,
            from: day("2026-01-01"),
            until: day("2026-04-01"),
        };
        let of_days: Vec<i64> = every_day((day("2025-12-30"), day("2026-04-03")))
            .map(|day| spread.on(day))
            .collect();
        assert_eq!(of_days.iter().sum::<i64>(), 1_000_000);
        assert_eq!(
            (of_days[1], of_days[2], of_days[91], of_days[92]),
            (0, 11_111, 11_112, 0)
        );
        assert!(of_days[2..92].iter().all(|times| (11_111..=11_112).contains(times)));
    }
}
