//! Publishes a version of a program's referral policy.

use common::{
    auth::Caller,
    ids::MemberId,
    time,
    writer::{Key, Stamp},
};
use jiff::Timestamp;
use prost::Message as _;
use proto::campaign as pb;

use super::state::State;
use crate::{
    domain::ReferralPolicy,
    error::Error,
    store::{REFERRAL_POLICY, ReferralPolicyRule},
};

/// What this is remembered under.
const METHOD: i16 = 93;

/// Asks to publish a referral policy.
#[derive(Clone, Debug)]
pub struct PublishReferralPolicy {
    /// The request, as it came.
    pub request: pb::PublishReferralPolicyRequest,
    /// The policy.
    pub policy: ReferralPolicy,
    /// From when on it holds.
    pub effective_from: Option<Timestamp>,
}

impl PublishReferralPolicy {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let wire = self.request.referral_policy.unwrap_or_default();
        let policies = &mut state.rules.referral_policies;
        let (version, changed) = policies.publish(
            REFERRAL_POLICY,
            wire,
            ReferralPolicyRule(self.policy),
            self.effective_from,
            stamp,
        )?;
        let referral_policy_version = pb::ReferralPolicyVersion {
            referral_policy: Some(version.wire),
            version: version.version,
            effective_from: Some(time::to_wire(version.effective_from)),
        };
        if changed {
            let published = pb::ReferralPolicyPublished {
                referral_policy_version: Some(referral_policy_version),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::ReferralPolicyPublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishReferralPolicyResponse {
            referral_policy_version: Some(referral_policy_version),
            changed,
        }
        .encode_to_vec())
    }
}
