//! Publishes a version of a target.

use std::sync::Arc;

use common::{
    auth::Caller,
    ids::MemberId,
    writer::{Key, Stamp},
};
use jiff::Timestamp;
use prost::Message as _;
use proto::campaign as pb;

use super::state::State;
use crate::{
    domain::Target,
    error::Error,
    store::{TargetRule, target_version_to_wire},
};

/// What this is remembered under.
const METHOD: i16 = 20;

/// Asks to publish a target.
#[derive(Clone, Debug)]
pub struct PublishTarget {
    /// The request, as it came.
    pub request: pb::PublishTargetRequest,
    /// The target.
    pub target: Target,
    /// From when on it holds.
    pub effective_from: Option<Timestamp>,
}

impl PublishTarget {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let wire = self.request.target.clone().unwrap_or_default();
        let rule = TargetRule(Arc::new(self.target.clone()));
        let targets = &mut state.rules.targets;
        let (version, changed) = targets.publish(&self.target.code, wire, rule, self.effective_from, stamp)?;
        let target_version = target_version_to_wire(&version);
        if changed {
            let published = pb::TargetPublished {
                target_version: Some(target_version.clone()),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::TargetPublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishTargetResponse {
            target_version: Some(target_version),
            changed,
        }
        .encode_to_vec())
    }
}
