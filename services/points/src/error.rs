//! Every way in which the points service says no.

use common::{
    ids::{EntryId, MemberId},
    points::Points,
    versions::EffectiveInPast,
};
use jiff::Timestamp;
use proto::member::MemberStatus;
use thiserror::Error;

use crate::domain::{AdjustmentRefusal, BatchRefusal, Refusal, WalletCode};

/// Why a request is refused. Nothing happened.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// The member is not known in the program.
    #[error("the program has no member {member_id}")]
    AccountNotFound {
        /// Who was asked for.
        member_id: MemberId,
    },
    /// The member is frozen or closed, or a prospect who would spend.
    #[error("the member {member_id} may not do this")]
    MemberNotAllowed {
        /// The member.
        member_id: MemberId,
        /// Where the member stands.
        status: MemberStatus,
    },
    /// The program has no such wallet, or had none when it happened.
    #[error("the program has no wallet {wallet} at that time")]
    WalletNotFound {
        /// What was asked for.
        wallet: WalletCode,
    },
    /// The member has no such entry.
    #[error("the member has no entry {entry_id}")]
    EntryNotFound {
        /// What was asked for.
        entry_id: EntryId,
    },
    /// No request of that name earned anything in the wallet.
    #[error("no request {request_id} of the member earned anything in wallet {wallet}")]
    EarningNotFound {
        /// The request.
        request_id: String,
        /// The wallet.
        wallet: WalletCode,
    },
    /// The balance token is not one of this member's.
    #[error("the balance token is not one of this member's")]
    InvalidBalanceToken,
    /// The scale of a wallet cannot change.
    #[error("the scale of wallet {wallet} is {scale} for ever")]
    ScaleFixed {
        /// The wallet.
        wallet: WalletCode,
        /// Its scale.
        scale: i32,
    },
    /// A new version cannot hold from before now.
    #[error("a new version cannot hold from before now, which is {clock_at}")]
    EffectiveInPast {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
    /// The other member could not take the points.
    #[error("the member {member_id} could not take the points, and they came back")]
    TransferDeclined {
        /// Who could not.
        member_id: MemberId,
        /// The reason for which.
        because: String,
    },
    /// The entry is not sealed yet.
    #[error("the entry {entry_id} is not sealed yet")]
    NotSealed {
        /// The entry.
        entry_id: EntryId,
    },
    /// The wallet is no wallet of stored value.
    #[error("wallet {wallet} is no wallet of stored value")]
    NotStoredValue {
        /// The wallet.
        wallet: WalletCode,
    },
    /// The wallet is one of stored value.
    #[error("wallet {wallet} holds stored value, which moves through StoredValueService only")]
    StoredValue {
        /// The wallet.
        wallet: WalletCode,
    },
    /// What holds stored value is for ever.
    #[error(
        "whether wallet {wallet} holds stored value and which wallet lies beside it is for ever, and that one is there, holds points, and lies beside no other"
    )]
    StoredValueFixed {
        /// The wallet.
        wallet: WalletCode,
    },
    /// Nothing can be given on top.
    #[error("wallet {wallet} has none beside it for what is given on top")]
    NoBonusWallet {
        /// The wallet.
        wallet: WalletCode,
    },
    /// The payment was credited before.
    #[error("the payment {payment_id} was credited before")]
    PaymentUsed {
        /// The payment.
        payment_id: String,
    },
    /// More would lie there than may.
    #[error("{most} may lie there, {balance} do and {asked} are to be added")]
    StoredValueLimit {
        /// What may lie there.
        most: Points,
        /// What does.
        balance: Points,
        /// What is to be added.
        asked: Points,
    },
    /// No request of that name held or paid anything.
    #[error("no request {request_id} of the member took anything from wallet {wallet}")]
    PaymentNotFound {
        /// The request.
        request_id: String,
        /// The wallet.
        wallet: WalletCode,
    },
    /// No such gift is to be settled.
    #[error("the member got no gift {gift_id} with a top-up, or it is settled what became of it")]
    GiftNotFound {
        /// The gift.
        gift_id: String,
    },
    /// Some of the value is set aside.
    #[error("{held} are set aside")]
    ValueHeld {
        /// How much.
        held: Points,
    },
    /// An adjustment is refused.
    #[error(transparent)]
    Adjustment(#[from] AdjustmentRefusal),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] Refusal),
    /// A batch is refused because one of its postings is.
    #[error("posting {posting}: {refusal}")]
    Batch {
        /// Which is the first that is refused, counted from 0.
        posting: usize,
        /// Why it is.
        refusal: Box<Error>,
    },
}

impl From<BatchRefusal> for Error {
    fn from(refused: BatchRefusal) -> Error {
        Error::Batch {
            posting: refused.posting,
            refusal: Box::new(refused.refusal.into()),
        }
    }
}

impl From<EffectiveInPast> for Error {
    fn from(refused: EffectiveInPast) -> Error {
        Error::EffectiveInPast {
            clock_at: refused.clock_at,
        }
    }
}
