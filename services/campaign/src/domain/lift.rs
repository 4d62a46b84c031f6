//! How much more the members in one part of a sample spend than those in another, and how sure that is.
//!
//! Members fall into a thousand places by a hash, so what is spent in each place is one of as many draws of the same kind. The ratio of two means and its error come from these
//! (delta method), in whole numbers: no figure depends on how a machine rounds.

/// How much more, in thousandths, with the bounds of 95 %.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lift {
    /// What was measured.
    pub per_mille: i64,
    /// The lower bound.
    pub lower_per_mille: i64,
    /// The upper bound.
    pub upper_per_mille: i64,
}

/// Larger numbers are counted in larger units, so that their squares can be added up.
const LARGEST: i64 = 1_000_000_000;
const MILLION: i128 = 1_000_000;

/// Compares what is spent in some places with what is spent in others, each place told once, those with nothing too. Nothing where one of them has too few places or nothing.
pub fn lift(of: &[i64], baseline: &[i64]) -> Option<Lift> {
    let largest = of.iter().chain(baseline).copied().map(i64::abs).max()?;
    let unit = largest / LARGEST + 1;
    let (of, baseline) = (Mean::of(of, unit)?, Mean::of(baseline, unit)?);
    // The means as one ratio, in millionths.
    let ratio = of.sum * baseline.places * MILLION / (baseline.sum * of.places);
    let error = (of.relative_variance + baseline.relative_variance).isqrt();
    // 1.96 standard errors of the ratio; both factors are in millionths.
    let margin = ratio * error / MILLION * 196 / 100;
    let per_mille = |millionths: i128| i64::try_from(div_round(millionths - MILLION, 1_000)).ok();
    Some(Lift {
        per_mille: per_mille(ratio)?,
        lower_per_mille: per_mille(ratio - margin)?,
        upper_per_mille: per_mille(ratio + margin)?,
    })
}

/// A sum over places, and the variance of their mean over its square, in millionths of millionths.
struct Mean {
    places: i128,
    sum: i128,
    relative_variance: i128,
}

impl Mean {
    fn of(spent: &[i64], unit: i64) -> Option<Mean> {
        let spent = spent.iter().map(|spent| i128::from(*spent / unit));
        let (places, sum, squares) = spent.fold((0, 0, 0), |(places, sum, squares), spent| {
            (places + 1, sum + spent, squares + spent * spent)
        });
        if places < 2 || sum <= 0 {
            return None;
        }
        // (n * sum of squares - sum * sum) / ((n - 1) * sum * sum)
        let deviation = places * squares - sum * sum;
        let scaled = div_round(deviation * MILLION, sum * sum) * MILLION / (places - 1);
        Some(Mean {
            places,
            sum,
            relative_variance: scaled,
        })
    }
}

fn div_round(number: i128, by: i128) -> i128 {
    let half = by / 2;
    if number < 0 {
        (number - half) / by
    } else {
        (number + half) / by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_is_no_lift_and_twice_is_a_thousand_thousandths() {
        let lift = |of: &[i64], baseline: &[i64]| {
            lift(of, baseline).map(|lift| (lift.lower_per_mille, lift.per_mille, lift.upper_per_mille))
        };
        assert_eq!(lift(&[100; 50], &[100; 30]), Some((0, 0, 0)));
        assert_eq!(lift(&[200; 50], &[100; 30]), Some((1_000, 1_000, 1_000)));
        assert_eq!(lift(&[50; 50], &[100; 30]), Some((-500, -500, -500)));
    }

    #[test]
    fn the_more_places_differ_the_wider_are_the_bounds() {
        // 100 places of 90 and 110 by turns: a deviation of 10.05 in places, of 1.005 in their mean, 1.005 % of it; of two such means 1.42 %, and 1.96 times that is 2.79 %.
        let wavering: Vec<i64> = (0..100).map(|at| if at % 2 == 0 { 9_000 } else { 11_000 }).collect();
        let found = lift(&wavering, &wavering).unwrap();
        assert_eq!(
            (found.lower_per_mille, found.per_mille, found.upper_per_mille),
            (-28, 0, 28)
        );
        let more: Vec<i64> = wavering.iter().map(|spent| spent + 1_000).collect();
        let found = lift(&more, &wavering).unwrap();
        assert_eq!(found.per_mille, 100);
        assert!(found.lower_per_mille > 0 && found.upper_per_mille < 200, "{found:?}");
    }

    #[test]
    fn nothing_is_told_of_nothing_and_large_numbers_are_held() {
        assert_eq!(lift(&[], &[1, 2]), None);
        assert_eq!(lift(&[1], &[1, 2]), None);
        assert_eq!(lift(&[1, 2], &[0, 0]), None);
        let huge = vec![i64::MAX / 2; 1_000];
        assert_eq!(lift(&huge, &huge).unwrap().per_mille, 0);
    }
}
