//! What entries alone say of points: nothing here looks at an account.

use std::collections::BTreeMap;

use super::ledger::amounts;
use crate::domain::{Amounts, EntryDraft, EntryKind};

/// Where a point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Pending,
    Available,
    Held,
    Spent,
    Expired,
    Reversed,
}

/// Every point's story, and the debt.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    pub points: BTreeMap<i64, Place>,
    pub debt: i64,
}

impl Fold {
    /// Takes in an entry and checks that it moves only points that lie where it takes them from, and says truly what there is after it.
    pub fn follow(&mut self, entry: &EntryDraft) {
        let moved: i64 = entry.portions.iter().map(|portion| portion.points().get()).sum();
        assert!(entry.points.get() > 0, "{entry:?}");
        if matches!(entry.kind, EntryKind::ExtendHold | EntryKind::WriteOff) {
            assert_eq!(moved, 0, "{entry:?}");
        } else if entry.kind == EntryKind::Reverse {
            self.debt += entry.debt_points.get();
            assert!(
                moved + entry.debt_points.get() + entry.lost_points.get() <= entry.points.get(),
                "{entry:?}"
            );
        } else {
            assert_eq!(moved, entry.points.get(), "{entry:?}");
        }
        for portion in &entry.portions {
            let lapsed = portion.has_lapsed(entry.occurred_at);
            let lies = if portion.is_pending() {
                Place::Pending
            } else {
                Place::Available
            };
            let made = entry.made().map_or(0, |made| made.first);
            for number in portion.numbers.first..portion.numbers.end() {
                match entry.kind {
                    EntryKind::Earn | EntryKind::TransferIn => {
                        self.earn(number, number - made < entry.debt_points.get(), lies)
                    }
                    EntryKind::Extend => self.go(number, lies, lies),
                    EntryKind::ExtendHold | EntryKind::WriteOff => unreachable!("it moves no points"),
                    EntryKind::Activate => self.go(number, Place::Pending, Place::Available),
                    EntryKind::Spend | EntryKind::TransferOut | EntryKind::CashOut | EntryKind::Forfeit => {
                        self.go(number, Place::Available, Place::Spent)
                    }
                    EntryKind::Hold => self.go(number, Place::Available, Place::Held),
                    EntryKind::Capture => self.go(number, Place::Held, Place::Spent),
                    EntryKind::Release if lapsed => self.go(number, Place::Held, Place::Expired),
                    EntryKind::Release => self.go(number, Place::Held, Place::Available),
                    EntryKind::Expire => self.go(number, lies, Place::Expired),
                    EntryKind::Reverse => self.go(number, lies, Place::Reversed),
                    EntryKind::Restore if lapsed => self.go(number, Place::Spent, Place::Expired),
                    EntryKind::Restore => self.go(number, Place::Spent, Place::Available),
                }
            }
        }
        if entry.kind.makes_lot() {
            self.debt -= entry.debt_points.get();
        }
        if entry.kind == EntryKind::WriteOff {
            self.debt -= entry.points.get();
        }
        assert_eq!(self.amounts(), entry.after, "{entry:?}");
    }

    fn earn(&mut self, number: i64, settles: bool, lies: Place) {
        let place = if settles { Place::Spent } else { lies };
        assert_eq!(number, self.points.len() as i64 + 1, "numbers leave no gap");
        self.points.insert(number, place);
    }

    fn go(&mut self, number: i64, from: Place, to: Place) {
        let before = self.points.insert(number, to);
        assert_eq!(before, Some(from), "point {number} lies elsewhere");
    }

    pub fn amounts(&self) -> Amounts {
        let count = |place| self.points.values().filter(|there| **there == place).count() as i64;
        amounts(
            count(Place::Available),
            count(Place::Pending),
            count(Place::Held),
            self.debt,
        )
    }
}
