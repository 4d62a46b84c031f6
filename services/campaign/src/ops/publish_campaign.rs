//! Publishes a version of a campaign.

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
    domain::{Accrual, Campaign, Contradiction, Funding, Gives, MOST_ASKED_BEFORE, asked_before},
    error::Error,
    store::CampaignRule,
};

/// What this is remembered under.
const METHOD: i16 = 3;

/// Asks to publish a campaign.
#[derive(Clone, Debug)]
pub struct PublishCampaign {
    /// The request, as it came.
    pub request: pb::PublishCampaignRequest,
    /// The campaign.
    pub campaign: Campaign,
    /// From when on it holds.
    pub effective_from: Option<Timestamp>,
}

impl PublishCampaign {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        Key::of_program(caller.program(), METHOD, &self.request.request_id, &self.request)
    }

    /// Publishes it, unless it is in force already. Refuses a campaign that makes no sense with its accruals, or whose group is not known.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        self.check(state, stamp)?;
        let wire = self.request.campaign.clone().unwrap_or_default();
        let rule = CampaignRule(Arc::new(self.campaign.clone()));
        let (version, changed) =
            state
                .rules
                .campaigns
                .publish(&self.campaign.code, wire, rule, self.effective_from, stamp)?;
        let campaign_version = pb::CampaignVersion {
            campaign: Some(version.wire.clone()),
            version: version.version,
            effective_from: Some(time::to_wire(version.effective_from)),
        };
        if changed {
            state.rules.changed(stamp.program_id());
            let published = pb::CampaignPublished {
                campaign_version: Some(campaign_version.clone()),
            };
            let event = pb::CampaignEvent {
                event: Some(pb::campaign_event::Event::CampaignPublished(published)),
            };
            stamp.record(MemberId::nil(), stamp.now(), &event);
        }
        Ok(pb::PublishCampaignResponse {
            campaign_version: Some(campaign_version),
            changed,
        }
        .encode_to_vec())
    }

    fn check(&self, state: &State, stamp: &Stamp<'_>) -> Result<(), Error> {
        let rules = state.rules.of(stamp.program_id());
        let mut accruals: Vec<&Accrual> = Vec::new();
        for effect in &self.campaign.effects {
            let latest = rules
                .accruals
                .latest(&effect.accrual)
                .ok_or_else(|| Error::AccrualNotFound {
                    accrual: effect.accrual.clone(),
                })?;
            accruals.push(&latest.definition.0);
        }
        if let Some(group) = &self.campaign.group
            && rules.groups.latest(group).is_none()
        {
            return Err(Error::GroupNotFound { group: group.clone() });
        }
        if let Some(Funding { budget, .. }) = &self.campaign.funding
            && rules.budget(budget).is_none()
        {
            return Err(Error::BudgetNotFound { budget: budget.clone() });
        }
        for grant in &self.campaign.grants {
            if let Gives::Message(message) = &grant.gives
                && rules.templates.latest(&message.template).is_none()
            {
                let template = message.template.clone();
                return Err(Error::TemplateNotFound { template });
            }
        }
        let mut contradictions = self.campaign.contradictions(&accruals);
        let others = rules
            .campaigns
            .all_latest()
            .filter(|(code, _)| *code != self.campaign.code);
        let others = others.map(|(_, latest)| latest.definition.0.clone());
        if asked_before(others.chain([Arc::new(self.campaign.clone())])) > MOST_ASKED_BEFORE {
            contradictions.push(Contradiction::new(
                "condition",
                "asks with the program's other campaigns for more than 200 different things that members did before",
            ));
        }
        if contradictions.is_empty() {
            Ok(())
        } else {
            Err(Error::CampaignInvalid(contradictions))
        }
    }
}
