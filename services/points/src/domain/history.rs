//! What an account had at instants that are over, by all that is known of them now.

use jiff::Timestamp;

use super::{amounts::Amounts, entry::EntryDraft};

/// What an account had at an instant that is over. An amount may be negative: what was earned then and reported later may have settled a debt
/// that arose in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PastAmounts {
    /// Could be spent.
    pub available: i64,
    /// Earned, not available yet.
    pub pending: i64,
    /// Set aside by holds.
    pub held: i64,
    /// Owed.
    pub debt: i64,
}

/// The movements of an account, each at the instant at which it occurred, whenever it was recorded.
#[derive(Clone, Debug, Default)]
pub struct History {
    latest: PastAmounts,
    movements: Vec<(Timestamp, PastAmounts)>,
}

impl History {
    /// Takes in the next entry of the account, in the order in which they were recorded.
    pub fn follow(&mut self, entry: &EntryDraft) {
        let after = PastAmounts::from(entry.after);
        self.movements.push((entry.occurred_at, after.without(self.latest)));
        self.latest = after;
    }

    /// Returns what the account had at an instant: what it has now, without what occurred later.
    pub fn amounts_at(&self, instant: Timestamp) -> PastAmounts {
        let later = self.movements.iter().filter(|(occurred_at, _)| *occurred_at > instant);
        later.fold(self.latest, |amounts, (_, movement)| amounts.without(*movement))
    }
}

impl PastAmounts {
    /// Takes amounts away. Points are counted far below where this could overflow.
    fn without(self, other: PastAmounts) -> PastAmounts {
        PastAmounts {
            available: self.available - other.available,
            pending: self.pending - other.pending,
            held: self.held - other.held,
            debt: self.debt - other.debt,
        }
    }
}

impl From<Amounts> for PastAmounts {
    fn from(amounts: Amounts) -> PastAmounts {
        PastAmounts {
            available: amounts.available.get(),
            pending: amounts.pending.get(),
            held: amounts.held.get(),
            debt: amounts.debt.get(),
        }
    }
}
