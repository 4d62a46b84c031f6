//! What entries alone say of lots: nothing here looks at an account.

use std::collections::BTreeMap;

use common::ids::EntryId;

use super::ledger::amounts;
use crate::domain::{Amounts, EntryDraft, EntryKind};

/// Where the points of a lot are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    pub original: i64,
    pub pending: i64,
    pub available: i64,
    pub held: i64,
    pub spent: i64,
    pub expired: i64,
    pub reversed: i64,
}

/// Every lot's story, and the debt.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    pub lots: BTreeMap<EntryId, Whereabouts>,
    pub debt: i64,
}

impl Fold {
    /// Takes in an entry and checks that it leaves every lot whole and says truly what there is after it.
    pub fn follow(&mut self, entry: &EntryDraft) {
        let moved: i64 = entry.lots.iter().map(|part| part.points.get()).sum();
        assert!(entry.points.get() > 0, "{entry:?}");
        match entry.kind {
            EntryKind::Earn => self.earn(entry),
            EntryKind::Reverse => {
                self.debt += entry.debt_points.get();
                assert!(
                    moved + entry.debt_points.get() + entry.lost_points.get() <= entry.points.get(),
                    "{entry:?}"
                );
            }
            _ => assert_eq!(moved, entry.points.get(), "{entry:?}"),
        }
        for part in &entry.lots {
            let lot = self
                .lots
                .get_mut(&part.lot_id)
                .expect("a lot is earned before anything else happens to it");
            let (points, lapsed) = (part.points.get(), part.has_lapsed(entry.occurred_at));
            let lies = if part.is_pending() {
                &mut lot.pending
            } else {
                &mut lot.available
            };
            match entry.kind {
                EntryKind::Earn => unreachable!("an earning takes from no lot"),
                EntryKind::Activate => (lot.pending, lot.available) = (lot.pending - points, lot.available + points),
                EntryKind::Spend => (lot.available, lot.spent) = (lot.available - points, lot.spent + points),
                EntryKind::Hold => (lot.available, lot.held) = (lot.available - points, lot.held + points),
                EntryKind::Capture => (lot.held, lot.spent) = (lot.held - points, lot.spent + points),
                EntryKind::Release if lapsed => (lot.held, lot.expired) = (lot.held - points, lot.expired + points),
                EntryKind::Release => (lot.held, lot.available) = (lot.held - points, lot.available + points),
                EntryKind::Expire => {
                    *lies -= points;
                    lot.expired += points;
                }
                EntryKind::Reverse => {
                    *lies -= points;
                    lot.reversed += points;
                }
                EntryKind::Restore if lapsed => (lot.spent, lot.expired) = (lot.spent - points, lot.expired + points),
                EntryKind::Restore => (lot.spent, lot.available) = (lot.spent - points, lot.available + points),
            }
        }
        self.lots.values().for_each(Whereabouts::check);
        assert_eq!(self.amounts(), entry.after, "{entry:?}");
    }

    fn earn(&mut self, entry: &EntryDraft) {
        let (points, settled) = (entry.points.get(), entry.debt_points.get());
        let mut lot = Whereabouts {
            original: points,
            spent: settled,
            ..Whereabouts::default()
        };
        *(if entry.activates_at.is_some() {
            &mut lot.pending
        } else {
            &mut lot.available
        }) = points - settled;
        self.debt -= settled;
        assert!(self.lots.insert(entry.entry_id, lot).is_none());
    }

    pub fn amounts(&self) -> Amounts {
        let sum = |of: fn(&Whereabouts) -> i64| self.lots.values().map(of).sum();
        amounts(
            sum(|lot| lot.available),
            sum(|lot| lot.pending),
            sum(|lot| lot.held),
            self.debt,
        )
    }
}

impl Whereabouts {
    fn check(&self) {
        let places = [
            self.pending,
            self.available,
            self.held,
            self.spent,
            self.expired,
            self.reversed,
        ];
        assert!(places.iter().all(|points| *points >= 0), "{self:?}");
        assert_eq!(self.original, places.iter().sum::<i64>(), "{self:?}");
    }
}
