//! The prices of an order's lines, while discounts are taken off them one after another.

use super::allocate::allocate;
use super::discount::{Discount, DiscountPolicy, Stacking};
use super::facts::Facts;
use super::lines::counts;
use super::purchase::{Purchase, PurchaseLine};

/// The price of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Price {
    /// Before any campaign.
    pub initial: i64,
    /// After the campaigns so far.
    pub running: i64,
    /// The least that it may be.
    pub floor: i64,
}

/// The prices of the lines of an order.
#[derive(Clone, Debug)]
pub(super) struct Prices<'a> {
    lines: &'a [PurchaseLine],
    prices: Vec<Price>,
    policy: DiscountPolicy,
    /// What may yet be taken off.
    left: i64,
}

impl Price {
    /// Returns what shares are shares of.
    pub fn base(&self, stacking: Stacking) -> i64 {
        match stacking {
            Stacking::Running => self.running,
            Stacking::Initial => self.initial,
        }
    }

    fn room(&self) -> i64 {
        (self.running - self.floor).max(0)
    }
}

impl<'a> Prices<'a> {
    /// Begins with what an order costs without campaigns. A line has a floor of its own, by its place, beside that of the policy.
    pub fn of(purchase: &'a Purchase, policy: DiscountPolicy, floors: &[i64]) -> Prices<'a> {
        let price = |(at, line): (usize, &PurchaseLine)| {
            let initial = line.money.price_minor_units();
            let of_policy = per_mille_up(initial, policy.floor_per_mille);
            Price {
                initial,
                running: initial,
                floor: of_policy.max(floors.get(at).copied().unwrap_or(0)),
            }
        };
        let prices: Vec<Price> = purchase.lines().iter().enumerate().map(price).collect();
        let whole: i64 = prices.iter().map(|price| price.initial).sum();
        Prices {
            lines: purchase.lines(),
            left: whole - per_mille_up(whole, 1_000 - policy.max_total_per_mille),
            prices,
            policy,
        }
    }

    /// Takes a discount off, as far as its cap, the most for the order and the floors of the lines let it. Returns what each line has of it, in proportion to what shares are
    /// shares of, by largest remainders; and what it was before caps and floors.
    pub fn take(&mut self, discount: &Discount, facts: &Facts) -> (Vec<i64>, i64) {
        let stacking = self.policy.stacking;
        let is_meant = |at: usize| counts(discount.lines.as_ref(), &self.lines[at]);
        let meant = self.prices.iter().enumerate().filter(|(at, _)| is_meant(*at));
        let whole = discount.of(meant.map(|(_, price)| price), stacking, facts);
        let mut off = vec![0; self.prices.len()];
        let mut amount = whole.min(discount.max_minor_units.unwrap_or(i64::MAX)).min(self.left);
        // What a floor keeps from one line is for the others: each round fills a line at least, or is the last.
        while amount > 0 {
            let room = |at: usize| {
                if is_meant(at) {
                    self.prices[at].room() - off[at]
                } else {
                    0
                }
            };
            let rooms: Vec<i64> = (0..off.len()).map(room).collect();
            let weights = rooms.iter().zip(&self.prices);
            let weights = weights.map(|(room, price)| if *room > 0 { price.base(stacking).max(1) } else { 0 });
            let shares = allocate(amount, &weights.collect::<Vec<_>>());
            let taken: Vec<i64> = shares
                .iter()
                .zip(&rooms)
                .map(|(share, room)| *share.min(room))
                .collect();
            let sum: i64 = taken.iter().sum();
            if sum == 0 {
                break;
            }
            off.iter_mut().zip(&taken).for_each(|(off, taken)| *off += taken);
            amount -= sum;
        }
        for (price, off) in self.prices.iter_mut().zip(&off) {
            price.running -= off;
            self.left -= off;
        }
        (off, whole)
    }

    /// Returns what was taken off each line.
    pub fn taken(&self) -> impl Iterator<Item = i64> {
        self.prices.iter().map(|price| price.initial - price.running)
    }
}

/// Returns a share, a part of a minor unit being a whole one.
fn per_mille_up(amount: i64, per_mille: i64) -> i64 {
    let share = (i128::from(amount) * i128::from(per_mille) + 999) / 1_000;
    i64::try_from(share).expect("a share is at most the whole")
}
