//! What points are worth in money.

/// So many points for so much money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointValue {
    points: i64,
    minor_units: i64,
}

impl PointValue {
    /// Accepts some points, at least one, and what they are worth in minor units of the currency, each up to 10^9.
    pub fn new(points: i64, minor_units: i64) -> Option<PointValue> {
        let most = 1_000_000_000;
        ((1..=most).contains(&points) && (0..=most).contains(&minor_units))
            .then_some(PointValue { points, minor_units })
    }

    /// Returns the points of the ratio.
    pub fn points(self) -> i64 {
        self.points
    }

    /// Returns the minor units of the ratio.
    pub fn minor_units(self) -> i64 {
        self.minor_units
    }

    /// Returns what a number of points is worth in minor units, rounded once to the nearest, a half to the even neighbour; nothing when that cannot be
    /// counted. What is owed the other way is a negative number of points.
    pub fn of(self, points: i64) -> Option<i64> {
        // Less than 2^63 times less than 2^30: it fits.
        let exact = i128::from(points) * i128::from(self.minor_units);
        let by = i128::from(self.points);
        let (floor, rest) = (exact.div_euclid(by), exact.rem_euclid(by));
        let up = 2 * rest > by || 2 * rest == by && floor % 2 != 0;
        i64::try_from(floor + i128::from(up)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_worth_their_share_and_a_half_goes_to_the_even_neighbour() {
        let value = |points, minor_units| PointValue::new(points, minor_units).unwrap();
        assert_eq!(value(100, 100).of(1_000), Some(1_000));
        let halves = [-3, -1, 0, 1, 3, 5, 7].map(|points| value(2, 1).of(points).unwrap());
        assert_eq!(halves, [-2, 0, 0, 0, 2, 2, 4]);
        assert_eq!(value(3, 2).of(5), Some(3));
        assert_eq!(value(1, 1_000_000_000).of(i64::MAX), None);
        assert_eq!(value(1_000_000_000, 1).of(i64::MIN), Some(-9_223_372_037));
    }

    #[test]
    fn nothing_is_worth_something_for_no_points() {
        for (points, minor_units) in [(0, 1), (-1, 1), (1, -1), (1_000_000_001, 1)] {
            assert_eq!(PointValue::new(points, minor_units), None);
        }
        assert!(PointValue::new(1, 0).is_some());
    }
}
