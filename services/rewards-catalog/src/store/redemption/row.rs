//! A row of `rewards.redemption`, and how the state of a redemption lies in its columns.

use common::points::Points;
use jiff_sqlx::{Timestamp, ToSqlx as _};
use proto::{
    rewards_catalog::{RedemptionState, UnavailableReason},
    value::Initiator as WireInitiator,
};
use uuid::Uuid;

use super::{RedemptionKey, StoredRedemption, member_key, nonsense};
use crate::domain::{Cancellation, Initiator, Price, Redemption, Rejection, Spending, State};

/// A row as it is read.
pub(super) struct Row {
    pub(super) program_id: Uuid,
    pub(super) member_id: Uuid,
    pub(super) redemption_id: Uuid,
    pub(super) seq: i64,
    pub(super) reward: String,
    pub(super) reward_version: i32,
    pub(super) wallet: String,
    pub(super) points: i64,
    pub(super) refundable: bool,
    pub(super) redeemed_at: Timestamp,
    pub(super) state: i16,
    pub(super) hold_id: Option<Uuid>,
    pub(super) capture_entry_id: Option<Uuid>,
    pub(super) rejection: Option<i16>,
    pub(super) missing_points: Option<i64>,
    pub(super) initiator: Option<i16>,
    pub(super) cancelled_at: Option<Timestamp>,
    pub(super) ticket_id: Option<Uuid>,
    pub(super) changed_at: Timestamp,
}

impl Row {
    pub(super) fn key(&self) -> RedemptionKey {
        RedemptionKey {
            member: member_key(self.program_id, self.member_id),
            redemption_id: self.redemption_id.into(),
        }
    }

    pub(super) fn read(self) -> Result<StoredRedemption, sqlx::Error> {
        let columns = Columns {
            state: self.state,
            hold_id: self.hold_id,
            capture_entry_id: self.capture_entry_id,
            rejection: self.rejection,
            missing_points: self.missing_points,
            initiator: self.initiator,
            cancelled_at: self.cancelled_at,
            ticket_id: self.ticket_id,
        };
        let points = Points::new(self.points).ok_or_else(|| nonsense("price"))?;
        let redemption = Redemption {
            redemption_id: self.redemption_id.into(),
            member_id: self.member_id.into(),
            reward: self.reward,
            reward_version: self.reward_version,
            price: Price {
                wallet: self.wallet,
                points,
            },
            refundable: self.refundable,
            redeemed_at: self.redeemed_at.to_jiff(),
            state: columns.read().ok_or_else(|| nonsense("redemption"))?,
        };
        Ok(StoredRedemption {
            redemption,
            seq: self.seq,
            changed_at: self.changed_at.to_jiff(),
        })
    }
}

/// The columns that a state lies in: that of a redemption, or of a ticket's payment.
#[derive(Default)]
pub struct Columns {
    pub state: i16,
    pub hold_id: Option<Uuid>,
    pub capture_entry_id: Option<Uuid>,
    pub rejection: Option<i16>,
    pub missing_points: Option<i64>,
    pub initiator: Option<i16>,
    pub cancelled_at: Option<Timestamp>,
    pub ticket_id: Option<Uuid>,
}

impl Columns {
    /// Lays a state out.
    pub fn of(state: &State) -> Columns {
        let columns = Columns {
            state: RedemptionState::from(state) as i16,
            ..Columns::default()
        };
        match *state {
            State::StockHeld => columns,
            State::PointsHeld { hold_id, undo } => Columns {
                hold_id: Some(hold_id.uuid()),
                ..columns.rejected(undo)
            },
            State::Fulfilled { spending } => columns.spent(spending),
            State::Given { ticket_id } => Columns {
                ticket_id: Some(ticket_id.uuid()),
                ..columns
            },
            State::Rejected { rejection, stray_hold } => Columns {
                hold_id: stray_hold.map(|hold| hold.uuid()),
                ..columns.rejected(Some(rejection))
            },
            State::Cancelling { spending, cancellation } | State::Cancelled { spending, cancellation } => Columns {
                initiator: Some(WireInitiator::from(cancellation.initiator) as i16),
                cancelled_at: Some(cancellation.cancelled_at.to_sqlx()),
                ..columns.spent(spending)
            },
        }
    }

    fn spent(self, spending: Spending) -> Columns {
        let (hold_id, capture_entry_id) = (Some(spending.hold_id.uuid()), Some(spending.capture_entry_id.uuid()));
        Columns {
            hold_id,
            capture_entry_id,
            ..self
        }
    }

    fn rejected(self, rejection: Option<Rejection>) -> Columns {
        let missing_points = match rejection {
            Some(Rejection::InsufficientPoints { missing }) => Some(missing.get()),
            _ => None,
        };
        Columns {
            rejection: rejection.map(|rejection| UnavailableReason::from(rejection) as i16),
            missing_points,
            ..self
        }
    }

    /// Reads a state.
    pub fn read(&self) -> Option<State> {
        Some(match RedemptionState::try_from(i32::from(self.state)).ok()? {
            RedemptionState::Unspecified => return None,
            RedemptionState::StockHeld => State::StockHeld,
            RedemptionState::PointsHeld => {
                let undo = if self.rejection.is_some() {
                    Some(self.read_rejection()?)
                } else {
                    None
                };
                State::PointsHeld {
                    hold_id: self.hold_id?.into(),
                    undo,
                }
            }
            RedemptionState::Fulfilled => match self.ticket_id {
                Some(ticket_id) => State::Given {
                    ticket_id: ticket_id.into(),
                },
                None => State::Fulfilled {
                    spending: self.read_spending()?,
                },
            },
            RedemptionState::Rejected => State::Rejected {
                rejection: self.read_rejection()?,
                stray_hold: self.hold_id.map(Into::into),
            },
            RedemptionState::Cancelling => State::Cancelling {
                spending: self.read_spending()?,
                cancellation: self.read_cancellation()?,
            },
            RedemptionState::Cancelled => State::Cancelled {
                spending: self.read_spending()?,
                cancellation: self.read_cancellation()?,
            },
        })
    }

    fn read_spending(&self) -> Option<Spending> {
        Some(Spending {
            hold_id: self.hold_id?.into(),
            capture_entry_id: self.capture_entry_id?.into(),
        })
    }

    fn read_rejection(&self) -> Option<Rejection> {
        match UnavailableReason::try_from(i32::from(self.rejection?)).ok()? {
            UnavailableReason::InsufficientPoints => Some(Rejection::InsufficientPoints {
                missing: Points::new(self.missing_points?)?,
            }),
            UnavailableReason::MemberNotAllowed => Some(Rejection::MemberNotAllowed),
            UnavailableReason::TimedOut => Some(Rejection::TimedOut),
            _ => None,
        }
    }

    fn read_cancellation(&self) -> Option<Cancellation> {
        let initiator = WireInitiator::try_from(i32::from(self.initiator?)).ok()?;
        Some(Cancellation {
            initiator: Initiator::try_from(initiator).ok()?,
            cancelled_at: self.cancelled_at?.to_jiff(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_as_it_was_laid_out() {
        let spending = Spending {
            hold_id: Uuid::from_u128(1).into(),
            capture_entry_id: Uuid::from_u128(2).into(),
        };
        let cancelled_at = "1998-06-30T00:00:00.123456Z".parse().unwrap();
        let rejections = [
            Rejection::InsufficientPoints {
                missing: Points::new(7).unwrap(),
            },
            Rejection::MemberNotAllowed,
            Rejection::TimedOut,
        ];
        let given = State::Given {
            ticket_id: Uuid::from_u128(3).into(),
        };
        let mut states = vec![State::StockHeld, State::Fulfilled { spending }, given];
        for initiator in [Initiator::Member, Initiator::Merchant] {
            let cancellation = Cancellation {
                initiator,
                cancelled_at,
            };
            states.extend([
                State::Cancelling { spending, cancellation },
                State::Cancelled { spending, cancellation },
            ]);
        }
        for rejection in rejections {
            states.push(State::PointsHeld {
                hold_id: spending.hold_id,
                undo: Some(rejection),
            });
            for stray_hold in [None, Some(spending.hold_id)] {
                states.push(State::Rejected { rejection, stray_hold });
            }
        }
        states.push(State::PointsHeld {
            hold_id: spending.hold_id,
            undo: None,
        });
        for state in states {
            assert_eq!(Columns::of(&state).read(), Some(state));
        }
    }
}
