//! Discounts: what campaigns take off prices, and how several of them go together.

use super::facts::Facts;
use super::lines::LineFilter;
use super::price::Price;

/// What a campaign takes off prices.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Discount {
    /// How much.
    pub off: Off,
    /// Off these lines; without it, off all.
    pub lines: Option<LineFilter>,
    /// At most this.
    pub max_minor_units: Option<i64>,
}

/// How much is taken off.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Off {
    /// So many thousandths.
    PerMille(i64),
    /// An amount, once for the order.
    MinorUnits(i64),
    /// As many thousandths as the member's level on a ladder says.
    Level(String),
}

/// How the discounts on an order go together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DiscountPolicy {
    /// What a share is a share of.
    pub stacking: Stacking,
    /// How many thousandths of an order's price campaigns take off at most.
    pub max_total_per_mille: i64,
    /// How many thousandths of its price a line costs at least.
    pub floor_per_mille: i64,
}

/// What a share is a share of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stacking {
    /// Of what the discounts before it left.
    Running,
    /// Of the price before any campaign.
    Initial,
}

impl Default for DiscountPolicy {
    /// Shares are of what is left, and nothing is kept from being given away.
    fn default() -> DiscountPolicy {
        DiscountPolicy {
            stacking: Stacking::Running,
            max_total_per_mille: 1_000,
            floor_per_mille: 0,
        }
    }
}

impl Discount {
    /// Returns what it comes to of some prices, before its cap. A part of a minor unit is not taken off.
    pub(super) fn of<'a>(&self, prices: impl Iterator<Item = &'a Price>, stacking: Stacking, facts: &Facts) -> i64 {
        let per_mille = match &self.off {
            Off::MinorUnits(amount) => return *amount,
            Off::PerMille(per_mille) => *per_mille,
            Off::Level(ladder) => facts.discount_on(ladder),
        };
        let whole: i64 = prices.map(|price| price.base(stacking)).sum();
        let share = i128::from(whole) * i128::from(per_mille) / 1_000;
        i64::try_from(share).expect("a share is at most the whole")
    }
}
