//! Publishes a version of a group.

use std::sync::Arc;

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
    domain::{Group, ancestors},
    error::Error,
    store::{GroupRule, ProgramRules},
};

/// What this is remembered under.
const METHOD: i16 = 4;

/// Asks to publish a group.
#[derive(Clone, Debug)]
pub struct PublishGroup {
    /// The request, as it came.
    pub request: pb::PublishGroupRequest,
    /// The group.
    pub group: Group,
    /// From when on it holds.
    pub effective_from: Option<Timestamp>,
}

impl PublishGroup {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already. Refuses a group that lies in itself, or in none that is known.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        self.check(&state.rules.of(stamp.program_id()))?;
        let wire = self.request.group.clone().unwrap_or_default();
        let rule = GroupRule(Arc::new(self.group.clone()));
        let groups = &mut state.rules.groups;
        let (version, changed) = groups.publish(&self.group.code, wire, rule, self.effective_from, stamp)?;
        let group_version = pb::GroupVersion {
            group: Some(version.wire.clone()),
            version: version.version,
            effective_from: Some(time::to_wire(version.effective_from)),
        };
        if changed {
            state.rules.changed(stamp.program_id());
            let published = pb::GroupPublished {
                group_version: Some(group_version.clone()),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::GroupPublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishGroupResponse {
            group_version: Some(group_version),
            changed,
        }
        .encode_to_vec())
    }

    fn check(&self, rules: &ProgramRules) -> Result<(), Error> {
        let find = |code: &str| rules.groups.latest(code).map(|latest| &*latest.definition.0);
        let ancestors = ancestors(&self.group, find).map_err(|code| Error::GroupNotFound { group: code.to_owned() })?;
        let contradictions = self.group.contradictions(&ancestors);
        if contradictions.is_empty() {
            Ok(())
        } else {
            Err(Error::GroupInvalid(contradictions))
        }
    }
}
