//! A few members do a large part of everything: whom to draw when the load is to be like that.

use std::sync::Arc;

/// Draws one of many by a zipf distribution of exponent 1: the second half as often as the first, the tenth a tenth as often.
#[derive(Clone, Debug)]
pub struct Zipf {
    /// For each, the share of the draws that fall on it or on one before it.
    up_to: Arc<[f64]>,
}

impl Zipf {
    /// Prepares to draw one of so many, at least one.
    pub fn of(many: usize) -> Zipf {
        let mut sum = 0.0;
        let sums: Vec<f64> = (1..=many.max(1))
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        Zipf {
            up_to: sums.into_iter().map(|up_to| up_to / sum).collect(),
        }
    }

    /// Returns whom a number draws that is drawn evenly from 0 to 1.
    pub fn draw(&self, number: f64) -> usize {
        let drawn = self.up_to.partition_point(|up_to| *up_to <= number);
        drawn.min(self.up_to.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 1_000_000;

    fn drawn(many: usize) -> Vec<usize> {
        let zipf = Zipf::of(many);
        let mut drawn = vec![0; many];
        for number in 0..DRAWS {
            drawn[zipf.draw(number as f64 / DRAWS as f64)] += 1;
        }
        drawn
    }

    #[test]
    fn the_nth_is_drawn_one_nth_as_often_as_the_first() {
        let drawn = drawn(1_000);
        for rank in [2, 5, 10, 100, 1_000] {
            let expected = drawn[0] as f64 / rank as f64;
            let off = (drawn[rank - 1] as f64 - expected).abs() / expected;
            assert!(off < 0.02, "rank {rank} is {off} off");
        }
    }

    #[test]
    fn the_first_of_a_thousand_is_drawn_in_two_of_fifteen_times() {
        // 1 / (1 + 1/2 + ... + 1/1000) = 0.13359
        assert_eq!(drawn(1_000)[0] / 100, DRAWS * 13_359 / 100_000 / 100);
    }

    #[test]
    fn whatever_the_number_somebody_is_drawn() {
        assert_eq!(Zipf::of(1).draw(0.999_999), 0);
        assert_eq!(Zipf::of(7).draw(1.0), 6);
        assert_eq!(Zipf::of(7).draw(0.0), 0);
    }
}
