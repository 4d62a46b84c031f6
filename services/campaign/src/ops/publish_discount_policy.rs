//! Publishes a version of a program's discount policy.

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
    domain::DiscountPolicy,
    error::Error,
    store::{POLICY, PolicyRule},
};

/// What this is remembered under.
const METHOD: i16 = 8;

/// Asks to publish a discount policy.
#[derive(Clone, Debug)]
pub struct PublishDiscountPolicy {
    /// The request, as it came.
    pub request: pb::PublishDiscountPolicyRequest,
    /// The policy.
    pub policy: DiscountPolicy,
    /// From when on it holds.
    pub effective_from: Option<Timestamp>,
}

impl PublishDiscountPolicy {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let wire = self.request.discount_policy.unwrap_or_default();
        let policies = &mut state.rules.policies;
        let (version, changed) = policies.publish(POLICY, wire, PolicyRule(self.policy), self.effective_from, stamp)?;
        let discount_policy_version = pb::DiscountPolicyVersion {
            discount_policy: Some(version.wire),
            version: version.version,
            effective_from: Some(time::to_wire(version.effective_from)),
        };
        if changed {
            let published = pb::DiscountPolicyPublished {
                discount_policy_version: Some(discount_policy_version),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::DiscountPolicyPublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishDiscountPolicyResponse {
            discount_policy_version: Some(discount_policy_version),
            changed,
        }
        .encode_to_vec())
    }
}
