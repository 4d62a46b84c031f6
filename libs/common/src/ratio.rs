//! Exact rational numbers for rates and factors, and the named ways to round them.

use std::cmp::Ordering;

/// An exact rational number in lowest terms. Arithmetic is checked: a result that cannot be held exactly is nothing, never an approximation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    num: i128,
    den: i128,
}

/// What is done with the part of a unit that cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Toward zero.
    Floor,
    /// To the nearest; a half goes to the even neighbour.
    HalfEven,
    /// Away from zero.
    Ceil,
}

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio { num: 0, den: 1 };
    /// Once.
    pub const ONE: Ratio = Ratio { num: 1, den: 1 };

    /// Makes a ratio; nothing when the denominator is not positive.
    pub fn new(num: i64, den: i64) -> Option<Ratio> {
        (den > 0).then(|| Ratio::reduced(i128::from(num), i128::from(den)))
    }

    /// Makes a whole number.
    pub const fn whole(number: i64) -> Ratio {
        Ratio {
            num: number as i128,
            den: 1,
        }
    }

    /// Returns the numerator in lowest terms, where it fits.
    pub fn num(self) -> Option<i64> {
        i64::try_from(self.num).ok()
    }

    /// Returns the denominator in lowest terms, where it fits.
    pub fn den(self) -> Option<i64> {
        i64::try_from(self.den).ok()
    }

    /// Adds.
    pub fn checked_add(self, other: Ratio) -> Option<Ratio> {
        let left = self.num.checked_mul(other.den)?;
        let right = other.num.checked_mul(self.den)?;
        Some(Ratio::reduced(
            left.checked_add(right)?,
            self.den.checked_mul(other.den)?,
        ))
    }

    /// Subtracts.
    pub fn checked_sub(self, other: Ratio) -> Option<Ratio> {
        self.checked_add(Ratio {
            num: other.num.checked_neg()?,
            den: other.den,
        })
    }

    /// Multiplies.
    pub fn checked_mul(self, other: Ratio) -> Option<Ratio> {
        Some(Ratio::reduced(
            self.num.checked_mul(other.num)?,
            self.den.checked_mul(other.den)?,
        ))
    }

    /// Divides by a ratio above nothing.
    pub fn checked_div(self, other: Ratio) -> Option<Ratio> {
        if other.num <= 0 {
            return None;
        }
        self.checked_mul(Ratio {
            num: other.den,
            den: other.num,
        })
    }

    /// Rounds to a whole number; nothing when that does not fit.
    pub fn round(self, rounding: Rounding) -> Option<i64> {
        let magnitude = self.num.unsigned_abs();
        let den = self.den.unsigned_abs();
        let (whole, rest) = (magnitude / den, magnitude % den);
        let up = match rounding {
            Rounding::Floor => false,
            Rounding::Ceil => rest > 0,
            Rounding::HalfEven => match (rest.checked_mul(2)?).cmp(&den) {
                Ordering::Less => false,
                Ordering::Equal => whole % 2 == 1,
                Ordering::Greater => true,
            },
        };
        let rounded = i64::try_from(whole + u128::from(up)).ok()?;
        Some(if self.num < 0 { -rounded } else { rounded })
    }

    fn reduced(num: i128, den: i128) -> Ratio {
        let divisor = greatest_common_divisor(num.unsigned_abs(), den.unsigned_abs());
        let divisor = i128::try_from(divisor).unwrap_or(1).max(1);
        Ratio {
            num: num / divisor,
            den: den / divisor,
        }
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Ratio) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// Compares by continued fractions, which cannot overflow where cross products could.
    fn cmp(&self, other: &Ratio) -> Ordering {
        let (mut a, mut b) = ((self.num, self.den), (other.num, other.den));
        let mut turned = false;
        loop {
            let (whole_a, whole_b) = (a.0.div_euclid(a.1), b.0.div_euclid(b.1));
            let (rest_a, rest_b) = (a.0.rem_euclid(a.1), b.0.rem_euclid(b.1));
            let found = match whole_a.cmp(&whole_b) {
                Ordering::Equal if rest_a == 0 || rest_b == 0 => rest_a.min(1).cmp(&rest_b.min(1)),
                Ordering::Equal => {
                    (a, b, turned) = ((a.1, rest_a), (b.1, rest_b), !turned);
                    continue;
                }
                unequal => unequal,
            };
            return if turned { found.reverse() } else { found };
        }
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(num: i64, den: i64) -> Ratio {
        Ratio::new(num, den).unwrap()
    }

    #[test]
    fn a_factor_of_one_and_a_fifth_three_times_is_exact() {
        let fifth = ratio(6, 5);
        let cubed = fifth
            .checked_mul(fifth)
            .and_then(|square| square.checked_mul(fifth))
            .unwrap();
        assert_eq!(
            cubed.checked_mul(Ratio::whole(100)).unwrap().round(Rounding::Floor),
            Some(172)
        );
    }

    #[test]
    fn rounding_is_what_its_name_says() {
        assert_eq!(ratio(5, 2).round(Rounding::Floor), Some(2));
        assert_eq!(ratio(5, 2).round(Rounding::HalfEven), Some(2));
        assert_eq!(ratio(7, 2).round(Rounding::HalfEven), Some(4));
        assert_eq!(ratio(21, 10).round(Rounding::Ceil), Some(3));
        assert_eq!(ratio(-5, 2).round(Rounding::Floor), Some(-2));
    }

    proptest! {
        #[test]
        fn order_is_the_order_of_cross_products(a in -1000i64..1000, b in 1i64..1000, c in -1000i64..1000, d in 1i64..1000) {
            prop_assert_eq!(ratio(a, b).cmp(&ratio(c, d)), (a * d).cmp(&(c * b)));
        }

        #[test]
        fn rounding_stays_within_one(num in any::<i64>(), den in 1i64..1_000_000) {
            let exact = ratio(num, den);
            for rounding in [Rounding::Floor, Rounding::HalfEven, Rounding::Ceil] {
                let off = exact.checked_sub(Ratio::whole(exact.round(rounding).unwrap())).unwrap();
                prop_assert!(off < Ratio::ONE && off > Ratio::whole(-1));
            }
        }
    }
}
