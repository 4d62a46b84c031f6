//! Base accrual: which money counts, and how many points it makes before any factor.

use common::points::Points;
use common::ratio::{Ratio, Rounding};

use super::kept::KeptPart;
use super::names::Names;
use super::purchase::Purchase;
use super::terms::Terms;

/// How every purchase of a program earns into one wallet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Accrual {
    /// The name.
    pub code: String,
    /// The wallet that is credited.
    pub wallet: String,
    /// How much money makes how many points; without it, only campaigns credit the wallet.
    pub rate: Option<EarnRate>,
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
    /// On which terms the wallet is credited.
    pub terms: Terms,
    /// Whether prospects earn it, too.
    pub prospects_earn: bool,
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
    /// What steps are counted on.
    pub scope: EarnScope,
}

/// What the steps of a rate are counted on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EarnScope {
    /// The order as a whole.
    Order,
    /// Each line by itself.
    Line,
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
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EarnBase {
    /// Before or after discounts.
    pub discount: DiscountBase,
    /// Whether tax counts.
    pub with_tax: bool,
    /// Whether freight counts.
    pub with_freight: bool,
    /// Money that was paid by one of these methods does not count.
    pub without_payment_methods: Names,
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
    /// What was paid after discounts, without tax and freight.
    pub fn paid() -> EarnBase {
        EarnBase {
            discount: DiscountBase::After,
            with_tax: false,
            with_freight: false,
            without_payment_methods: Names::default(),
        }
    }

    /// Returns what of the money counts that is kept of a line. Everything that is taken off is taken off in one, so that keeping more never counts less.
    pub(super) fn of_line(&self, purchase: &Purchase, kept: &KeptPart<'_>) -> i64 {
        let money = kept.line.money;
        let discount = match self.discount {
            DiscountBase::Before => 0,
            DiscountBase::After => money.discount_minor_units,
        };
        let tax = if self.with_tax { money.tax_minor_units } else { 0 };
        let left_out = discount + purchase.paid_for_line(kept.at, &self.without_payment_methods);
        kept.gross_minor_units - kept.share(left_out) + kept.share(tax)
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
            scope: EarnScope::Order,
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
}
