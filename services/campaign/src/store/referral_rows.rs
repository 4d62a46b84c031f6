//! Referrals and the policy of a program for them, as they are stored and told.

use common::{ids::MemberId, shard::Shard, time, versions::Definition};
use jiff::Timestamp;
use proto::campaign as pb;
use uuid::Uuid;

use super::{MemberKey, Unreadable, unreadable};
use crate::domain::{Referral, ReferralPolicy, ReferralReason, ReferralState};

/// The code under which the one policy of a program is kept.
pub const REFERRAL_POLICY: &str = "referrals";

/// The policy of a program.
pub struct ReferralPolicyRule(pub ReferralPolicy);

/// A change of a referral's state.
#[derive(Clone, Debug)]
pub struct ReferralMove {
    /// Whose: the friend.
    pub member: MemberKey,
    /// Its place in the journal.
    pub seq: i64,
    /// Who referred from then on.
    pub referrer: MemberId,
    /// To which state.
    pub state: ReferralState,
    /// Why.
    pub reasons: Vec<ReferralReason>,
    /// When.
    pub at: Timestamp,
    /// The order it is about.
    pub order_id: Option<String>,
    /// Who decided.
    pub reviewed_by: Option<String>,
    /// What they said.
    pub comment: Option<String>,
}

impl Definition for ReferralPolicyRule {
    type Wire = pb::ReferralPolicy;

    const KIND: &'static str = "referral-policy";

    fn from_stored(wire: pb::ReferralPolicy) -> Option<ReferralPolicyRule> {
        referral_policy_from_wire(&wire).ok().map(ReferralPolicyRule)
    }
}

/// Reads a policy.
pub fn referral_policy_from_wire(wire: &pb::ReferralPolicy) -> Result<ReferralPolicy, Unreadable> {
    let most = |most: i32| (most > 0).then_some(i64::from(most));
    Ok(ReferralPolicy {
        last_touch: match wire.touch() {
            pb::Touch::Unspecified => return Err(Unreadable("touch")),
            pb::Touch::First => false,
            pb::Touch::Last => true,
        },
        bind_within_days: wire.bind_within_days,
        min_order_minor_units: wire.min_order_minor_units,
        qualify_after_days: wire.qualify_after_days,
        give_up_after_days: (wire.give_up_after_days > 0).then_some(wire.give_up_after_days),
        max_bound_per_day: most(wire.max_bound_per_day),
        max_open: most(wire.max_open),
    })
}

/// Reads a state.
pub fn referral_state_from_wire(state: pb::ReferralState) -> Option<ReferralState> {
    match state {
        pb::ReferralState::Unspecified => None,
        pb::ReferralState::Bound => Some(ReferralState::Bound),
        pb::ReferralState::Waiting => Some(ReferralState::Waiting),
        pb::ReferralState::Flagged => Some(ReferralState::Flagged),
        pb::ReferralState::Qualified => Some(ReferralState::Qualified),
        pb::ReferralState::Rejected => Some(ReferralState::Rejected),
        pb::ReferralState::Lapsed => Some(ReferralState::Lapsed),
    }
}

/// Writes a state.
pub fn referral_state_to_wire(state: ReferralState) -> pb::ReferralState {
    match state {
        ReferralState::Bound => pb::ReferralState::Bound,
        ReferralState::Waiting => pb::ReferralState::Waiting,
        ReferralState::Flagged => pb::ReferralState::Flagged,
        ReferralState::Qualified => pb::ReferralState::Qualified,
        ReferralState::Rejected => pb::ReferralState::Rejected,
        ReferralState::Lapsed => pb::ReferralState::Lapsed,
    }
}

/// Writes a referral.
pub fn referral_to_wire(referee: MemberId, referral: &Referral) -> pb::Referral {
    let request_id = |of: &str| referral.reported.map(|number| format!("{of}-{number}"));
    pb::Referral {
        referee_member_id: referee.to_string(),
        referrer_member_id: referral.referrer.to_string(),
        invite_code: referral.invite_code.clone(),
        state: referral_state_to_wire(referral.state).into(),
        bound_at: Some(time::to_wire(referral.bound_at)),
        changed_at: Some(time::to_wire(referral.changed_at)),
        order_id: referral.order_id.clone().unwrap_or_default(),
        reasons: reasons_to_wire(&referral.reasons),
        referrer_request_id: request_id("referral").unwrap_or_default(),
        referee_request_id: request_id("referred").unwrap_or_default(),
    }
}

/// Writes a change of a referral's state.
pub fn referral_move_to_wire(moved: &ReferralMove) -> pb::ReferralMove {
    pb::ReferralMove {
        state: referral_state_to_wire(moved.state).into(),
        at: Some(time::to_wire(moved.at)),
        reasons: reasons_to_wire(&moved.reasons),
        referrer_member_id: moved.referrer.to_string(),
        order_id: moved.order_id.clone().unwrap_or_default(),
        reviewed_by: moved.reviewed_by.clone().unwrap_or_default(),
        comment: moved.comment.clone().unwrap_or_default(),
    }
}

/// A row of `campaign.referral`.
pub(super) struct Row {
    pub(super) program_id: Uuid,
    pub(super) member_id: Uuid,
    pub(super) referrer: Uuid,
    pub(super) invite_code: String,
    pub(super) state: i16,
    pub(super) reasons: i32,
    pub(super) bound_at: jiff_sqlx::Timestamp,
    pub(super) changed_at: jiff_sqlx::Timestamp,
    pub(super) gives_up_at: Option<jiff_sqlx::Timestamp>,
    pub(super) order_id: Option<String>,
    pub(super) reported: Option<i64>,
}

pub(super) fn read(row: Row) -> Result<(MemberKey, Referral), sqlx::Error> {
    let key = MemberKey {
        program_id: row.program_id.into(),
        member_id: row.member_id.into(),
    };
    let referral = Referral {
        referrer: row.referrer.into(),
        invite_code: row.invite_code,
        state: state_from_stored(row.state)?,
        reasons: reasons_from_stored(row.reasons),
        bound_at: row.bound_at.to_jiff(),
        changed_at: row.changed_at.to_jiff(),
        gives_up_at: row.gives_up_at.map(jiff_sqlx::Timestamp::to_jiff),
        order_id: row.order_id,
        reported: row.reported,
    };
    Ok((key, referral))
}

pub(super) fn state_to_stored(state: ReferralState) -> i16 {
    referral_state_to_wire(state) as i16
}

pub(super) fn state_from_stored(number: i16) -> Result<ReferralState, sqlx::Error> {
    let state = pb::ReferralState::try_from(i32::from(number)).ok();
    state
        .and_then(referral_state_from_wire)
        .ok_or_else(|| unreadable("state of a referral"))
}

pub(super) fn reasons_to_stored(reasons: &[ReferralReason]) -> i32 {
    let bits = reasons.iter().map(|reason| 1 << reason_to_wire(*reason) as i32);
    bits.fold(0, |all, bit| all | bit)
}

pub(super) fn reasons_from_stored(bits: i32) -> Vec<ReferralReason> {
    let is_there = |reason: &ReferralReason| bits & (1 << reason_to_wire(*reason) as i32) != 0;
    REASONS.into_iter().filter(is_there).collect()
}

/// The number under which both sides are told that a referral qualified: that of its place, on whichever shard.
pub fn report_number(shard: Shard, seq: i64) -> i64 {
    seq * 64 + i64::from(shard.get())
}

const REASONS: [ReferralReason; 7] = [
    ReferralReason::SharesMarkWithReferrer,
    ReferralReason::SharesMarkWithReferee,
    ReferralReason::TooManyOnDay,
    ReferralReason::TooManyOpen,
    ReferralReason::OrderReturned,
    ReferralReason::Reviewed,
    ReferralReason::LaterTouch,
];

fn reasons_to_wire(reasons: &[ReferralReason]) -> Vec<i32> {
    reasons.iter().map(|reason| reason_to_wire(*reason).into()).collect()
}

fn reason_to_wire(reason: ReferralReason) -> pb::ReferralReason {
    match reason {
        ReferralReason::SharesMarkWithReferrer => pb::ReferralReason::SharesMarkWithReferrer,
        ReferralReason::SharesMarkWithReferee => pb::ReferralReason::SharesMarkWithReferee,
        ReferralReason::TooManyOnDay => pb::ReferralReason::TooManyOnDay,
        ReferralReason::TooManyOpen => pb::ReferralReason::TooManyOpen,
        ReferralReason::OrderReturned => pb::ReferralReason::OrderReturned,
        ReferralReason::Reviewed => pb::ReferralReason::Reviewed,
        ReferralReason::LaterTouch => pb::ReferralReason::LaterTouch,
    }
}
