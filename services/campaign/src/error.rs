//! Every way in which the campaign service says no.

use common::{
    ids::{ActivityId, MemberId},
    versions::EffectiveInPast,
};
use jiff::Timestamp;
use thiserror::Error;

use crate::domain::{Contradiction, DecideError, MemberStatus};

/// Why a request is refused. Nothing happened.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum Error {
    /// The member is not known in the program.
    #[error("the program has no member {member_id}")]
    MemberNotFound {
        /// Who was asked for.
        member_id: MemberId,
    },
    /// The member is frozen or closed.
    #[error("the member {member_id} neither earns nor spends")]
    MemberNotAllowed {
        /// The member.
        member_id: MemberId,
        /// Where the member stands.
        status: MemberStatus,
    },
    /// The time lies after the program's clock.
    #[error("that lies in the future: it is {clock_at}")]
    OccurredInFuture {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
    /// The order is not in the program's currency.
    #[error("the program counts in {program_currency_code}, not in {currency_code}")]
    CurrencyNotAllowed {
        /// The order's currency.
        currency_code: String,
        /// The program's.
        program_currency_code: String,
    },
    /// The order contradicts itself.
    #[error("the order contradicts itself")]
    OrderInvalid(Vec<Contradiction>),
    /// The order is recorded already.
    #[error("order {order_id} of the member is recorded already")]
    OrderExists {
        /// The order.
        order_id: String,
        /// The activity that recorded it.
        activity_id: ActivityId,
    },
    /// The member has no such order.
    #[error("the member has no order {order_id}")]
    OrderNotFound {
        /// What was asked for.
        order_id: String,
    },
    /// The order cannot be decided so.
    #[error("{refused}")]
    Undecidable {
        /// The order; empty for an activity that is about none.
        order_id: String,
        /// Why it cannot.
        refused: DecideError,
    },
    /// The member has no such activity.
    #[error("the member has no activity {activity_id}")]
    ActivityNotFound {
        /// What was asked for.
        activity_id: ActivityId,
    },
    /// The program has no such accrual.
    #[error("the program has no accrual {accrual}")]
    AccrualNotFound {
        /// What was asked for.
        accrual: String,
    },
    /// The campaign contradicts itself.
    #[error("the campaign contradicts itself")]
    CampaignInvalid(Vec<Contradiction>),
    /// The program has no such group.
    #[error("the program has no group {group}")]
    GroupNotFound {
        /// What was asked for.
        group: String,
    },
    /// The group contradicts itself.
    #[error("the group contradicts itself")]
    GroupInvalid(Vec<Contradiction>),
    /// A new version cannot hold from before now.
    #[error("a new version cannot hold from before now, which is {clock_at}")]
    EffectiveInPast {
        /// Where the program's clock stands.
        clock_at: Timestamp,
    },
}

impl From<EffectiveInPast> for Error {
    fn from(refused: EffectiveInPast) -> Error {
        Error::EffectiveInPast {
            clock_at: refused.clock_at,
        }
    }
}
