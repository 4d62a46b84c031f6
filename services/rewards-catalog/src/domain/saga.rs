//! The saga of a redemption, and of a ticket: points and stock move together, or neither does.
//!
//! [`next_step`] tells what to ask of the points service, [`advance`] what the answer makes of the redemption. Between the
//! two lies a network, so either side may die, a message may be lost, late or doubled, and two processes may work at the
//! same redemption. Three rules make that harmless:
//!
//! * Every step has a request id of its own, made from the redemption's. Doing it again gets the first answer again.
//! * The stored redemption is the only truth. An answer is weighed against what is stored when it arrives, and counts only
//!   if that has not changed meanwhile; an answer that others were faster than changes nothing.
//! * **A hold is captured only after its id is on record** ([`State::PointsHeld`]). A refusal by the points service is not
//!   remembered there, so of two processes one may be refused and the other, a moment later, not. The record decides
//!   between them: whoever stores first wins, and a redemption that was rejected can never be captured. This is worth a
//!   commit of its own, and it lets a redemption that cannot reach the points service give its stock back.
//!
//! Up to the capture every failure is undone; after it, and in a cancellation, every step is repeated until it succeeds.

use common::{
    ids::{EntryId, HoldId, MemberId},
    points::Points,
};
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use super::{
    redemption::{Initiator, Rejection, Spending, State},
    reward::Price,
};

/// What is paid for with points, step by step: a redemption or a ticket.
pub trait Paid: Clone + Sync {
    /// Returns the id, which keys everything that the saga asks of the points service.
    fn id(&self) -> Uuid;
    /// Returns who pays.
    fn member_id(&self) -> MemberId;
    /// Returns what it costs.
    fn price(&self) -> &Price;
    /// Returns when it was asked for.
    fn asked_at(&self) -> Timestamp;
    /// Returns where its payment stands.
    fn state(&self) -> &State;
    /// Returns the same with its payment in another state.
    #[must_use]
    fn with(&self, state: State) -> Self;
}

/// How long a redemption may take up to the capture. Holds last as long, and stock is not reserved for longer without one.
pub const PATIENCE_SECONDS: i32 = 240;

/// Something to ask of the points service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Set the price aside.
    HoldPoints {
        /// The key of this step.
        request_id: String,
        /// The wallet, by its code.
        wallet: String,
        /// The price.
        points: Points,
        /// For how long.
        ttl_seconds: i32,
    },
    /// Spend what is held.
    CaptureHold {
        /// The key of this step.
        request_id: String,
        /// The hold.
        hold_id: HoldId,
        /// The price.
        points: Points,
    },
    /// Give back what is held.
    ReleaseHold {
        /// The key of this step.
        request_id: String,
        /// The hold.
        hold_id: HoldId,
    },
    /// Give back what was spent.
    RestoreSpend {
        /// The key of this step.
        request_id: String,
        /// The entry that spent it.
        entry_id: EntryId,
        /// Who changed their mind.
        initiator: Initiator,
    },
}

/// What the points service answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum News {
    /// The points are set aside.
    Held {
        /// The hold.
        hold_id: HoldId,
    },
    /// The points could not be set aside; nothing happened.
    HoldRefused(Rejection),
    /// The held points are spent.
    Captured(Spending),
    /// The held points could not be spent; the hold stands.
    CaptureRefused(Rejection),
    /// The hold ended, by release or by itself: its points are back, and it can never be captured.
    HoldEnded {
        /// The hold.
        hold_id: HoldId,
    },
    /// The hold could not be released because it was captured.
    ReleaseCameTooLate,
    /// The spent points are back.
    Restored,
}

impl News {
    /// Tells whether this may end what has one of the reward, so that the stock is concerned.
    pub fn may_free_stock(&self) -> bool {
        matches!(self, News::HoldRefused(_) | News::HoldEnded { .. } | News::Restored)
    }
}

/// Says that an answer of the points service contradicts what is on record. Either service is broken; nothing is changed,
/// and the step will be tried again.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{id} is {state}, which contradicts {news:?}")]
pub struct Bug {
    /// The redemption or the ticket.
    pub id: Uuid,
    /// The name of its state.
    pub state: &'static str,
    /// The answer.
    pub news: News,
}

/// Returns what is to be asked of the points service next; nothing when the redemption is at rest.
pub fn next_step(paid: &impl Paid) -> Option<Step> {
    let request_id = |step| format!("{}:{step}", paid.id());
    let points = paid.price().points;
    Some(match *paid.state() {
        State::StockHeld => Step::HoldPoints {
            request_id: request_id("hold"),
            wallet: paid.price().wallet.clone(),
            points,
            ttl_seconds: PATIENCE_SECONDS,
        },
        State::PointsHeld { hold_id, undo: None } => Step::CaptureHold {
            request_id: request_id("capture"),
            hold_id,
            points,
        },
        State::PointsHeld { hold_id, undo: Some(_) }
        | State::Rejected {
            stray_hold: Some(hold_id),
            ..
        } => Step::ReleaseHold {
            request_id: request_id("release"),
            hold_id,
        },
        State::Cancelling { spending, cancellation } => Step::RestoreSpend {
            request_id: request_id("restore"),
            entry_id: spending.capture_entry_id,
            initiator: cancellation.initiator,
        },
        State::Fulfilled { .. }
        | State::Given { .. }
        | State::Rejected { stray_hold: None, .. }
        | State::Cancelled { .. } => return None,
    })
}

/// Returns what an answer of the points service makes of a redemption: the same when the answer says nothing new.
pub fn advance<P: Paid>(paid: &P, news: News) -> Result<P, Bug> {
    let unchanged = paid.state();
    let state = match *unchanged {
        State::StockHeld => while_stock_held(news),
        State::PointsHeld { hold_id, undo } => while_points_held(hold_id, undo, news),
        State::Fulfilled { spending } => known_of_spent(spending, news).then(|| unchanged.clone()),
        State::Rejected { rejection, stray_hold } => once_rejected(rejection, stray_hold, news),
        State::Cancelling { spending, cancellation } => match news {
            News::Restored => Some(State::Cancelled { spending, cancellation }),
            _ => known_of_spent(spending, news).then(|| unchanged.clone()),
        },
        State::Cancelled { spending, .. } => {
            (news == News::Restored || known_of_spent(spending, news)).then(|| unchanged.clone())
        }
        State::Given { .. } => None,
    };
    let bug = || Bug {
        id: paid.id(),
        state: unchanged.name(),
        news,
    };
    state.map(|state| paid.with(state)).ok_or_else(bug)
}

/// Rejects a redemption whose points could not be set aside in time, so that its stock is free again. Nothing when there is
/// time left, or when the points are set aside: then only the points service knows how it ended.
///
/// Should a hold have been made whose answer was lost, it ends by itself: it is not on record, so nothing captures it.
pub fn give_up<P: Paid>(paid: &P, now: Timestamp) -> Option<P> {
    let waited = now.duration_since(paid.asked_at());
    let late = waited >= SignedDuration::from_secs(PATIENCE_SECONDS.into());
    (late && *paid.state() == State::StockHeld).then(|| {
        paid.with(State::Rejected {
            rejection: Rejection::TimedOut,
            stray_hold: None,
        })
    })
}

/// The fence: an answer about anything after the hold cannot be, because the hold is not on record.
fn while_stock_held(news: News) -> Option<State> {
    match news {
        News::Held { hold_id } => Some(State::PointsHeld { hold_id, undo: None }),
        News::HoldRefused(rejection) => Some(State::Rejected {
            rejection,
            stray_hold: None,
        }),
        _ => None,
    }
}

fn while_points_held(hold_id: HoldId, undo: Option<Rejection>, news: News) -> Option<State> {
    match news {
        News::Held { hold_id: same } if same == hold_id => Some(State::PointsHeld { hold_id, undo }),
        News::HoldRefused(_) => Some(State::PointsHeld { hold_id, undo }),
        News::Captured(spending) if spending.hold_id == hold_id => Some(State::Fulfilled { spending }),
        News::CaptureRefused(rejection) => Some(State::PointsHeld {
            hold_id,
            undo: undo.or(Some(rejection)),
        }),
        News::HoldEnded { hold_id: same } if same == hold_id => Some(State::Rejected {
            rejection: undo.unwrap_or(Rejection::TimedOut),
            stray_hold: None,
        }),
        News::ReleaseCameTooLate => Some(State::PointsHeld { hold_id, undo: None }),
        _ => None,
    }
}

/// A hold that turns up after the rejection is one that nobody will capture: it is noted, to be released.
fn once_rejected(rejection: Rejection, stray_hold: Option<HoldId>, news: News) -> Option<State> {
    match news {
        News::Held { hold_id } if stray_hold.is_none_or(|known| known == hold_id) => Some(State::Rejected {
            rejection,
            stray_hold: Some(hold_id),
        }),
        News::HoldEnded { hold_id } if stray_hold.is_none_or(|known| known == hold_id) => Some(State::Rejected {
            rejection,
            stray_hold: None,
        }),
        News::HoldRefused(_) | News::CaptureRefused(_) => Some(State::Rejected { rejection, stray_hold }),
        _ => None,
    }
}

/// Tells whether an answer fits a redemption whose points were spent, so that it merely came late.
fn known_of_spent(spending: Spending, news: News) -> bool {
    match news {
        News::Held { hold_id } => hold_id == spending.hold_id,
        News::Captured(same) => same == spending,
        News::HoldRefused(_) | News::CaptureRefused(_) | News::ReleaseCameTooLate => true,
        News::HoldEnded { .. } | News::Restored => false,
    }
}
