//! `ProposeAdjustment`, `ApproveAdjustment`, `RejectAdjustment`: points given or taken by hand, with four eyes.
//!
//! An attempt that is refused is recorded too, in the transaction of its decision. So it is an answer for the writer, and a refusal only for the caller.

use common::{
    ids::EntryId,
    points::Points,
    refusal::{Fault, Refusal},
    time,
    writer::Stamp,
};
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use proto::points::{self as pb, AdjustmentAct};
use tonic::{Code, Status};

use super::{BalanceTokens, Desk, Loaded};
use crate::{
    domain::{self, AdjustmentState, Caps, Change, OPEN_HOURS, Operator, Proposal, Wallet, WalletCode},
    error::Error,
    store::{Kept, MemberKey, OperatorDay},
};

/// By which numbers requests are remembered that asked for this.
pub const PROPOSE: i16 = 17;
pub const APPROVE: i16 = 18;
pub const REJECT: i16 = 19;

/// Asks to give or take points by hand.
#[derive(Clone, Debug)]
pub struct Adjust {
    /// Who asks.
    pub operator: String,
    /// Whether they are the member.
    pub is_member: bool,
    /// What they ask for.
    pub act: Act,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub enum Act {
    /// To propose a change.
    Propose {
        /// The wallet.
        wallet: WalletCode,
        /// Which.
        change: Change,
        /// Why.
        reason_code: String,
        /// What it is about.
        reference: String,
    },
    /// To approve what was proposed.
    Approve {
        /// Which.
        adjustment_id: EntryId,
        /// The hash of what is approved.
        proposal_hash: String,
    },
    /// To reject it.
    Reject {
        /// Which.
        adjustment_id: EntryId,
    },
}

/// What came of an attempt, as it is remembered.
#[derive(Clone, PartialEq, Message)]
pub struct Attempted {
    /// The answer, encoded; empty when it was refused.
    #[prost(bytes = "vec", tag = "1")]
    answer: Vec<u8>,
    /// The code of the refusal; 0 when it was done.
    #[prost(int32, tag = "2")]
    code: i32,
    #[prost(string, tag = "3")]
    message: String,
    #[prost(bytes = "vec", tag = "4")]
    details: Vec<u8>,
    /// Who attempted it.
    #[prost(string, tag = "5")]
    operator: String,
}

impl Attempted {
    /// Returns the entry of an adjustment that was approved.
    pub(super) fn approved_entry(&self) -> Option<pb::Entry> {
        pb::ApproveAdjustmentResponse::decode(self.answer.as_slice())
            .ok()?
            .entry
    }

    /// Tells whether somebody attempted it.
    pub fn is_by(&self, operator: &str) -> bool {
        self.operator == operator
    }

    /// Tells whether it was refused.
    pub fn is_refused(&self) -> bool {
        self.code != 0
    }

    /// Returns the answer, or refuses as it was refused.
    pub fn answer<M: Message + Default>(self) -> Result<M, Status> {
        match Code::from(self.code) {
            Code::Ok => Ok(M::decode(self.answer.as_slice()).map_err(Fault::internal)?),
            code => Err(Status::with_details(code, self.message, self.details.into())),
        }
    }
}

/// Attempts it, and records the attempt.
pub fn adjust(
    state: &mut Loaded,
    stamp: &mut Stamp<'_>,
    tokens: &BalanceTokens,
    command: &Adjust,
) -> Result<Vec<u8>, Error> {
    let mut attempt = pb::AdjustmentAttempt {
        act: command.act.name().into(),
        operator: command.operator.clone(),
        adjustment: Some(command.act.named(stamp)),
        refused_because: String::new(),
        at: Some(time::to_wire(stamp.now())),
        recorded_at: None,
    };
    let done = Desk::open(state, stamp, tokens).and_then(|mut desk| command.attempt(&mut desk, &mut attempt));
    let attempted = match done {
        Ok(answer) => Attempted {
            answer,
            operator: command.operator.clone(),
            ..Attempted::default()
        },
        Err(error) => {
            let refusal = Refusal::from(error);
            attempt.refused_because = refusal.reason.to_owned();
            let status = Status::from(refusal);
            Attempted {
                answer: Vec::new(),
                code: status.code().into(),
                message: status.message().to_owned(),
                details: status.details().to_vec(),
                operator: command.operator.clone(),
            }
        }
    };
    stamp.record(stamp.member_id(), stamp.now(), &Kept::attempt(attempt));
    Ok(attempted.encode_to_vec())
}

impl Act {
    fn name(&self) -> AdjustmentAct {
        match self {
            Act::Propose { .. } => AdjustmentAct::Propose,
            Act::Approve { .. } => AdjustmentAct::Approve,
            Act::Reject { .. } => AdjustmentAct::Reject,
        }
    }

    /// Returns the adjustment as far as the request names it.
    fn named(&self, stamp: &Stamp<'_>) -> pb::Adjustment {
        let member_id = stamp.member_id().to_string();
        match self {
            Act::Propose {
                wallet,
                change,
                reason_code,
                reference,
            } => pb::Adjustment {
                member_id,
                wallet: wallet.to_string(),
                points: signed(*change),
                reason_code: reason_code.clone(),
                reference: reference.clone(),
                ..pb::Adjustment::default()
            },
            Act::Approve { adjustment_id, .. } | Act::Reject { adjustment_id } => pb::Adjustment {
                adjustment_id: adjustment_id.to_string(),
                member_id,
                ..pb::Adjustment::default()
            },
        }
    }
}

impl Adjust {
    /// Does what is asked for, and notes on the attempt what adjustment it is about.
    fn attempt(&self, desk: &mut Desk<'_, '_>, attempt: &mut pb::AdjustmentAttempt) -> Result<Vec<u8>, Error> {
        let about = attempt.adjustment.get_or_insert_default();
        match &self.act {
            Act::Propose {
                wallet,
                change,
                reason_code,
                ..
            } => self.propose(desk, about, wallet, *change, reason_code),
            Act::Approve {
                adjustment_id,
                proposal_hash,
            } => self.approve(desk, about, *adjustment_id, proposal_hash),
            Act::Reject { adjustment_id } => self.reject(desk, about, *adjustment_id),
        }
    }

    fn propose(
        &self,
        desk: &mut Desk<'_, '_>,
        about: &mut pb::Adjustment,
        wallet: &WalletCode,
        change: Change,
        reason_code: &str,
    ) -> Result<Vec<u8>, Error> {
        let now = desk.now();
        let terms = desk.wallet(wallet, now)?;
        let day = desk.operator_day(&self.operator, wallet, AdjustmentAct::Propose);
        let operator = self.operator(desk, &day);
        let policy = (wallet, terms.adjustments.as_ref());
        domain::check_proposal(policy, operator, desk.member().1, change, reason_code)?;
        let adjustment_id = desk.next_id();
        let mut proposed = pb::Adjustment {
            adjustment_id: adjustment_id.to_string(),
            proposed_by: self.operator.clone(),
            proposed_at: Some(time::to_wire(now)),
            open_until: Some(time::to_wire(now + SignedDuration::from_hours(OPEN_HOURS))),
            state: pb::AdjustmentState::Open.into(),
            ..about.clone()
        };
        proposed.proposal_hash = hash_of(desk.member(), &proposed);
        about.clone_from(&proposed);
        desk.keep_adjustment(adjustment_id, proposed.clone(), Some((day, change.points())));
        let adjustment = Some(proposed);
        Ok(pb::ProposeAdjustmentResponse { adjustment }.encode_to_vec())
    }

    fn approve(
        &self,
        desk: &mut Desk<'_, '_>,
        about: &mut pb::Adjustment,
        adjustment_id: EntryId,
        proposal_hash: &str,
    ) -> Result<Vec<u8>, Error> {
        let now = desk.now();
        let (adjustment, proposal) = desk.adjustment(adjustment_id)?;
        about.clone_from(&adjustment);
        // What two people decided is posted to the letter.
        let terms = Wallet {
            caps: Caps::default(),
            ..desk.wallet(&proposal.wallet, now)?
        };
        let day = desk.operator_day(&self.operator, &proposal.wallet, AdjustmentAct::Approve);
        let operator = self.operator(desk, &day);
        let policy = terms.adjustments.as_ref();
        domain::check_approval(policy, operator, desk.member().1, &proposal, proposal_hash, now)?;
        desk.check_allowed()?;
        let points = proposal.change.points();
        let change = match proposal.change {
            Change::Credit(_) => domain::Command::EarnPoints(domain::EarnPoints {
                points,
                occurred_at: None,
                waits: None,
                expiry: None,
                funder: None,
            }),
            Change::Debit(_) => domain::Command::SpendPoints(domain::SpendPoints { points }),
        };
        let posted = desk.post(&terms, &change, &format!("adjustment:{adjustment_id}"))?;
        let entry = posted.first();
        let approved = pb::Adjustment {
            entry_id: entry.as_ref().map(|entry| entry.entry_id.clone()).unwrap_or_default(),
            ..self.decided(adjustment, pb::AdjustmentState::Approved, now)
        };
        about.clone_from(&approved);
        desk.keep_adjustment(adjustment_id, approved.clone(), Some((day, points)));
        let response = pb::ApproveAdjustmentResponse {
            adjustment: Some(approved),
            entry,
            balance_token: desk.balance_token(),
        };
        Ok(response.encode_to_vec())
    }

    fn reject(
        &self,
        desk: &mut Desk<'_, '_>,
        about: &mut pb::Adjustment,
        adjustment_id: EntryId,
    ) -> Result<Vec<u8>, Error> {
        let (adjustment, proposal) = desk.adjustment(adjustment_id)?;
        about.clone_from(&adjustment);
        domain::check_open(&proposal, desk.now())?;
        let rejected = self.decided(adjustment, pb::AdjustmentState::Rejected, desk.now());
        about.clone_from(&rejected);
        desk.keep_adjustment(adjustment_id, rejected.clone(), None);
        let adjustment = Some(rejected);
        Ok(pb::RejectAdjustmentResponse { adjustment }.encode_to_vec())
    }

    fn operator<'a>(&'a self, desk: &Desk<'_, '_>, day: &OperatorDay) -> Operator<'a> {
        Operator {
            name: &self.operator,
            is_member: self.is_member,
            used: desk.used(day),
        }
    }

    fn decided(&self, adjustment: pb::Adjustment, state: pb::AdjustmentState, now: Timestamp) -> pb::Adjustment {
        pb::Adjustment {
            state: state.into(),
            decided_by: self.operator.clone(),
            decided_at: Some(time::to_wire(now)),
            ..adjustment
        }
    }
}

/// Reads a proposal from what is stored of it; nothing when it makes no sense.
pub(super) fn proposal_of(adjustment: &pb::Adjustment) -> Option<Proposal> {
    let points = Points::new(adjustment.points.checked_abs()?)?;
    Some(Proposal {
        adjustment_id: adjustment.adjustment_id.parse().ok()?,
        wallet: WalletCode::new(&adjustment.wallet)?,
        proposed_by: adjustment.proposed_by.clone(),
        change: if adjustment.points > 0 {
            Change::Credit(points)
        } else {
            Change::Debit(points)
        },
        open_until: time::from_wire(adjustment.open_until?)?,
        hash: adjustment.proposal_hash.clone(),
        state: match adjustment.state() {
            pb::AdjustmentState::Open => AdjustmentState::Open,
            pb::AdjustmentState::Approved => AdjustmentState::Approved,
            pb::AdjustmentState::Rejected => AdjustmentState::Rejected,
            pb::AdjustmentState::Unspecified => return None,
        },
    })
}

/// Returns the hash of what is proposed: of each field with its length before it, so that no two proposals have the same bytes.
pub(super) fn hash_of((program_id, _): MemberKey, proposed: &pb::Adjustment) -> String {
    let mut hash = blake3::Hasher::new_derive_key("Loyalty Suite 2026 proposals of adjustments");
    let instant = |at: Option<prost_types::Timestamp>| at.map(|at| at.encode_to_vec()).unwrap_or_default();
    for field in [
        program_id.to_string().as_bytes(),
        proposed.adjustment_id.as_bytes(),
        proposed.member_id.as_bytes(),
        proposed.wallet.as_bytes(),
        &proposed.points.to_be_bytes(),
        proposed.reason_code.as_bytes(),
        proposed.reference.as_bytes(),
        proposed.proposed_by.as_bytes(),
        &instant(proposed.proposed_at),
        &instant(proposed.open_until),
    ] {
        hash.update(&(field.len() as u64).to_be_bytes());
        hash.update(field);
    }
    hash.finalize().to_hex().to_string()
}

fn signed(change: Change) -> i64 {
    match change {
        Change::Credit(points) => points.get(),
        Change::Debit(points) => -points.get(),
    }
}
