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
    store::{CampaignRule, ProgramRules},
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

    /// Publishes it, unless it is in force already. Refuses a campaign that makes no sense with its accruals, or whose group is not known, and one that somebody else is to approve.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let wire = self.request.campaign.clone().unwrap_or_default();
        let rules = state.rules.of(stamp.program_id());
        if rules.campaigns_need_approval() && !needs_no_approval(&rules, &wire, stamp.now()) {
            return Err(Error::ApprovalNeeded {
                campaign: self.campaign.code.clone(),
            });
        }
        let (campaign_version, changed) = publish(state, stamp, wire, &self.campaign, self.effective_from)?;
        Ok(pb::PublishCampaignResponse {
            campaign_version: Some(campaign_version),
            changed,
        }
        .encode_to_vec())
    }
}

/// Publishes a version of a campaign that makes sense, unless it is published already: returns the latest one, and whether it is new.
pub fn publish(
    state: &mut State,
    stamp: &mut Stamp<'_>,
    wire: pb::Campaign,
    campaign: &Campaign,
    effective_from: Option<Timestamp>,
) -> Result<(pb::CampaignVersion, bool), Error> {
    check(&state.rules.of(stamp.program_id()), campaign)?;
    put(state, stamp, wire, campaign, effective_from)
}

/// Publishes a version of a campaign as it is: whoever only puts one away does not answer for what it says.
pub fn put(
    state: &mut State,
    stamp: &mut Stamp<'_>,
    wire: pb::Campaign,
    campaign: &Campaign,
    effective_from: Option<Timestamp>,
) -> Result<(pb::CampaignVersion, bool), Error> {
    let rule = CampaignRule(Arc::new(campaign.clone()));
    let campaigns = &mut state.rules.campaigns;
    let (version, changed) = campaigns.publish(&campaign.code, wire, rule, effective_from, stamp)?;
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
    Ok((campaign_version, changed))
}

/// Refuses a campaign that makes no sense with the rules of its program.
pub fn check(rules: &ProgramRules, campaign: &Campaign) -> Result<(), Error> {
    let mut accruals: Vec<&Accrual> = Vec::new();
    for effect in &campaign.effects {
        let latest = rules
            .accruals
            .latest(&effect.accrual)
            .ok_or_else(|| Error::AccrualNotFound {
                accrual: effect.accrual.clone(),
            })?;
        accruals.push(&latest.definition.0);
    }
    if let Some(group) = &campaign.group
        && rules.groups.latest(group).is_none()
    {
        return Err(Error::GroupNotFound { group: group.clone() });
    }
    if let Some(Funding { budget, .. }) = &campaign.funding
        && rules.budget(budget).is_none()
    {
        return Err(Error::BudgetNotFound { budget: budget.clone() });
    }
    for grant in &campaign.grants {
        if let Gives::Message(message) = &grant.gives
            && rules.templates.latest(&message.template).is_none()
        {
            let template = message.template.clone();
            return Err(Error::TemplateNotFound { template });
        }
    }
    let mut contradictions = campaign.contradictions(&accruals);
    let others = rules
        .campaigns
        .all_latest()
        .filter(|(code, latest)| *code != campaign.code && !latest.wire.archived);
    let others = others.map(|(_, latest)| latest.definition.0.clone());
    if asked_before(others.chain([Arc::new(campaign.clone())])) > MOST_ASKED_BEFORE {
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

/// Tells whether somebody may publish a campaign alone where others need approval: what is published already, and an emergency stop, which is a version that differs from the one in
/// force, or from the latest, by being paused and by nothing else.
fn needs_no_approval(rules: &ProgramRules, wire: &pb::Campaign, now: Timestamp) -> bool {
    let latest = rules.campaigns.latest(&wire.code);
    let in_force = rules.campaigns.in_force(&wire.code, now);
    let pauses = |published: &pb::Campaign| {
        let paused = pb::Campaign {
            paused: true,
            ..published.clone()
        };
        paused == *wire
    };
    latest.is_some_and(|latest| latest.wire == *wire)
        || [latest, in_force]
            .into_iter()
            .flatten()
            .any(|published| pauses(&published.wire))
}
