//! Stored value: money that members paid in advance, the principal, and what they were given on top, the bonus. Each lies in a wallet of its own, with lots,
//! ends and holds like points; here is how a payment is parted between the two, and what may lie there.

use common::points::Points;

use super::wallet::WalletCode;

/// What a wallet says of the stored value whose principal lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredValue {
    /// Where the bonus lies; nothing where none is given.
    pub bonus: Option<WalletCode>,
    /// From which of the two a payment is taken.
    pub order: SpendOrder,
    /// What may lie in both together; nothing for any amount.
    pub most: Option<Points>,
    /// Whether what used gifts are worth is kept back from what is paid out.
    pub deducts_gifts: bool,
}

/// From which of the two a payment is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpendOrder {
    /// From both in proportion to what is there; what cannot be parted evenly from the bonus, because the principal is the member's own money.
    Proportional,
    /// From the bonus as long as there is any.
    BonusFirst,
    /// From the principal as long as there is any.
    PrincipalFirst,
}

/// An amount of stored value, parted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Of what was paid.
    pub principal: Points,
    /// Of what was given.
    pub bonus: Points,
}

impl Shares {
    /// Counts both. No wallet lets in more than can be counted, and of two of them the sum stops at the end of counting.
    pub fn total(self) -> Points {
        self.principal.saturating_add(self.bonus)
    }

    /// Parts an amount; nothing when less is there.
    pub fn part(self, order: SpendOrder, amount: Points) -> Option<Shares> {
        let total = self.total();
        if amount > total {
            return None;
        }
        let principal = match order {
            SpendOrder::Proportional if total.is_zero() => Points::ZERO,
            SpendOrder::Proportional => {
                let share = i128::from(self.principal.get()) * i128::from(amount.get()) / i128::from(total.get());
                Points::new(i64::try_from(share).ok()?)?
            }
            SpendOrder::BonusFirst => amount.saturating_sub(self.bonus),
            SpendOrder::PrincipalFirst => amount.min(self.principal),
        };
        Some(Shares {
            principal,
            bonus: amount.saturating_sub(principal),
        })
    }

    /// Returns what comes back of a payment of which some came back before: what a smaller one would not have taken, so that it does not matter in how many
    /// steps it comes back. Nothing when less is left.
    pub fn give_back(self, order: SpendOrder, before: Shares, amount: Points) -> Option<Shares> {
        let kept = self.total().checked_sub(before.total())?.checked_sub(amount)?;
        let kept = self.part(order, kept)?;
        // However the rest came back before, no more comes back now than was asked for.
        let left = Shares {
            principal: self.principal.saturating_sub(before.principal),
            bonus: self.bonus.saturating_sub(before.bonus),
        };
        let least = amount.saturating_sub(left.principal);
        let bonus = left
            .bonus
            .saturating_sub(kept.bonus)
            .max(least)
            .min(amount)
            .min(left.bonus);
        Some(Shares {
            principal: amount.saturating_sub(bonus),
            bonus,
        })
    }
}
