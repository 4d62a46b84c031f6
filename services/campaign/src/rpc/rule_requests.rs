//! Requests about rules, read.

use common::{parse, refusal::Violations, time};
use jiff::Timestamp;
use proto::campaign as pb;

use super::activity_requests::language;
use crate::{
    domain::{Campaign, Language},
    ops::{
        PublishAccrual, PublishCampaign, PublishDiscountPolicy, PublishGroup, PublishMessagePolicy, PublishTemplate,
    },
    store::{
        Unreadable, accrual_from_wire, campaign_from_wire, group_from_wire, message_policy_from_wire, policy_from_wire,
        template_from_wire,
    },
};

/// A campaign that is told in sentences.
pub struct ExplainedCampaign {
    /// Which.
    pub campaign: String,
    /// In which language.
    pub language: Language,
}

/// What is strange about the program's campaigns.
pub struct AskedLint {
    /// In which language.
    pub language: Language,
}

/// A list of the program's rules.
pub struct ListedRules {
    /// Whether campaigns are listed, too, that are archived.
    pub include_archived: bool,
}

impl TryFrom<pb::PublishAccrualRequest> for PublishAccrual {
    type Error = Violations;

    fn try_from(request: pb::PublishAccrualRequest) -> Result<PublishAccrual, Violations> {
        let mut violations = Violations::default();
        let accrual = rule(&mut violations, "accrual", request.accrual.as_ref(), accrual_from_wire);
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = accrual.zip(effective_from);
        violations.finish(read.map(|(accrual, effective_from)| PublishAccrual {
            request,
            accrual,
            effective_from,
        }))
    }
}

impl TryFrom<pb::PublishCampaignRequest> for PublishCampaign {
    type Error = Violations;

    fn try_from(request: pb::PublishCampaignRequest) -> Result<PublishCampaign, Violations> {
        let mut violations = Violations::default();
        let campaign = campaign(&mut violations, request.campaign.as_ref());
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = campaign.zip(effective_from);
        violations.finish(read.map(|(campaign, effective_from)| PublishCampaign {
            request,
            campaign,
            effective_from,
        }))
    }
}

impl TryFrom<pb::PublishGroupRequest> for PublishGroup {
    type Error = Violations;

    fn try_from(request: pb::PublishGroupRequest) -> Result<PublishGroup, Violations> {
        let mut violations = Violations::default();
        let group = rule(&mut violations, "group", request.group.as_ref(), group_from_wire);
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = group.zip(effective_from);
        violations.finish(read.map(|(group, effective_from)| PublishGroup {
            request,
            group,
            effective_from,
        }))
    }
}

impl TryFrom<pb::PublishDiscountPolicyRequest> for PublishDiscountPolicy {
    type Error = Violations;

    fn try_from(request: pb::PublishDiscountPolicyRequest) -> Result<PublishDiscountPolicy, Violations> {
        let mut violations = Violations::default();
        let policy = request.discount_policy.as_ref();
        let policy = rule(&mut violations, "discount_policy", policy, policy_from_wire);
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = policy.zip(effective_from);
        violations.finish(read.map(|(policy, effective_from)| PublishDiscountPolicy {
            request,
            policy,
            effective_from,
        }))
    }
}

impl TryFrom<pb::PublishTemplateRequest> for PublishTemplate {
    type Error = Violations;

    fn try_from(request: pb::PublishTemplateRequest) -> Result<PublishTemplate, Violations> {
        let mut violations = Violations::default();
        let template = request.template.as_ref();
        let template = rule(&mut violations, "template", template, template_from_wire);
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = template.zip(effective_from);
        violations.finish(read.map(|(template, effective_from)| PublishTemplate {
            request,
            template,
            effective_from,
        }))
    }
}

impl TryFrom<pb::PublishMessagePolicyRequest> for PublishMessagePolicy {
    type Error = Violations;

    fn try_from(request: pb::PublishMessagePolicyRequest) -> Result<PublishMessagePolicy, Violations> {
        let mut violations = Violations::default();
        let policy = request.message_policy.as_ref();
        let policy = rule(&mut violations, "message_policy", policy, message_policy_from_wire);
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = policy.zip(effective_from);
        violations.finish(read.map(|(policy, effective_from)| PublishMessagePolicy {
            request,
            policy,
            effective_from,
        }))
    }
}

impl TryFrom<pb::ExplainCampaignRequest> for ExplainedCampaign {
    type Error = Violations;

    fn try_from(request: pb::ExplainCampaignRequest) -> Result<ExplainedCampaign, Violations> {
        Ok(ExplainedCampaign {
            language: language(request.language()),
            campaign: request.campaign,
        })
    }
}

impl TryFrom<pb::LintRulesRequest> for AskedLint {
    type Error = Violations;

    fn try_from(request: pb::LintRulesRequest) -> Result<AskedLint, Violations> {
        Ok(AskedLint {
            language: language(request.language()),
        })
    }
}

impl TryFrom<pb::ListRulesRequest> for ListedRules {
    type Error = Violations;

    fn try_from(request: pb::ListRulesRequest) -> Result<ListedRules, Violations> {
        Ok(ListedRules {
            include_archived: request.include_archived,
        })
    }
}

/// Reads a campaign that somebody wants to be as they say.
pub(super) fn campaign(violations: &mut Violations, wire: Option<&pb::Campaign>) -> Option<Campaign> {
    let is_archived = wire.is_some_and(|wire| wire.archived);
    violations.check(!is_archived, "campaign.archived", "is said by ArchiveCampaign");
    rule(violations, "campaign", wire, campaign_from_wire)
}

/// Reads a rule.
pub(super) fn rule<W, T>(
    violations: &mut Violations,
    field: &str,
    wire: Option<&W>,
    read: fn(&W) -> Result<T, Unreadable>,
) -> Option<T> {
    let Some(wire) = wire else {
        violations.add(field, "is missing");
        return None;
    };
    read(wire)
        .map_err(|Unreadable(at)| violations.add(format!("{field}.{at}"), "is missing or not one of the choices"))
        .ok()
}

/// Reads an instant that may be left out. The outer option is empty when it is there but wrong.
pub(super) fn instant(
    violations: &mut Violations,
    field: &str,
    at: Option<&prost_types::Timestamp>,
) -> Option<Option<Timestamp>> {
    match at {
        None => Some(None),
        some => parse::business_time(violations, field, some).map(|at| Some(time::to_micros(at))),
    }
}
