//! Publishes a version of a program's message policy.

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
    domain::MessagePolicy,
    error::Error,
    store::{MESSAGE_POLICY, MessagePolicyRule},
};

/// What this is remembered under.
const METHOD: i16 = 81;

/// Asks to publish a message policy.
#[derive(Clone, Debug)]
pub struct PublishMessagePolicy {
    /// The request, as it came.
    pub request: pb::PublishMessagePolicyRequest,
    /// The policy.
    pub policy: MessagePolicy,
    /// From when on it holds.
    pub effective_from: Option<Timestamp>,
}

impl PublishMessagePolicy {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let wire = self.request.message_policy.unwrap_or_default();
        let policies = &mut state.rules.message_policies;
        let (version, changed) = policies.publish(
            MESSAGE_POLICY,
            wire,
            MessagePolicyRule(self.policy),
            self.effective_from,
            stamp,
        )?;
        let message_policy_version = pb::MessagePolicyVersion {
            message_policy: Some(version.wire),
            version: version.version,
            effective_from: Some(time::to_wire(version.effective_from)),
        };
        if changed {
            let published = pb::MessagePolicyPublished {
                message_policy_version: Some(message_policy_version),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::MessagePolicyPublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishMessagePolicyResponse {
            message_policy_version: Some(message_policy_version),
            changed,
        }
        .encode_to_vec())
    }
}
