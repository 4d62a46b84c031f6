//! Every way in which the ledger says no.

use std::sync::Arc;

use common::{ids::EntryId, points::Points};
use jiff::Timestamp;
use thiserror::Error;

use super::{
    entry::EntryKind,
    hold::HoldState,
    portions::EventName,
    wallet::{FunderCode, WalletCode},
};

/// Why a command is refused. A refusal has changed nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// Fewer points are available than asked for.
    #[error("{asked} points were asked for and {available} are available")]
    InsufficientPoints {
        /// What is available.
        available: Points,
        /// What was asked for.
        asked: Points,
    },
    /// The time lies after the program's clock.
    #[error("it is to have happened after now, which is {now}")]
    OccurredInFuture {
        /// The program's time.
        now: Timestamp,
    },
    /// The balance would leave the range that can be counted.
    #[error("the balance of wallet {wallet} would leave the range that can be counted")]
    BalanceOutOfRange {
        /// The wallet.
        wallet: WalletCode,
    },
    /// The member has no such hold.
    #[error("the member has no hold {hold_id}")]
    HoldNotFound {
        /// The hold asked for.
        hold_id: EntryId,
    },
    /// The hold has ended.
    #[error("the hold {hold_id} has ended: it is {}", state.name())]
    HoldNotActive {
        /// The hold.
        hold_id: EntryId,
        /// How it ended.
        state: HoldState,
    },
    /// More is to be captured than is held.
    #[error("{asked} points are to be captured and {held} are held")]
    MoreThanHeld {
        /// What is held.
        held: Points,
        /// What was asked for.
        asked: Points,
    },
    /// More is to be spent or held at once than the wallet lets.
    #[error("{asked} points were asked for and the wallet lets {most} at once")]
    OverLimit {
        /// How many it lets.
        most: Points,
        /// What was asked for.
        asked: Points,
    },
    /// A cap of the wallet lets nothing in.
    #[error("a cap of wallet {wallet} lets nothing more in")]
    CapReached {
        /// The wallet.
        wallet: WalletCode,
    },
    /// No points wait for it.
    #[error("no points of the member wait for {event}")]
    NothingWaits {
        /// What happened.
        event: EventName,
    },
    /// Points cannot be given an end that is over.
    #[error("the end is to lie after now, which is {now}")]
    EndInPast {
        /// The program's time.
        now: Timestamp,
    },
    /// No points lie there that would lapse earlier.
    #[error("no points lie there that would lapse before {expires_at}")]
    NothingToExtend {
        /// The end that was asked for.
        expires_at: Timestamp,
    },
    /// The wallet does not name who is to pay for the points.
    #[error("the wallet does not name the funder {funder}")]
    FunderUnknown {
        /// Who was named.
        funder: FunderCode,
        /// Who could have been.
        known: Arc<[FunderCode]>,
    },
    /// Only what made points has points of its own.
    #[error("only what made points has a lot, and the entry {entry_id} is of kind {}", kind.name())]
    NotALot {
        /// The entry.
        entry_id: EntryId,
        /// Its kind.
        kind: EntryKind,
    },
    /// More is to be forgiven than is owed.
    #[error("{owed} points are owed")]
    MoreThanOwed {
        /// What is owed.
        owed: Points,
        /// What was asked for; 0 for all.
        asked: Points,
    },
    /// Members may not give points of the wallet to one another.
    #[error("points of wallet {wallet} cannot be given to another member")]
    TransfersForbidden {
        /// The wallet.
        wallet: WalletCode,
    },
    /// Only an earning can be reversed.
    #[error("only an earning can be reversed, and the entry {entry_id} is of kind {}", kind.name())]
    NotReversible {
        /// The entry.
        entry_id: EntryId,
        /// Its kind.
        kind: EntryKind,
    },
    /// Only a spend or a capture can be restored.
    #[error("only a spend or a capture can be restored, and the entry {entry_id} is of kind {}", kind.name())]
    NotRestorable {
        /// The entry.
        entry_id: EntryId,
        /// Its kind.
        kind: EntryKind,
    },
    /// More is to be reversed or restored than is left of the entry.
    #[error("{left} points are left of the entry to be taken back")]
    MoreThanEntry {
        /// What is left of it.
        left: Points,
        /// What was asked for; 0 for what is left.
        asked: Points,
    },
}

/// Why a batch is refused: all of it is.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("posting {posting}: {refusal}")]
pub struct BatchRefusal {
    /// Which posting is the first that is refused, counted from 0.
    pub posting: usize,
    /// Why it is.
    #[source]
    pub refusal: Refusal,
}
