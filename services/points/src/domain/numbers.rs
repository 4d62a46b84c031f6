//! The numbers of points: every point of a wallet has one, given in the order of earning, and keeps it for ever.
//!
//! So a lot is a run of numbers, and what a debit took is told exactly by a few of them, however many lots there are: nothing has to be kept for each
//! lot, and no rule has to be applied again to know where its points went.

use common::points::Points;

/// A run of consecutive numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The first; the first point that was ever earned in a wallet has the number 1.
    pub first: i64,
    /// How many.
    pub points: Points,
}

impl Numbers {
    /// Returns the number that comes after the last.
    pub fn end(self) -> i64 {
        self.first + self.points.get()
    }

    /// Returns what is in both runs; it may be empty.
    pub fn common(self, other: Numbers) -> Numbers {
        let first = self.first.max(other.first);
        let points = self.end().min(other.end()) - first;
        Numbers {
            first,
            points: Points::new(points).unwrap_or(Points::ZERO),
        }
    }

    /// Parts the first numbers, so many, from the rest.
    pub fn split(self, points: Points) -> (Numbers, Numbers) {
        let points = points.min(self.points);
        let rest = Numbers {
            first: self.first + points.get(),
            points: self.points.saturating_sub(points),
        };
        (Numbers { points, ..self }, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(first: i64, points: i64) -> Numbers {
        Numbers {
            first,
            points: Points::new(points).unwrap(),
        }
    }

    #[test]
    fn what_two_runs_share_is_a_run() {
        assert_eq!(run(1, 10).common(run(4, 20)), run(4, 7));
        assert_eq!(run(4, 2).common(run(1, 10)), run(4, 2));
        assert!(run(1, 3).common(run(4, 3)).points.is_zero());
        assert!(run(9, 3).common(run(1, 3)).points.is_zero());
    }

    #[test]
    fn a_run_is_split_into_its_first_numbers_and_the_rest() {
        assert_eq!(run(5, 10).split(Points::new(3).unwrap()), (run(5, 3), run(8, 7)));
        assert_eq!(run(5, 10).split(Points::MAX), (run(5, 10), run(15, 0)));
    }
}
