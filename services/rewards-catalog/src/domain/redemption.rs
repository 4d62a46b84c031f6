//! A redemption: a reward that a member asked for, at the terms of that moment, and where it stands.
//!
//! The terms (price, refundable or not) are copied from the version in force when it was asked for, so that no later
//! change of the reward reaches it. How a redemption moves from state to state is the business of the saga.

use common::{
    ids::{EntryId, HoldId, MemberId, RedemptionId, TicketId},
    points::Points,
};
use jiff::Timestamp;
use thiserror::Error;
use uuid::Uuid;

use super::{
    eligibility::{Facts, Obstacle, obstacles},
    fulfilment_code::{CodeKey, FulfilmentCode},
    reward::{Price, Reward},
    saga::Paid,
};

/// A reward that a member asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Redemption {
    /// The id, which also keys everything that the saga asks of the points service.
    pub redemption_id: RedemptionId,
    /// The member.
    pub member_id: MemberId,
    /// The reward's code.
    pub reward: String,
    /// The reward's version.
    pub reward_version: i32,
    /// The price that was agreed: nothing, from no wallet, where it was won.
    pub price: Price,
    /// Whether it was agreed that it can be cancelled.
    pub refundable: bool,
    /// When it was asked for.
    pub redeemed_at: Timestamp,
    /// Where it stands.
    pub state: State,
}

/// Where a redemption stands, with what is known from there on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// The stock is reserved; no points have been spent, and none can be from here.
    StockHeld,
    /// The points are set aside, and the hold is on record: from here it may be captured.
    PointsHeld {
        /// The hold in the points service.
        hold_id: HoldId,
        /// Set when the points service refused to spend the held points: the hold is being released, for this reason.
        undo: Option<Rejection>,
    },
    /// The points are spent and the code is given.
    Fulfilled {
        /// How the points were spent.
        spending: Spending,
    },
    /// It was won, and the code is given: no points are spent, and none come back.
    Given {
        /// The ticket that won it.
        ticket_id: TicketId,
    },
    /// It could not be; the stock is free again and no points are gone.
    Rejected {
        /// Why.
        rejection: Rejection,
        /// A hold that was made after the rejection, by a request that came late: it is to be released.
        stray_hold: Option<HoldId>,
    },
    /// The points are on their way back.
    Cancelling {
        /// How the points were spent.
        spending: Spending,
        /// Who cancelled, and when.
        cancellation: Cancellation,
    },
    /// Points and stock are back.
    Cancelled {
        /// How the points were spent.
        spending: Spending,
        /// Who cancelled, and when.
        cancellation: Cancellation,
    },
}

/// How the points of a redemption were spent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Spending {
    /// The hold in the points service.
    pub hold_id: HoldId,
    /// The entry that spent the held points.
    pub capture_entry_id: EntryId,
}

/// Who cancelled a redemption, and when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cancellation {
    /// Who changed their mind.
    pub initiator: Initiator,
    /// When it was asked for.
    pub cancelled_at: Timestamp,
}

/// Who changed their mind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Initiator {
    /// The member.
    Member,
    /// The merchant or one of its systems.
    Merchant,
}

/// Why a redemption that had begun could not be completed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rejection {
    /// The points service found too few points.
    InsufficientPoints {
        /// How many were missing.
        missing: Points,
    },
    /// The points service found the member frozen or closed.
    MemberNotAllowed,
    /// It could not be completed in time.
    TimedOut,
}

/// Begins a redemption, which has one of the reward from here on. Refuses when anything stands in the way, and names all of it.
pub fn redeem(
    redemption_id: RedemptionId,
    member_id: MemberId,
    reward: &Reward,
    version: i32,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Result<Redemption, Vec<Obstacle>> {
    let found = obstacles(reward, facts, now);
    if !found.is_empty() {
        return Err(found);
    }
    Ok(Redemption {
        redemption_id,
        member_id,
        reward: reward.code.clone(),
        reward_version: version,
        price: reward.price.clone(),
        refundable: reward.refundable,
        redeemed_at: now,
        state: State::StockHeld,
    })
}

/// Gives a reward that a ticket won. It comes out of what was set aside for the lottery, and not out of the stock.
pub fn give(
    redemption_id: RedemptionId,
    member_id: MemberId,
    (reward, version): (&Reward, i32),
    ticket_id: TicketId,
    now: Timestamp,
) -> Redemption {
    Redemption {
        redemption_id,
        member_id,
        reward: reward.code.clone(),
        reward_version: version,
        price: Price::NONE,
        refundable: false,
        redeemed_at: now,
        state: State::Given { ticket_id },
    }
}

/// Returns by how many the stock of the reward changes when a redemption begins or moves on.
pub fn stock_delta(before: Option<&Redemption>, after: &Redemption) -> i64 {
    i64::from(before.is_some_and(Redemption::has_one)) - i64::from(after.has_one())
}

/// Begins to cancel a redemption. Refuses unless it is fulfilled and was agreed to be refundable.
pub fn cancel(redemption: &Redemption, initiator: Initiator, now: Timestamp) -> Result<Redemption, NotCancellable> {
    match redemption.state {
        State::Fulfilled { spending } if redemption.refundable => {
            let cancellation = Cancellation {
                initiator,
                cancelled_at: now,
            };
            Ok(redemption.with(State::Cancelling { spending, cancellation }))
        }
        _ => Err(NotCancellable {
            redemption_id: redemption.redemption_id,
            state: redemption.state.name(),
        }),
    }
}

/// Says that a redemption is not fulfilled, or its reward is not refundable.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("redemption {redemption_id} is {state} and cannot be cancelled")]
pub struct NotCancellable {
    /// The redemption.
    pub redemption_id: RedemptionId,
    /// The name of its state.
    pub state: &'static str,
}

impl Paid for Redemption {
    fn id(&self) -> Uuid {
        self.redemption_id.uuid()
    }

    fn member_id(&self) -> MemberId {
        self.member_id
    }

    fn price(&self) -> &Price {
        &self.price
    }

    fn asked_at(&self) -> Timestamp {
        self.redeemed_at
    }

    fn state(&self) -> &State {
        &self.state
    }

    fn with(&self, state: State) -> Redemption {
        Redemption { state, ..self.clone() }
    }
}

impl Redemption {
    /// Tells whether it has one of the stock: reserved or given. What the stock and the member's count owe to this
    /// redemption is always exactly this, so a change of state moves them when this changes, and only then.
    pub fn has_one(&self) -> bool {
        !matches!(
            self.state,
            State::Rejected { .. } | State::Cancelled { .. } | State::Given { .. }
        )
    }

    /// Returns what its asker is answered, whatever came later: the redemption as it was fulfilled, or why it was rejected.
    /// Nothing while it is under way.
    pub fn outcome(&self) -> Option<Result<Redemption, Rejection>> {
        match self.state {
            State::Fulfilled { spending } | State::Cancelling { spending, .. } | State::Cancelled { spending, .. } => {
                Some(Ok(self.with(State::Fulfilled { spending })))
            }
            State::Given { .. } => Some(Ok(self.clone())),
            State::Rejected { rejection, .. } => Some(Err(rejection)),
            State::StockHeld | State::PointsHeld { .. } => None,
        }
    }

    /// Returns what the member shows to get the reward, while there is something to get.
    pub fn fulfilment_code(&self, key: &CodeKey) -> Option<FulfilmentCode> {
        matches!(self.state, State::Fulfilled { .. } | State::Given { .. })
            .then(|| FulfilmentCode::of(key, self.redemption_id))
    }
}

impl State {
    /// Returns the name of the state, as the contract spells it.
    pub fn name(&self) -> &'static str {
        match self {
            State::StockHeld => "STOCK_HELD",
            State::PointsHeld { .. } => "POINTS_HELD",
            State::Fulfilled { .. } | State::Given { .. } => "FULFILLED",
            State::Rejected { .. } => "REJECTED",
            State::Cancelling { .. } => "CANCELLING",
            State::Cancelled { .. } => "CANCELLED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        RewardDefinition, Stock,
        tests::{at, begun, entry, facts, fulfilled, hold, member, mug, redemption_id, reward},
    };

    #[test]
    fn redeeming_takes_one_from_the_stock_and_keeps_the_terms_of_the_moment() {
        let redemption = redeem(redemption_id(), member(), &reward(mug()), 1, &facts(), at(7)).unwrap();
        assert_eq!(stock_delta(None, &redemption), -1);
        assert_eq!((redemption.price, redemption.refundable), (mug().price, true));
        assert_eq!((redemption.reward_version, redemption.redeemed_at), (1, at(7)));
        assert_eq!(redemption.state, State::StockHeld);
    }

    #[test]
    fn the_last_one_can_be_redeemed_and_the_one_after_it_cannot() {
        let redeem_of = |stock| {
            let facts = Facts {
                stock: Stock::new(stock).unwrap(),
                ..facts()
            };
            redeem(redemption_id(), member(), &reward(mug()), 1, &facts, at(0))
        };
        assert!(redeem_of(1).is_ok());
        assert_eq!(redeem_of(0).unwrap_err(), [Obstacle::OutOfStock]);
    }

    #[test]
    fn what_the_asker_is_answered_does_not_change_with_what_comes_later() {
        let cancelling = cancel(&fulfilled(), Initiator::Member, at(9)).unwrap();
        assert_eq!(begun().outcome(), None);
        assert_eq!(fulfilled().outcome(), Some(Ok(fulfilled())));
        assert_eq!(cancelling.outcome(), Some(Ok(fulfilled())));
    }

    #[test]
    fn only_a_fulfilled_redemption_can_be_cancelled_and_only_once() {
        assert_eq!(
            cancel(&begun(), Initiator::Member, at(9)).unwrap_err().state,
            "STOCK_HELD"
        );
        let cancelling = cancel(&fulfilled(), Initiator::Merchant, at(9)).unwrap();
        let cancellation = Cancellation {
            initiator: Initiator::Merchant,
            cancelled_at: at(9),
        };
        let spending = Spending {
            hold_id: hold(1),
            capture_entry_id: entry(2),
        };
        assert_eq!(cancelling.state, State::Cancelling { spending, cancellation });
        assert_eq!(
            cancel(&cancelling, Initiator::Member, at(10)).unwrap_err().state,
            "CANCELLING"
        );
    }

    #[test]
    fn what_was_agreed_as_not_refundable_stays_so() {
        let definition = reward(RewardDefinition {
            refundable: false,
            ..mug()
        });
        let begun = redeem(redemption_id(), member(), &definition, 1, &facts(), at(0)).unwrap();
        let redemption = begun.with(fulfilled().state);
        assert_eq!(
            cancel(&redemption, Initiator::Member, at(9)).unwrap_err().state,
            "FULFILLED"
        );
    }

    #[test]
    fn there_is_a_code_only_while_there_is_something_to_get() {
        let key = CodeKey::new([7; 32]);
        let cancelling = cancel(&fulfilled(), Initiator::Member, at(9)).unwrap();
        assert!(fulfilled().fulfilment_code(&key).is_some());
        assert!(begun().fulfilment_code(&key).is_none());
        assert!(cancelling.fulfilment_code(&key).is_none());
    }
}
