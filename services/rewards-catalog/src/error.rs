//! Every way in which the rewards catalog says no.

use common::{
    ids::{MemberId, RedemptionId, TicketId},
    refusal::Fault,
    writer::WriteError,
};
use jiff::Timestamp;
use thiserror::Error;

use crate::domain::{Contradiction, LotteryContradiction, NotCancellable, Obstacle, Rejection, StockBelowZero};

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
    /// The program has no such lottery.
    #[error("there is no lottery {lottery}")]
    LotteryNotFound {
        /// The code asked for.
        lottery: String,
    },
    /// The lottery contradicts itself.
    #[error("the lottery contradicts itself")]
    LotteryInvalid {
        /// All that is wrong with it.
        contradictions: Vec<LotteryContradiction>,
    },
    /// The rules of a lottery that has opened cannot change.
    #[error("the rules of {lottery} are frozen since it opened")]
    LotteryFrozen {
        /// The lottery's code.
        lottery: String,
        /// When it opened.
        opens_at: Timestamp,
    },
    /// A lottery cannot open before it is published.
    #[error("a lottery cannot open before now, which is {clock_at}")]
    OpensInPast {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
    /// The stock of a reward is not enough for the prizes.
    #[error("there are too few {reward} in stock for the prizes")]
    PrizesNotInStock {
        /// The reward's code.
        reward: String,
        /// How many there are.
        stock: i64,
        /// How many are missing.
        missing: i64,
    },
    /// Something stands between the member and a ticket.
    #[error("the member cannot have a ticket of {lottery} now")]
    TicketUnavailable {
        /// The lottery's code.
        lottery: String,
        /// Everything that stands in the way; never empty.
        obstacles: Vec<Obstacle>,
    },
    /// The ticket could not be paid for, and its purchase was undone.
    #[error("the ticket of {lottery} could not be paid for and its purchase was undone")]
    TicketRejected {
        /// The lottery's code.
        lottery: String,
        /// Why.
        rejection: Rejection,
    },
    /// The member has no such ticket.
    #[error("the member has no ticket {ticket_id}")]
    TicketNotFound {
        /// The ticket asked for.
        ticket_id: TicketId,
    },
    /// The ticket is not paid for.
    #[error("ticket {ticket_id} is {state} and cannot be drawn")]
    TicketNotIssued {
        /// The ticket.
        ticket_id: TicketId,
        /// Where it stands.
        state: &'static str,
    },
    /// The seed is not revealed before the lottery has closed.
    #[error("{lottery} has not closed yet")]
    LotteryNotClosed {
        /// The lottery's code.
        lottery: String,
        /// When it closes.
        closes_at: Timestamp,
    },
    /// The seed is not revealed before every ticket is drawn.
    #[error("{tickets} tickets of {lottery} are not drawn yet")]
    TicketsNotDrawn {
        /// The lottery's code.
        lottery: String,
        /// How many.
        tickets: i64,
    },
    /// Nothing can be verified before the seed is revealed.
    #[error("the seed of {lottery} is not revealed yet")]
    SeedNotRevealed {
        /// The lottery's code.
        lottery: String,
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
