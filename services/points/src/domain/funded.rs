//! What funders pay for points.

use jiff::civil::Date;

use super::{
    lines::{Line, Lines},
    roll_forward::{DayTotal, Stretch},
    value::PointValue,
    wallet::FunderCode,
};

/// What a funder pays for the points of a period, at one price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundedPoints {
    /// The period.
    pub stretch: Stretch,
    /// Who pays; nothing for the program.
    pub funder: Option<FunderCode>,
    /// What the funder pays for points; nothing when it pays nothing.
    pub price: Option<PointValue>,
    /// What was earned.
    pub issued: i64,
    /// What of earnings was taken back.
    pub taken_back: i64,
}

impl FundedPoints {
    /// Returns what is left to pay for; below 0 when more was taken back than earned.
    pub fn net(&self) -> i64 {
        self.issued - self.taken_back
    }
}

/// Tells what funders pay in periods that follow one another, by period, funder and price, the prices in the order of their days. Nothing when a sum
/// cannot be counted.
pub fn fund(
    totals: &[DayTotal],
    periods: &[Stretch],
    price_on: impl Fn(&FunderCode, Date) -> Option<PointValue>,
) -> Option<Vec<FundedPoints>> {
    let mut funded = Vec::new();
    for stretch in periods {
        let mut lines: Vec<(Option<&FunderCode>, Option<PointValue>, Lines)> = Vec::new();
        let mut days: Vec<&DayTotal> = totals.iter().filter(|total| stretch.has(total.day)).collect();
        days.sort_by(|one, other| (&one.funder, one.day).cmp(&(&other.funder, other.day)));
        for total in days {
            let funder = total.funder.as_ref();
            let price = funder.and_then(|funder| price_on(funder, total.day));
            match lines.iter_mut().find(|line| (line.0, line.1) == (funder, price)) {
                Some(line) => line.2 = line.2.checked_add(&total.lines)?,
                None => lines.push((funder, price, total.lines)),
            }
        }
        let counted = lines.into_iter().map(|(funder, price, lines)| FundedPoints {
            stretch: *stretch,
            funder: funder.cloned(),
            price,
            issued: lines.get(Line::Issued),
            taken_back: lines.get(Line::TakenBack),
        });
        funded.extend(counted.filter(|line| line.issued != 0 || line.taken_back != 0));
    }
    Some(funded)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_price_that_changed_in_a_period_makes_two_lines() {
        let acme = FunderCode::new("acme").unwrap();
        let total = |day, funder: Option<&FunderCode>, issued, taken_back| DayTotal {
            day,
            funder: funder.cloned(),
            lines: Lines::default()
                .with(Line::Issued, issued)
                .with(Line::TakenBack, taken_back),
        };
        let totals = [
            total(date(2026, 1, 1), Some(&acme), 10, 0),
            total(date(2026, 1, 2), None, 5, 0),
            total(date(2026, 1, 3), Some(&acme), 100, 120),
            total(date(2026, 1, 4), Some(&acme), 1_000, 0),
            total(date(2026, 1, 5), None, 0, 0),
        ];
        let cheap = PointValue::new(100, 1);
        let dear = PointValue::new(100, 2);
        let january = Stretch {
            first: date(2026, 1, 1),
            last: date(2026, 1, 31),
        };
        let price_on = |_: &FunderCode, day| if day < date(2026, 1, 3) { cheap } else { dear };
        let lines = fund(&totals, &[january], price_on).unwrap();
        let told: Vec<_> = lines
            .iter()
            .map(|line| {
                (
                    line.funder.as_ref(),
                    line.price,
                    line.issued,
                    line.taken_back,
                    line.net(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (None, None, 5, 0, 5),
                (Some(&acme), cheap, 10, 0, 10),
                (Some(&acme), dear, 1_100, 120, 980),
            ]
        );
    }
}
