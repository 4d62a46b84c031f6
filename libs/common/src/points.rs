//! A checked, never negative number of points.

use std::fmt;

/// A number of points in the wallet's smallest unit: never negative, never above [`Points::MAX`], never silently wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Points = Points(0);
    /// The most that can be counted: far beyond any program, far below where sums of `i64` could overflow.
    pub const MAX: Points = Points(9_000_000_000_000_000);

    /// Accepts a number that can be a number of points.
    pub const fn new(points: i64) -> Option<Points> {
        if 0 <= points && points <= Points::MAX.0 {
            Some(Points(points))
        } else {
            None
        }
    }

    /// Returns the number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Tells whether there are none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Adds; nothing when the sum could not be counted.
    pub const fn checked_add(self, other: Points) -> Option<Points> {
        match self.0.checked_add(other.0) {
            Some(sum) => Points::new(sum),
            None => None,
        }
    }

    /// Adds as much as can be counted.
    pub fn saturating_add(self, other: Points) -> Points {
        self.checked_add(other).unwrap_or(Points::MAX)
    }

    /// Subtracts; nothing when there are too few.
    pub const fn checked_sub(self, other: Points) -> Option<Points> {
        Points::new(self.0 - other.0)
    }

    /// Subtracts as much as there is.
    pub const fn saturating_sub(self, other: Points) -> Points {
        if self.0 > other.0 {
            Points(self.0 - other.0)
        } else {
            Points::ZERO
        }
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_never_negative_and_never_beyond_counting() {
        assert_eq!(Points::new(-1), None);
        assert_eq!(Points::new(i64::MAX), None);
        assert_eq!(Points::ZERO.checked_sub(Points(1)), None);
        assert_eq!(Points::MAX.checked_add(Points(1)), None);
        assert_eq!(Points(3).saturating_sub(Points(5)), Points::ZERO);
    }
}
