//! `RuleService`.

use std::sync::Arc;

use common::{
    auth::ProgramScope,
    currency::Currency,
    parse::parse,
    program::Program,
    refusal::Fault,
    time,
    versions::{Definition, Version},
    writer::WriteError,
};
use proto::campaign::{self as pb, rule_service_server::RuleService};
use tonic::{Request, Response, Status};

use super::{
    Reply,
    rule_requests::{AskedLint, ExplainedCampaign, ListedRules},
};
use crate::{
    context::Context,
    domain::{Language, Plan, Rules as Judging, Setting, describe, lint},
    error::Error,
    ops::{
        Command, Failure, PublishAccrual, PublishCampaign, PublishDiscountPolicy, PublishGroup, PublishMessagePolicy,
        PublishTemplate,
    },
    store::{CampaignRule, GOVERNANCE, POLICY, ProgramRules, finding_to_wire, governance_version_to_wire},
};

/// The RPCs about accruals, campaigns, groups, discounts and templates.
pub struct Rules {
    cx: Context,
}

impl Rules {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Rules {
        Rules { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl RuleService for Rules {
    async fn publish_accrual(&self, request: Request<pb::PublishAccrualRequest>) -> Reply<pb::PublishAccrualResponse> {
        let (caller, command) = parse::<_, PublishAccrual>(request)?;
        let answer = self
            .cx
            .writer
            .call(command.key(&caller), Command::PublishAccrual(command.into()))
            .await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn publish_campaign(
        &self,
        request: Request<pb::PublishCampaignRequest>,
    ) -> Reply<pb::PublishCampaignResponse> {
        let (caller, command) = parse::<_, PublishCampaign>(request)?;
        let answer = self
            .cx
            .writer
            .call(command.key(&caller), Command::PublishCampaign(command.into()))
            .await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn publish_group(&self, request: Request<pb::PublishGroupRequest>) -> Reply<pb::PublishGroupResponse> {
        let (caller, command) = parse::<_, PublishGroup>(request)?;
        let answer = self
            .cx
            .writer
            .call(command.key(&caller), Command::PublishGroup(command.into()))
            .await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn publish_discount_policy(
        &self,
        request: Request<pb::PublishDiscountPolicyRequest>,
    ) -> Reply<pb::PublishDiscountPolicyResponse> {
        let (caller, command) = parse::<_, PublishDiscountPolicy>(request)?;
        let answer = self
            .cx
            .writer
            .call(command.key(&caller), Command::PublishDiscountPolicy(command.into()))
            .await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn publish_template(
        &self,
        request: Request<pb::PublishTemplateRequest>,
    ) -> Reply<pb::PublishTemplateResponse> {
        let (caller, command) = parse::<_, PublishTemplate>(request)?;
        let answer = self
            .cx
            .writer
            .call(command.key(&caller), Command::PublishTemplate(command.into()))
            .await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn publish_message_policy(
        &self,
        request: Request<pb::PublishMessagePolicyRequest>,
    ) -> Reply<pb::PublishMessagePolicyResponse> {
        let (caller, command) = parse::<_, PublishMessagePolicy>(request)?;
        let answer = self
            .cx
            .writer
            .call(command.key(&caller), Command::PublishMessagePolicy(command.into()))
            .await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn explain_campaign(
        &self,
        request: Request<pb::ExplainCampaignRequest>,
    ) -> Reply<pb::ExplainCampaignResponse> {
        let (caller, ExplainedCampaign { campaign, language }) = parse(request)?;
        let (program, rules) = rules_of(&self.cx, caller.program()).await?;
        let Some(latest) = rules.campaigns.latest(&campaign) else {
            return Err(Failure::from(Error::CampaignNotFound { campaign }).into());
        };
        let setting = Setting {
            zone: program.zone.clone(),
            currency: Currency::new(&program.currency_code),
        };
        let standing = rules.campaign_standing(&campaign, &program.zone, program.now_for_reading());
        let (campaign, version, effective_from) = parts(latest);
        Ok(Response::new(pb::ExplainCampaignResponse {
            campaign_version: Some(pb::CampaignVersion {
                campaign,
                version,
                effective_from,
            }),
            sentences: describe(&latest.definition.0, &setting, language),
            standing: Some(standing),
        }))
    }

    async fn lint_rules(&self, request: Request<pb::LintRulesRequest>) -> Reply<pb::LintRulesResponse> {
        let (caller, AskedLint { language }) = parse(request)?;
        let (program, rules) = rules_of(&self.cx, caller.program()).await?;
        Ok(Response::new(pb::LintRulesResponse {
            findings: findings(&program, &rules, &rules.at_last(), language),
        }))
    }

    async fn list_rules(&self, request: Request<pb::ListRulesRequest>) -> Reply<pb::ListRulesResponse> {
        let (caller, ListedRules { include_archived }) = parse(request)?;
        let (program, rules) = rules_of(&self.cx, caller.program()).await?;
        Ok(Response::new(latest(&rules, &program, include_archived)))
    }
}

/// Returns a program and its rules.
pub(super) async fn rules_of(cx: &Context, scope: ProgramScope) -> Result<(Arc<Program>, ProgramRules), Status> {
    let program = cx.programs.find(scope).await.map_err(Fault::from)?;
    let program = program.ok_or(WriteError::<Error>::ProgramNotFound(scope.id()))?;
    let (book, asked) = (cx.rules.clone(), program.clone());
    let rules = cx.db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        book.of_program(&mut connection, &asked).await
    });
    Ok((program, rules.await.map_err(Fault::from)?))
}

/// Tells what is strange about the campaigns of a program, if its rules were such.
pub(super) fn findings(
    program: &Program,
    rules: &ProgramRules,
    judging: &Judging,
    language: Language,
) -> Vec<pb::Finding> {
    let policy = rules.policies.latest(POLICY);
    let found = lint(&Plan {
        rules: judging,
        policy: policy.map(|of| of.definition.0).unwrap_or_default(),
        ladders: &rules.ladders,
        zone: &program.zone,
        now: program.now_for_reading(),
    });
    found.iter().map(|finding| finding_to_wire(finding, language)).collect()
}

fn latest(rules: &ProgramRules, program: &Program, include_archived: bool) -> pb::ListRulesResponse {
    let accrual = |(_, of): (&str, _)| {
        let (accrual, version, effective_from) = parts(of);
        pb::AccrualVersion {
            accrual,
            version,
            effective_from,
        }
    };
    let campaign = |(_, of): (&str, _)| {
        let (campaign, version, effective_from) = parts(of);
        pb::CampaignVersion {
            campaign,
            version,
            effective_from,
        }
    };
    let group = |(_, of): (&str, _)| {
        let (group, version, effective_from) = parts(of);
        pb::GroupVersion {
            group,
            version,
            effective_from,
        }
    };
    let policy = |(_, of): (&str, _)| {
        let (discount_policy, version, effective_from) = parts(of);
        pb::DiscountPolicyVersion {
            discount_policy,
            version,
            effective_from,
        }
    };
    let template = |(_, of): (&str, _)| {
        let (template, version, effective_from) = parts(of);
        pb::MessageTemplateVersion {
            template,
            version,
            effective_from,
        }
    };
    let referral_policy = |(_, of): (&str, _)| {
        let (referral_policy, version, effective_from) = parts(of);
        pb::ReferralPolicyVersion {
            referral_policy,
            version,
            effective_from,
        }
    };
    let message_policy = |(_, of): (&str, _)| {
        let (message_policy, version, effective_from) = parts(of);
        pb::MessagePolicyVersion {
            message_policy,
            version,
            effective_from,
        }
    };
    let listed = |(_, of): &(&str, &Arc<Version<CampaignRule>>)| include_archived || !of.wire.archived;
    let campaigns = || rules.campaigns.all_latest().filter(listed);
    let now = program.now_for_reading();
    pb::ListRulesResponse {
        campaign_standings: campaigns()
            .map(|(code, _)| rules.campaign_standing(code, &program.zone, now))
            .collect(),
        governance_version: rules
            .governance
            .latest(GOVERNANCE)
            .map(|of| governance_version_to_wire(of)),
        template_versions: rules.templates.all_latest().map(template).collect(),
        message_policy_version: rules.message_policies.all_latest().map(message_policy).next(),
        referral_policy_version: rules.referral_policies.all_latest().map(referral_policy).next(),
        discount_policy_version: rules.policies.all_latest().map(policy).next(),
        group_versions: rules.groups.all_latest().map(group).collect(),
        accrual_versions: rules.accruals.all_latest().map(accrual).collect(),
        campaign_versions: campaigns().map(campaign).collect(),
    }
}

fn parts<D: Definition>(of: &Arc<Version<D>>) -> (Option<D::Wire>, i32, Option<prost_types::Timestamp>) {
    (
        Some(of.wire.clone()),
        of.version,
        Some(time::to_wire(of.effective_from)),
    )
}
