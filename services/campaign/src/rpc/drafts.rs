//! `DraftService`.

use common::{
    auth::Caller,
    parse::parse,
    refusal::Fault,
    writer::{Answer, Key},
};
use proto::campaign::{self as pb, draft_service_server::DraftService};
use tonic::{Request, Response, Status};

use super::{
    Reply,
    draft_requests::{ListedDrafts, Submitted, WantedDraft},
    rules::{findings, rules_of},
};
use crate::{
    context::Context,
    domain::Language,
    error::Error,
    ops::{
        ApproveDraft, ArchiveCampaign, Command, CopyCampaign, DraftCommand, Failure, PublishGovernance, SaveDraft,
        SendBackDraft, SubmitDraft, problems,
    },
    store::{campaign_from_wire, find_draft, find_revision, list_drafts},
};

/// The RPCs about the lives of campaigns.
pub struct Drafts {
    cx: Context,
}

impl Drafts {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Drafts {
        Drafts { cx: cx.clone() }
    }

    async fn call(&self, key: Key, command: DraftCommand) -> Result<Answer, Status> {
        Ok(self.cx.writer.call(key, Command::Draft(command.into())).await?)
    }

    /// Tells what would be strange with the revision of a draft; nothing where it is not there, which the writer refuses.
    async fn findings_with(
        &self,
        caller: &Caller,
        command: &SubmitDraft,
        language: Language,
    ) -> Result<Vec<pb::Finding>, Status> {
        let (name, revision) = (command.request.draft.clone(), command.request.revision);
        let scope = caller.program();
        let find = move |pool| async move { find_revision(&pool, scope, &name, revision).await };
        let saved = self.cx.db.run(find).await.map_err(Fault::from)?;
        let campaign = saved.and_then(|saved| campaign_from_wire(&saved.campaign?).ok());
        let Some(campaign) = campaign else {
            return Ok(Vec::new());
        };
        let (program, rules) = rules_of(&self.cx, scope).await?;
        let judging = rules.at_last_with(campaign.into());
        Ok(findings(&program, &rules, &judging, language))
    }
}

#[tonic::async_trait]
impl DraftService for Drafts {
    async fn save_draft(&self, request: Request<pb::SaveDraftRequest>) -> Reply<pb::SaveDraftResponse> {
        let (caller, mut command) = parse::<_, SaveDraft>(request)?;
        command.operator = operator(&caller);
        let answer = self
            .call(command.key(&caller), DraftCommand::Save(command.into()))
            .await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn copy_campaign(&self, request: Request<pb::CopyCampaignRequest>) -> Reply<pb::CopyCampaignResponse> {
        let (caller, mut command) = parse::<_, CopyCampaign>(request)?;
        command.operator = operator(&caller);
        let answer = self.call(command.key(&caller), DraftCommand::Copy(command)).await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn submit_draft(&self, request: Request<pb::SubmitDraftRequest>) -> Reply<pb::SubmitDraftResponse> {
        let (caller, Submitted { mut command, language }) = parse(request)?;
        command.operator = operator(&caller);
        command.findings = self.findings_with(&caller, &command, language).await?;
        let answer = self.call(command.key(&caller), DraftCommand::Submit(command)).await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn withdraw_draft(&self, request: Request<pb::WithdrawDraftRequest>) -> Reply<pb::WithdrawDraftResponse> {
        let (caller, mut command) = parse::<_, SendBackDraft>(request)?;
        command.operator = operator(&caller);
        let answer = self.call(command.key(&caller), DraftCommand::SendBack(command)).await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn reject_draft(&self, request: Request<pb::RejectDraftRequest>) -> Reply<pb::RejectDraftResponse> {
        let (caller, mut command) = parse::<_, SendBackDraft>(request)?;
        command.operator = operator(&caller);
        let answer = self.call(command.key(&caller), DraftCommand::SendBack(command)).await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn approve_draft(&self, request: Request<pb::ApproveDraftRequest>) -> Reply<pb::ApproveDraftResponse> {
        let (caller, mut command) = parse::<_, ApproveDraft>(request)?;
        command.operator = operator(&caller);
        let answer = self.call(command.key(&caller), DraftCommand::Approve(command)).await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn get_draft(&self, request: Request<pb::GetDraftRequest>) -> Reply<pb::GetDraftResponse> {
        let (caller, WantedDraft { draft: name, revision }) = parse(request)?;
        let scope = caller.program();
        let (_, rules) = rules_of(&self.cx, scope).await?;
        let asked = name.clone();
        let find = move |pool| async move { find_draft(&pool, scope, &asked, revision).await };
        let found = self.cx.db.run(find).await.map_err(Fault::from)?;
        let found = found.ok_or_else(|| Failure::from(Error::DraftNotFound { draft: name }))?;
        let latest = found.draft.campaign.as_ref();
        let latest = latest.and_then(|campaign| campaign_from_wire(campaign).ok());
        Ok(Response::new(pb::GetDraftResponse {
            problems: latest.map_or_else(Vec::new, |campaign| problems(&rules, &campaign)),
            draft: Some(pb::Draft {
                campaign: found.campaign,
                ..found.draft
            }),
            changes: found.changes,
        }))
    }

    async fn list_drafts(&self, request: Request<pb::ListDraftsRequest>) -> Reply<pb::ListDraftsResponse> {
        let (caller, listed) = parse::<_, ListedDrafts>(request)?;
        let ListedDrafts {
            state,
            page_size,
            page_token,
            filter,
        } = listed;
        let (program, tokens) = (caller.program(), &self.cx.page_tokens);
        let after: Option<String> = tokens.open(program, filter, &page_token)?;
        let after = after.unwrap_or_default();
        let list = move |pool| async move { list_drafts(&pool, program, state, &after, page_size + 1).await };
        let mut page = self.cx.db.run(list).await.map_err(Fault::from)?;
        let more = page.len() as i64 > page_size;
        page.truncate(page_size as usize);
        let last = page.last().filter(|_| more);
        let next_page_token = last.map(|last| tokens.seal(program, filter, &last.draft));
        let drafts = page.into_iter().map(|draft| pb::Draft {
            campaign: None,
            findings: Vec::new(),
            ..draft
        });
        Ok(Response::new(pb::ListDraftsResponse {
            drafts: drafts.collect(),
            next_page_token: next_page_token.unwrap_or_default(),
        }))
    }

    async fn publish_governance(
        &self,
        request: Request<pb::PublishGovernanceRequest>,
    ) -> Reply<pb::PublishGovernanceResponse> {
        let (caller, mut command) = parse::<_, PublishGovernance>(request)?;
        command.operator = operator(&caller);
        let key = command.key(&caller);
        let answer = self.call(key, DraftCommand::PublishGovernance(command)).await?;
        Ok(Response::new(answer.decode()?))
    }

    async fn archive_campaign(
        &self,
        request: Request<pb::ArchiveCampaignRequest>,
    ) -> Reply<pb::ArchiveCampaignResponse> {
        let (caller, command) = parse::<_, ArchiveCampaign>(request)?;
        let answer = self.call(command.key(&caller), DraftCommand::Archive(command)).await?;
        Ok(Response::new(answer.decode()?))
    }
}

fn operator(caller: &Caller) -> String {
    caller.actor().subject().to_owned()
}
