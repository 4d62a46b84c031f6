//! An account told from its entries alone: what it was at any time, and whether what is stored is what happened.

use std::collections::HashMap;

use common::{ids::EntryId, points::Points};
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::{
    account::{Account, Lately},
    activate_points::later_end,
    amounts::sum,
    entry::{EntryDraft, EntryKind},
    hold::Hold,
    notices::Notices,
    portions::Portion,
    wallet::WalletCode,
};

/// An account as some entries leave it, in the order in which they were recorded.
#[derive(Clone, Debug)]
pub struct Replay {
    account: Account,
    /// Where the entries are that others may take back.
    places: HashMap<EntryId, i64>,
}

/// What an entry says cannot be: it moves points that do not lie where it takes them from, or tells something else of what was left.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Contradiction {
    /// It moves points that do not lie there.
    #[error("the entry moves points that do not lie where it takes them from")]
    Elsewhere,
    /// It made points whose numbers are not the next.
    #[error("the entry makes points whose numbers are not the next")]
    Misnumbered,
    /// It ends or extends a hold that is not there.
    #[error("the entry is about a hold that is not there")]
    NoHold,
    /// It settles or forgives more than is owed.
    #[error("the entry settles or forgives more than is owed")]
    NoDebt,
    /// After it there is something else than it says.
    #[error("after the entry there is something else than it says")]
    OtherAmounts,
}

impl Account {
    /// Returns what entries tell of an account: all of it, but for what was earned in periods with a cap, for how long points live on whose time runs
    /// out while they are held, and for what the member was told.
    pub fn as_told(&self) -> Account {
        let hold = |hold: &Hold| Hold {
            grace: SignedDuration::ZERO,
            ..hold.clone()
        };
        Account {
            holds: self.holds.iter().map(hold).collect(),
            earned_in: Vec::new(),
            notices: Notices::default(),
            lately: Lately::default(),
            ..self.clone()
        }
    }
}

impl Replay {
    /// Begins with an account in which nothing happened.
    pub fn new(wallet: WalletCode) -> Replay {
        Replay {
            account: Account::empty(wallet),
            places: HashMap::new(),
        }
    }

    /// Returns the account as the entries leave it: see [`Account::as_told`].
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Takes in the next entry.
    pub fn follow(&mut self, entry: &EntryDraft) -> Result<(), Contradiction> {
        self.move_points(entry)?;
        self.move_debt(entry)?;
        self.live_on(entry);
        if let Some(related) = entry.related_entry_id
            && matches!(entry.kind, EntryKind::Reverse | EntryKind::Restore)
            && let Some(seq) = self.places.get(&related)
        {
            let moved = sum(entry.portions.iter().map(Portion::points));
            let found = sum([moved, entry.debt_points, entry.lost_points]);
            let lapsed = match entry.kind {
                EntryKind::Reverse => entry.points.saturating_sub(found),
                _ => Points::ZERO,
            };
            self.account.note_taken_back(*seq, entry.points, lapsed);
        }
        self.places.insert(entry.entry_id, entry.seq);
        self.account.last_seq = entry.seq;
        if self.account.amounts() == entry.after {
            Ok(())
        } else {
            Err(Contradiction::OtherAmounts)
        }
    }

    fn move_points(&mut self, entry: &EntryDraft) -> Result<(), Contradiction> {
        match entry.kind {
            EntryKind::Earn | EntryKind::TransferIn => self.make(entry),
            EntryKind::Activate => {
                self.take(entry)?;
                self.put(entry, |portion| Portion {
                    waits: None,
                    expires_at: later_end(portion.expires_at, entry.extended_to),
                    ..portion
                });
                Ok(())
            }
            EntryKind::Extend => {
                self.take(entry)?;
                self.put(entry, |portion| Portion {
                    expires_at: entry.extended_to,
                    ..portion
                });
                Ok(())
            }
            EntryKind::Spend
            | EntryKind::TransferOut
            | EntryKind::Expire
            | EntryKind::Reverse
            | EntryKind::CashOut
            | EntryKind::Forfeit => self.take(entry),
            EntryKind::Hold => {
                self.take(entry)?;
                self.account.holds.push(Hold {
                    hold_id: entry.entry_id,
                    expires_at: entry.hold_expires_at.unwrap_or(Timestamp::MAX),
                    grace: SignedDuration::ZERO,
                    portions: entry.portions.clone(),
                });
                Ok(())
            }
            EntryKind::ExtendHold => {
                let place = self.hold_of(entry)?;
                self.account.holds[place].expires_at = entry.hold_expires_at.unwrap_or(Timestamp::MAX);
                Ok(())
            }
            EntryKind::Capture => self.end_hold(entry),
            EntryKind::Release => {
                self.end_hold(entry)?;
                self.account.put_back(&entry.portions, entry.occurred_at);
                Ok(())
            }
            EntryKind::Restore => {
                self.account.put_back(&entry.portions, entry.occurred_at);
                Ok(())
            }
            EntryKind::WriteOff => Ok(()),
        }
    }

    fn make(&mut self, entry: &EntryDraft) -> Result<(), Contradiction> {
        let mut settling = entry.debt_points;
        for portion in &entry.portions {
            if portion.numbers != self.account.issue(portion.points()) {
                return Err(Contradiction::Misnumbered);
            }
            let (settles, rest) = portion.split(settling);
            settling = settling.saturating_sub(settles.points());
            self.account.open.put(rest);
        }
        Ok(())
    }

    fn take(&mut self, entry: &EntryDraft) -> Result<(), Contradiction> {
        for portion in &entry.portions {
            let same_dates = |there: &Portion| there.of(portion.numbers) == *portion;
            let taken = self.account.open.take_of(portion.numbers, portion.points(), same_dates);
            if sum(taken.iter().map(Portion::points)) != portion.points() {
                return Err(Contradiction::Elsewhere);
            }
        }
        Ok(())
    }

    fn put(&mut self, entry: &EntryDraft, as_now: impl Fn(Portion) -> Portion) {
        let portions = entry.portions.iter().cloned().map(as_now);
        portions.for_each(|portion| self.account.open.put(portion));
    }

    fn hold_of(&self, entry: &EntryDraft) -> Result<usize, Contradiction> {
        let is_it = |hold: &Hold| Some(hold.hold_id) == entry.related_entry_id;
        self.account.holds.iter().position(is_it).ok_or(Contradiction::NoHold)
    }

    /// Takes points out of a hold, the first of it, whatever dates they have by now. A hold with nothing in it is over.
    fn end_hold(&mut self, entry: &EntryDraft) -> Result<(), Contradiction> {
        let place = self.hold_of(entry)?;
        let (taken, rest) = self.account.holds[place].split(entry.points);
        let numbers = |portions: &[Portion]| portions.iter().map(|portion| portion.numbers).collect::<Vec<_>>();
        if numbers(&taken) != numbers(&entry.portions) {
            return Err(Contradiction::Elsewhere);
        }
        self.account.holds[place].portions = rest;
        if self.account.holds[place].portions.is_empty() {
            self.account.holds.remove(place);
        }
        Ok(())
    }

    fn move_debt(&mut self, entry: &EntryDraft) -> Result<(), Contradiction> {
        let debt = self.account.debt;
        let after = match entry.kind {
            EntryKind::Earn | EntryKind::TransferIn => debt.checked_sub(entry.debt_points),
            EntryKind::WriteOff => debt.checked_sub(entry.points),
            EntryKind::Reverse => debt.checked_add(entry.debt_points),
            _ => Some(debt),
        };
        self.account.debt = after.ok_or(Contradiction::NoDebt)?;
        Ok(())
    }

    /// An activity that keeps points alive gives a later end to all that lapse for want of one.
    fn live_on(&mut self, entry: &EntryDraft) {
        let until = entry.extended_to;
        if until.is_none() || matches!(entry.kind, EntryKind::Extend | EntryKind::Activate) {
            return;
        }
        if let Some(before) = self.account.slides_until {
            self.account.move_end(before, until);
        }
        self.account.slides_until = until;
    }
}
