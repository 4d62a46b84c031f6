//! The state of one member's wallet.

use common::{ids::EntryId, points::Points};
use jiff::Timestamp;

use super::{
    amounts::{Amounts, sum},
    entry::{EntryDraft, EntryKind, Original},
    expiry::Period,
    hold::{Hold, HoldState},
    notices::Notices,
    numbers::Numbers,
    portions::{Portion, Portions},
    refusal::Refusal,
    stamp::Stamp,
    wallet::WalletCode,
};

/// What a member has in a wallet. Everything that a decision needs, and nothing that can be derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The wallet.
    pub wallet: WalletCode,
    /// The points that are pending or available.
    pub open: Portions,
    /// The holds that are active, the oldest first.
    pub holds: Vec<Hold>,
    /// What the member owes: the lots never go below zero, a shortfall lies here.
    pub debt: Points,
    /// The entries that were reversed or restored, at least in part: none is ever taken back by more than it was.
    pub taken_back: Vec<TakenBack>,
    /// What the journal may not say yet.
    pub lately: Lately,
    /// How many points were ever earned: the last number that was given.
    pub issued: i64,
    /// When the points lapse that live on with every activity; nothing where none do.
    pub slides_until: Option<Timestamp>,
    /// What was earned in the periods that run, where that has a cap.
    pub earned_in: Vec<EarnedIn>,
    /// What the member is told of points that lapse.
    pub notices: Notices,
    /// The place of the last entry.
    pub last_seq: i64,
}

/// What was earned in a period that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarnedIn {
    /// Which period it is.
    pub period: Period,
    /// When it ends.
    pub ends_at: Timestamp,
    /// What was earned in it.
    pub points: Points,
}

/// What happened to an account in this batch of commands and cannot be read from the journal before it is written. It is not stored, and
/// may be dropped when the batch is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// What lapsed.
    pub lapses: Vec<Lapse>,
    /// The holds that ended, and how.
    pub ended_holds: Vec<(EntryId, HoldState)>,
}

/// How much of an entry was reversed or restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The place of the entry.
    pub seq: i64,
    /// How many points of it.
    pub points: Points,
    /// How many of them had lapsed, and so were recovered without taking any.
    pub lapsed: Points,
}

/// Points that lapsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// The place of the entry by which they did.
    pub seq: i64,
    /// Which.
    pub numbers: Numbers,
}

impl Account {
    /// Returns the account of a member who never had anything in the wallet.
    pub fn empty(wallet: WalletCode) -> Account {
        Account {
            wallet,
            open: Portions::default(),
            holds: Vec::new(),
            debt: Points::ZERO,
            taken_back: Vec::new(),
            lately: Lately::default(),
            issued: 0,
            slides_until: None,
            earned_in: Vec::new(),
            notices: Notices::default(),
            last_seq: 0,
        }
    }

    /// Returns what the member has, as of the instant to which the account was brought.
    pub fn amounts(&self) -> Amounts {
        Amounts {
            available: self.open.count(|portion| !portion.is_pending()),
            pending: self.open.count(Portion::is_pending),
            held: sum(self.holds.iter().map(Hold::points)),
            debt: self.debt,
        }
    }

    /// Refuses to let in more than can be counted, or numbered.
    pub(super) fn check_room(&self, points: Points) -> Result<(), Refusal> {
        let is_counted = self.amounts().total().checked_add(points).is_some();
        if is_counted && self.issued <= i64::MAX - 1 - Points::MAX.get() {
            Ok(())
        } else {
            Err(Refusal::BalanceOutOfRange {
                wallet: self.wallet.clone(),
            })
        }
    }

    /// Gives points their numbers.
    pub(super) fn issue(&mut self, points: Points) -> Numbers {
        let first = self.issued + 1;
        self.issued += points.get();
        Numbers { first, points }
    }

    /// Begins an entry at the next place. What it leaves open is filled in by the command and by [`Account::close_entry`].
    pub(super) fn open_entry(&mut self, kind: EntryKind, points: Points, stamp: &mut Stamp<'_>) -> EntryDraft {
        let (entry_id, seq) = stamp.take_place();
        self.last_seq = seq;
        EntryDraft {
            entry_id,
            seq,
            wallet: self.wallet.clone(),
            kind,
            points,
            portions: Vec::new(),
            extended_to: None,
            other_member: None,
            funder: None,
            debt_points: Points::ZERO,
            lost_points: Points::ZERO,
            related_entry_id: None,
            hold_expires_at: None,
            by_request: true,
            occurred_at: stamp.now,
            after: Amounts::default(),
        }
    }

    /// Ends an entry whose points have moved: notes what the member has after it and what lapsed by it.
    pub(super) fn close_entry(&mut self, mut draft: EntryDraft) -> EntryDraft {
        draft.after = self.amounts();
        let lapses = draft.lapses().map(|portion| Lapse {
            seq: draft.seq,
            numbers: portion.numbers,
        });
        self.lately.lapses.extend(lapses);
        draft
    }

    /// Puts points back, except those whose time is over, and returns how many were lost for that reason.
    pub(super) fn put_back(&mut self, portions: &[Portion], at: Timestamp) -> Points {
        let (lost, back): (Vec<&Portion>, Vec<&Portion>) = portions.iter().partition(|portion| portion.has_lapsed(at));
        back.into_iter().for_each(|portion| self.open.put(portion.clone()));
        sum(lost.into_iter().map(Portion::points))
    }

    /// Gives another end to all points that lapse at an instant, those that are held too.
    pub(super) fn move_end(&mut self, from: Timestamp, to: Option<Timestamp>) {
        let lapses_then = |portion: &Portion| portion.expires_at == Some(from);
        self.open.extend(to, lapses_then);
        let held = self.holds.iter_mut().flat_map(|hold| &mut hold.portions);
        held.filter(|portion| lapses_then(portion))
            .for_each(|portion| portion.expires_at = to);
    }

    /// Returns what was reversed or restored so far of the entry at a place.
    pub fn taken_back_of(&self, seq: i64) -> TakenBack {
        let none = TakenBack {
            seq,
            points: Points::ZERO,
            lapsed: Points::ZERO,
        };
        self.taken_back
            .iter()
            .find(|taken| taken.seq == seq)
            .copied()
            .unwrap_or(none)
    }

    /// Decides how much of an entry is to be taken back: what was asked, or what is left of it; never more.
    pub(super) fn claim(&self, original: &Original, asked: Option<Points>) -> Result<Points, Refusal> {
        let left = original.points.saturating_sub(self.taken_back_of(original.seq).points);
        let points = asked.unwrap_or(left);
        if points.is_zero() || points > left {
            return Err(Refusal::MoreThanEntry {
                left,
                asked: asked.unwrap_or(Points::ZERO),
            });
        }
        Ok(points)
    }

    /// Notes that more was reversed or restored of the entry at a place.
    pub(super) fn note_taken_back(&mut self, seq: i64, points: Points, lapsed: Points) {
        let before = self.taken_back_of(seq);
        let after = TakenBack {
            seq,
            points: sum([before.points, points]),
            lapsed: sum([before.lapsed, lapsed]),
        };
        match self.taken_back.iter_mut().find(|taken| taken.seq == seq) {
            Some(taken) => *taken = after,
            None => self.taken_back.push(after),
        }
    }

    /// Counts the points of an earning that have lapsed, by what the journal says and by what is newer than that.
    pub(super) fn lapsed_of(&self, original: &Original) -> Points {
        let newer = self.lately.lapses.iter().filter(|lapse| lapse.seq > original.as_of_seq);
        let newer = newer.map(|lapse| lapse.numbers.common(original.numbers()).points);
        sum(newer.chain([original.lapsed]))
    }
}
