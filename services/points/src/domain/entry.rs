//! Entries: what moved, decided and not written yet.

use common::{
    ids::{EntryId, MemberId},
    points::Points,
};
use jiff::Timestamp;

use super::{
    amounts::{Amounts, sum},
    numbers::Numbers,
    portions::Portion,
    wallet::{FunderCode, WalletCode},
};

/// Kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Points came in, as a lot of their own.
    Earn,
    /// Pending points became available.
    Activate,
    /// Available points were spent.
    Spend,
    /// Available points were set aside; the entry is the hold.
    Hold,
    /// Held points were spent.
    Capture,
    /// Held points came back, or lapsed because their lot had.
    Release,
    /// Points lapsed.
    Expire,
    /// An earning was taken back.
    Reverse,
    /// Spent points came back.
    Restore,
    /// Points were given a later end.
    Extend,
    /// A hold was given a later end.
    ExtendHold,
    /// A debt was forgiven.
    WriteOff,
    /// Points went to another member.
    TransferOut,
    /// Points came from another member, as a lot of their own.
    TransferIn,
    /// Stored value was taken out to be paid in cash.
    CashOut,
    /// What was given on top of it was forfeited thereby.
    Forfeit,
}

impl EntryKind {
    /// Tells whether entries of this kind make a lot.
    pub fn makes_lot(self) -> bool {
        matches!(self, EntryKind::Earn | EntryKind::TransferIn)
    }

    /// Returns the name as the API spells it.
    pub fn name(self) -> &'static str {
        match self {
            EntryKind::Earn => "EARN",
            EntryKind::Activate => "ACTIVATE",
            EntryKind::Spend => "SPEND",
            EntryKind::Hold => "HOLD",
            EntryKind::Capture => "CAPTURE",
            EntryKind::Release => "RELEASE",
            EntryKind::Expire => "EXPIRE",
            EntryKind::Reverse => "REVERSE",
            EntryKind::Restore => "RESTORE",
            EntryKind::Extend => "EXTEND",
            EntryKind::ExtendHold => "EXTEND_HOLD",
            EntryKind::WriteOff => "WRITE_OFF",
            EntryKind::TransferOut => "TRANSFER_OUT",
            EntryKind::TransferIn => "TRANSFER_IN",
            EntryKind::CashOut => "CASH_OUT",
            EntryKind::Forfeit => "FORFEIT",
        }
    }
}

/// One movement in a wallet. Together the entries of an account tell every lot's story: nothing else has to be kept for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryDraft {
    /// The id; of an earning also the id of its lot, of a hold also the id of the hold.
    pub entry_id: EntryId,
    /// The place on the shard.
    pub seq: i64,
    /// The wallet.
    pub wallet: WalletCode,
    /// What kind of movement.
    pub kind: EntryKind,
    /// How many points moved. For a reversal: what was asked back.
    pub points: Points,
    /// The points it made, took or gave back. In a release and in a restoration, those whose time is over at `occurred_at` lapsed.
    pub portions: Vec<Portion>,
    /// Until when points live now: for an extension those it moved; for an activation those it moved that would lapse earlier; for an activity that keeps
    /// points alive, all that lapse for want of one.
    pub extended_to: Option<Timestamp>,
    /// For what came in: what of it settled a debt, its first points. For a reversal: what became a debt.
    pub debt_points: Points,
    /// For an earning: what a cap cut off. For a reversal: what was waived. For a restoration or a release: what had lapsed in the meantime.
    pub lost_points: Points,
    /// For a transfer, and for one that came back: to whom, or from whom.
    pub other_member: Option<MemberId>,
    /// For an earning and its reversal: who pays for the points; nothing when the program does.
    pub funder: Option<FunderCode>,
    /// The entry it reverses, restores, captures, releases or extends; for what came from another member, the entry by which it left.
    pub related_entry_id: Option<EntryId>,
    /// For a hold, its capture, its extension and its release: until when the hold lasts.
    pub hold_expires_at: Option<Timestamp>,
    /// Whether a request made it; the service makes the others by itself when they are due.
    pub by_request: bool,
    /// When it happened in the business; for what fell due, the instant at which it did.
    pub occurred_at: Timestamp,
    /// What the member had after it.
    pub after: Amounts,
}

impl EntryDraft {
    /// Returns the numbers of the points that it made; nothing when it made none.
    pub fn made(&self) -> Option<Numbers> {
        self.kind.makes_lot().then(|| run_of(&self.portions))
    }

    /// Counts those of certain points that lapsed by this entry: so the journal tells what lapsed from what was spent.
    pub fn lapsed_of(&self, numbers: Numbers) -> Points {
        sum(self.lapses().map(|portion| portion.numbers.common(numbers).points))
    }

    /// Returns the points that lapsed by this entry.
    pub(super) fn lapses(&self) -> impl Iterator<Item = &Portion> {
        self.portions.iter().filter(|portion| match self.kind {
            EntryKind::Expire => true,
            EntryKind::Release | EntryKind::Restore => portion.has_lapsed(self.occurred_at),
            _ => false,
        })
    }
}

/// An entry of the journal that a command reverses or restores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The id.
    pub entry_id: EntryId,
    /// The place on the shard.
    pub seq: i64,
    /// Its kind.
    pub kind: EntryKind,
    /// When it happened in the business.
    pub occurred_at: Timestamp,
    /// How many points it moved.
    pub points: Points,
    /// The points it made or took, in the order in which it took them.
    pub portions: Vec<Portion>,
    /// For an earning: how many of its points have lapsed by the entries of the journal up to `as_of_seq` (see [`EntryDraft::lapsed_of`]).
    pub lapsed: Points,
    /// How far the journal was read.
    pub as_of_seq: i64,
    /// For a transfer: to whom.
    pub other_member: Option<MemberId>,
    /// For an earning: who pays for the points.
    pub funder: Option<FunderCode>,
}

impl Original {
    /// Returns the numbers of the points that it made.
    pub fn numbers(&self) -> Numbers {
        run_of(&self.portions)
    }
}

/// Returns the numbers of portions that were made together, which follow one another.
fn run_of(portions: &[Portion]) -> Numbers {
    let first = portions.iter().map(|portion| portion.numbers.first).min();
    Numbers {
        first: first.unwrap_or(0),
        points: sum(portions.iter().map(Portion::points)),
    }
}
