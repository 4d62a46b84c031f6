//! Has a person decide a referral.

use common::{
    auth::Caller,
    ids::MemberId,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::{
    referrals::{Why, move_to, qualify},
    state::{State, member_of},
};
use crate::{
    domain::{Referral, ReferralReason, ReferralState},
    error::Error,
    store::{referral_state_to_wire, referral_to_wire},
};

/// What this is remembered under.
const METHOD: i16 = 91;

/// Asks to decide a referral.
#[derive(Clone, Debug)]
pub struct ReviewReferral {
    /// The request, as it came.
    pub request: pb::ReviewReferralRequest,
    /// The friend.
    pub referee: MemberId,
    /// Whether it qualifies; else it never does.
    pub approves: bool,
    /// Who decides.
    pub operator: String,
}

impl ReviewReferral {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        let request = &self.request;
        Key::of_member(caller.program(), self.referee, METHOD, &request.request_id, request)
    }

    /// Decides it. Only what is flagged is approved: what is not decides itself.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let member_id = self.referee;
        let known = state.referrals.get(&member_of(stamp)).cloned();
        let known = known.ok_or(Error::ReferralNotFound { member_id })?;
        let is_flagged = known.state == ReferralState::Flagged;
        if !(is_flagged || (!self.approves && known.state.takes_orders())) {
            return Err(Error::ReferralNotOpen {
                state: state_name(known.state),
            });
        }
        let mut reasons = if is_flagged { known.reasons.clone() } else { Vec::new() };
        reasons.push(ReferralReason::Reviewed);
        let why = Why {
            reasons,
            reviewed_by: Some(self.operator.clone()),
            comment: Some(self.request.comment.clone()),
        };
        let now = stamp.now();
        let decided = if self.approves {
            qualify(state, stamp, (known, now), why)
        } else {
            let rejected = Referral {
                state: ReferralState::Rejected,
                ..known
            };
            move_to(state, stamp, (rejected, now), why)
        };
        Ok(pb::ReviewReferralResponse {
            referral: Some(referral_to_wire(member_id, &decided)),
        }
        .encode_to_vec())
    }
}

fn state_name(state: ReferralState) -> &'static str {
    let name = referral_state_to_wire(state).as_str_name();
    name.trim_start_matches("REFERRAL_STATE_")
}
