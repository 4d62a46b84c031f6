//! Base accrual: which money counts, and how many points it makes before any factor.

use common::points::Points;
use common::ratio::{Ratio, Rounding};

use super::purchase::LineMoney;

/// How every purchase of a program earns into one wallet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Accrual {
    /// The name.
    pub code: String,
    /// The wallet that is credited.
    pub wallet: String,
    /// How much money makes how many points.
    pub rate: EarnRate,
    /// Which money counts.
    pub base: EarnBase,
    /// The ladder whose factor applies, if any does.
    pub ladder: Option<String>,
    /// How the factors of the level and of the campaigns make one.
    pub composition: Composition,
    /// What is done with the part of a point that is left, once for the order.
    pub rounding: Rounding,
    /// The most that one order earns.
    pub max_points_per_order: Option<Points>,
}

/// How much money makes how many points.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EarnRate {
    /// The money, at least 1.
    pub per_minor_units: i64,
    /// The points.
    pub points: i64,
    /// What a started step earns.
    pub step: EarnStep,
}

/// What a started step earns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EarnStep {
    /// Nothing.
    FullSteps,
    /// Its share.
    ProRata,
}

/// Which money counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EarnBase {
    /// Before or after discounts.
    pub discount: DiscountBase,
    /// Whether tax counts.
    pub with_tax: bool,
    /// Whether freight counts.
    pub with_freight: bool,
}

/// Before or after discounts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DiscountBase {
    /// The price before discounts.
    Before,
    /// The price after discounts.
    After,
}

/// How several factors make one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Composition {
    /// 1 and what each adds: 1.6 and 2 make 2.6.
    Additive,
    /// The product: 1.6 and 2 make 3.2.
    Multiplicative,
    /// The largest: 1.6 and 2 make 2.
    Max,
}

impl EarnRate {
    /// Returns the exact points that money makes; nothing when they cannot be held.
    pub fn points_for(&self, base_minor_units: i64) -> Option<Ratio> {
        match self.step {
            EarnStep::FullSteps => {
                let steps = base_minor_units.checked_div(self.per_minor_units)?;
                steps.checked_mul(self.points).map(Ratio::whole)
            }
            EarnStep::ProRata => {
                Ratio::whole(base_minor_units).checked_mul(Ratio::new(self.points, self.per_minor_units)?)
            }
        }
    }
}

impl EarnBase {
    /// Returns what of a line's money counts.
    pub fn of_line(&self, money: LineMoney) -> i64 {
        let price = match self.discount {
            DiscountBase::Before => money.gross_minor_units,
            DiscountBase::After => money.price_minor_units(),
        };
        if self.with_tax {
            price + money.tax_minor_units
        } else {
            price
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::inconsistent_digit_grouping, reason = "prices are written as yuan and fen")]

    use super::*;

    fn points(per_minor_units: i64, points: i64, step: EarnStep, base_minor_units: i64) -> Option<Ratio> {
        EarnRate {
            per_minor_units,
            points,
            step,
        }
        .points_for(base_minor_units)
    }

    #[test]
    fn one_point_for_ten_yuan_makes_ten_points_of_105_yuan() {
        assert_eq!(points(1000, 1, EarnStep::FullSteps, 105_00), Some(Ratio::whole(10)));
        assert_eq!(points(1000, 1, EarnStep::ProRata, 105_00), Ratio::new(21, 2));
    }

    #[test]
    fn a_hundred_points_for_a_hundred_yuan_make_200_or_250_points_of_250_yuan() {
        assert_eq!(
            points(100_00, 100, EarnStep::FullSteps, 250_00),
            Some(Ratio::whole(200))
        );
        assert_eq!(points(100_00, 100, EarnStep::ProRata, 250_00), Some(Ratio::whole(250)));
    }

    #[test]
    fn points_beyond_counting_are_nothing() {
        assert_eq!(points(1, i64::MAX, EarnStep::FullSteps, 2), None);
    }

    #[test]
    fn the_base_counts_exactly_the_money_it_names() {
        let money = LineMoney {
            gross_minor_units: 100,
            discount_minor_units: 30,
            tax_minor_units: 7,
        };
        let base = |discount, with_tax| {
            EarnBase {
                discount,
                with_tax,
                with_freight: false,
            }
            .of_line(money)
        };
        assert_eq!(base(DiscountBase::Before, false), 100);
        assert_eq!(base(DiscountBase::After, false), 70);
        assert_eq!(base(DiscountBase::Before, true), 107);
        assert_eq!(base(DiscountBase::After, true), 77);
    }
}
