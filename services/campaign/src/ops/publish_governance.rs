//! Says whether campaigns are published only by approving drafts.

use common::{
    auth::Caller,
    ids::MemberId,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::state::State;
use crate::{
    error::Error,
    store::{GOVERNANCE, GovernanceRule, governance_version_to_wire},
};

/// What this is remembered under.
const METHOD: i16 = 106;

/// Asks for another governance.
#[derive(Clone, Debug)]
pub struct PublishGovernance {
    /// The request, as it came.
    pub request: pb::PublishGovernanceRequest,
    /// Who asks.
    pub operator: String,
}

impl PublishGovernance {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it. One person asks for approvals; it takes two to waive them.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let rules = state.rules.of(stamp.program_id());
        let before = rules.governance.latest(GOVERNANCE);
        let before = before.map(|latest| latest.wire.clone()).unwrap_or_default();
        let wire = self.next(before)?;
        let definition = GovernanceRule {
            campaigns_need_approval: wire.campaigns_need_approval,
        };
        let governance = &mut state.rules.governance;
        let (version, changed) = governance.publish(GOVERNANCE, wire, definition, None, stamp)?;
        let governance_version = Some(governance_version_to_wire(&version));
        if changed {
            let published = pb::GovernancePublished {
                governance_version: governance_version.clone(),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::GovernancePublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        let answer = pb::PublishGovernanceResponse {
            governance_version,
            changed,
        };
        Ok(answer.encode_to_vec())
    }

    fn next(&self, before: pb::Governance) -> Result<pb::Governance, Error> {
        let is_proposed = !before.waiver_proposed_by.is_empty();
        match (before.campaigns_need_approval, self.request.campaigns_need_approval) {
            (true, true) if !is_proposed => Ok(before),
            (_, true) => Ok(pb::Governance {
                campaigns_need_approval: true,
                waiver_proposed_by: String::new(),
                decided_by: self.operator.clone(),
            }),
            (false, false) => Ok(before),
            (true, false) if !is_proposed => Ok(pb::Governance {
                waiver_proposed_by: self.operator.clone(),
                ..before
            }),
            (true, false) if before.waiver_proposed_by == self.operator => Err(Error::OwnWaiver),
            (true, false) => Ok(pb::Governance {
                campaigns_need_approval: false,
                waiver_proposed_by: String::new(),
                decided_by: self.operator.clone(),
            }),
        }
    }
}
