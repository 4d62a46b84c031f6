//! Every way in which the rewards catalog says no.

use common::{
    ids::{MemberId, RedemptionId},
    refusal::Fault,
    writer::WriteError,
};
use jiff::Timestamp;
use thiserror::Error;

use crate::domain::{Contradiction, NotCancellable, Obstacle, Rejection, StockBelowZero};

/// A refusal: nothing happened.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum Error {
    /// The program has no such reward.
    #[error("there is no reward {reward}")]
    RewardNotFound {
        /// The code asked for.
        reward: String,
    },
    /// The member is not known in the program.
    #[error("there is no member {member_id}")]
    MemberNotFound {
        /// The member asked for.
        member_id: MemberId,
    },
    /// Something stands between the member and the reward.
    #[error("the member cannot have {reward} now")]
    RewardUnavailable {
        /// The reward's code.
        reward: String,
        /// Everything that stands in the way; never empty.
        obstacles: Vec<Obstacle>,
    },
    /// The redemption could not be completed, and was undone.
    #[error("the redemption of {reward} could not be completed and was undone")]
    RedemptionRejected {
        /// The reward's code.
        reward: String,
        /// Why.
        rejection: Rejection,
    },
    /// The member has no such redemption.
    #[error("the member has no redemption {redemption_id}")]
    RedemptionNotFound {
        /// The redemption asked for.
        redemption_id: RedemptionId,
    },
    /// The redemption is not fulfilled, or its reward is not refundable.
    #[error(transparent)]
    NotCancellable(#[from] NotCancellable),
    /// The stock does not suffice.
    #[error(transparent)]
    StockBelowZero(#[from] StockBelowZero),
    /// The reward contradicts itself.
    #[error("the reward contradicts itself")]
    RewardInvalid {
        /// All that is wrong with it.
        contradictions: Vec<Contradiction>,
    },
    /// A new version cannot hold from before now.
    #[error("a new version cannot hold from before now, which is {clock_at}")]
    EffectiveInPast {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
}

/// Why an operation did not succeed: it was refused, or something of ours failed.
#[derive(Debug)]
pub enum Failure {
    /// The change was refused, or could not be written.
    Write(WriteError<Error>),
    /// Something of ours, or of what we need, failed.
    Fault(Fault),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Write(WriteError::Refused(error))
    }
}

impl From<WriteError<Error>> for Failure {
    fn from(error: WriteError<Error>) -> Self {
        Failure::Write(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Failure::Fault(error.into())
    }
}
