//! Redemptions as they travel. A fulfilment code travels only in answers, and only while there is something to get.

use common::time;
use proto::{
    rewards_catalog::{self as pb, RedemptionState, UnavailableReason},
    value::Initiator as WireInitiator,
};

use crate::domain::{CodeKey, Initiator, Obstacle, Price, Redemption, Rejection, Spending, State};

/// Returns a redemption as callers may see it, with its code.
pub fn with_code(redemption: &Redemption, key: &CodeKey) -> pb::Redemption {
    let fulfilment_code = redemption
        .fulfilment_code(key)
        .map(|code| code.to_string())
        .unwrap_or_default();
    pb::Redemption {
        fulfilment_code,
        ..redemption.into()
    }
}

impl From<&Redemption> for pb::Redemption {
    /// Returns a redemption without its code.
    fn from(redemption: &Redemption) -> pb::Redemption {
        let spending = spending(&redemption.state);
        let hold_id = match redemption.state {
            State::PointsHeld { hold_id, .. } => hold_id.to_string(),
            _ => spending
                .map(|spending| spending.hold_id.to_string())
                .unwrap_or_default(),
        };
        let rejection = match redemption.state {
            State::Rejected { rejection, .. } => rejection.into(),
            _ => UnavailableReason::Unspecified,
        };
        let cancelled_at = match redemption.state {
            State::Cancelling { cancellation, .. } | State::Cancelled { cancellation, .. } => {
                Some(time::to_wire(cancellation.cancelled_at))
            }
            _ => None,
        };
        pb::Redemption {
            redemption_id: redemption.redemption_id.to_string(),
            member_id: redemption.member_id.to_string(),
            reward: redemption.reward.clone(),
            reward_version: redemption.reward_version,
            price: (redemption.price != Price::NONE).then(|| (&redemption.price).into()),
            state: RedemptionState::from(&redemption.state).into(),
            fulfilment_code: String::new(),
            rejection: rejection.into(),
            hold_id,
            capture_entry_id: spending
                .map(|spending| spending.capture_entry_id.to_string())
                .unwrap_or_default(),
            redeemed_at: Some(time::to_wire(redemption.redeemed_at)),
            cancelled_at,
            ticket_id: match redemption.state {
                State::Given { ticket_id } => ticket_id.to_string(),
                _ => String::new(),
            },
        }
    }
}

fn spending(state: &State) -> Option<Spending> {
    match *state {
        State::Fulfilled { spending } | State::Cancelling { spending, .. } | State::Cancelled { spending, .. } => {
            Some(spending)
        }
        State::StockHeld | State::PointsHeld { .. } | State::Given { .. } | State::Rejected { .. } => None,
    }
}

impl From<&State> for RedemptionState {
    fn from(state: &State) -> RedemptionState {
        match state {
            State::StockHeld => RedemptionState::StockHeld,
            State::PointsHeld { .. } => RedemptionState::PointsHeld,
            State::Fulfilled { .. } | State::Given { .. } => RedemptionState::Fulfilled,
            State::Rejected { .. } => RedemptionState::Rejected,
            State::Cancelling { .. } => RedemptionState::Cancelling,
            State::Cancelled { .. } => RedemptionState::Cancelled,
        }
    }
}

impl From<Rejection> for UnavailableReason {
    fn from(rejection: Rejection) -> UnavailableReason {
        match rejection {
            Rejection::InsufficientPoints { .. } => UnavailableReason::InsufficientPoints,
            Rejection::MemberNotAllowed => UnavailableReason::MemberNotAllowed,
            Rejection::TimedOut => UnavailableReason::TimedOut,
        }
    }
}

impl From<Initiator> for WireInitiator {
    fn from(initiator: Initiator) -> WireInitiator {
        match initiator {
            Initiator::Member => WireInitiator::Member,
            Initiator::Merchant => WireInitiator::Merchant,
        }
    }
}

impl TryFrom<WireInitiator> for Initiator {
    type Error = &'static str;

    fn try_from(wire: WireInitiator) -> Result<Initiator, &'static str> {
        match wire {
            WireInitiator::Unspecified => Err("must say who changed their mind"),
            WireInitiator::Member => Ok(Initiator::Member),
            WireInitiator::Merchant => Ok(Initiator::Merchant),
        }
    }
}

impl From<&Obstacle> for pb::Obstacle {
    fn from(obstacle: &Obstacle) -> pb::Obstacle {
        let because = |reason: UnavailableReason| pb::Obstacle {
            reason: reason.into(),
            ..pb::Obstacle::default()
        };
        match obstacle {
            Obstacle::Paused => because(UnavailableReason::Paused),
            Obstacle::MemberNotAllowed => because(UnavailableReason::MemberNotAllowed),
            Obstacle::OutsideWindow { opens_at } => pb::Obstacle {
                opens_at: opens_at.map(time::to_wire),
                ..because(UnavailableReason::OutsideWindow)
            },
            Obstacle::LevelRequired { levels } => pb::Obstacle {
                levels: levels.clone(),
                ..because(UnavailableReason::LevelRequired)
            },
            Obstacle::LimitReached { limit } => {
                let limit = i32::try_from(*limit).unwrap_or(i32::MAX);
                pb::Obstacle {
                    limit,
                    ..because(UnavailableReason::LimitReached)
                }
            }
            Obstacle::OutOfStock => because(UnavailableReason::OutOfStock),
            Obstacle::InsufficientPoints { missing } => pb::Obstacle {
                missing_points: missing.get(),
                ..because(UnavailableReason::InsufficientPoints)
            },
        }
    }
}
