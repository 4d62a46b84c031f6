//! Requests about drafts and the lives of campaigns, read.

use common::{page::Filter, parse, refusal::Violations};
use proto::campaign::{self as pb, copy_campaign_request::From as Source};

use super::{
    activity_requests::language,
    rule_requests::{campaign, instant},
};
use crate::{
    domain::Language,
    ops::{
        ApproveDraft, ArchiveCampaign, CopyCampaign, CopyFrom, PublishGovernance, SaveDraft, SendBack, SendBackDraft,
        SubmitDraft,
    },
};

/// A draft that is submitted, and in which language it is told what is strange.
pub struct Submitted {
    /// The change, without what is strange.
    pub command: SubmitDraft,
    /// In which language.
    pub language: Language,
}

/// A draft that is looked at.
pub struct WantedDraft {
    /// Which.
    pub draft: String,
    /// The revision whose campaign is wanted; nothing for the latest.
    pub revision: Option<i32>,
}

/// A page of drafts.
pub struct ListedDrafts {
    /// In which state, if in any certain one.
    pub state: Option<pb::DraftState>,
    /// How many.
    pub page_size: i64,
    /// Where it begins.
    pub page_token: String,
    /// What the token is bound to.
    pub filter: Filter,
}

impl TryFrom<pb::SaveDraftRequest> for SaveDraft {
    type Error = Violations;

    fn try_from(request: pb::SaveDraftRequest) -> Result<SaveDraft, Violations> {
        let mut violations = Violations::default();
        let campaign = campaign(&mut violations, request.campaign.as_ref());
        let effective_from = instant(&mut violations, "effective_from", request.effective_from.as_ref());
        let read = campaign.zip(effective_from);
        violations.finish(read.map(|(campaign, _)| SaveDraft {
            request,
            campaign,
            operator: String::new(),
        }))
    }
}

impl TryFrom<pb::CopyCampaignRequest> for CopyCampaign {
    type Error = Violations;

    fn try_from(request: pb::CopyCampaignRequest) -> Result<CopyCampaign, Violations> {
        let mut violations = Violations::default();
        let from = match &request.from {
            Some(Source::FromCampaign(campaign)) => Some(CopyFrom::Campaign(campaign.clone())),
            Some(Source::FromDraft(draft)) => Some(CopyFrom::Draft(draft.clone())),
            None => {
                violations.add("from", "is missing");
                None
            }
        };
        violations.finish(from.map(|from| CopyCampaign {
            request,
            from,
            operator: String::new(),
        }))
    }
}

impl TryFrom<pb::SubmitDraftRequest> for Submitted {
    type Error = Violations;

    fn try_from(request: pb::SubmitDraftRequest) -> Result<Submitted, Violations> {
        Ok(Submitted {
            language: language(request.language()),
            command: SubmitDraft {
                request,
                findings: Vec::new(),
                operator: String::new(),
            },
        })
    }
}

impl TryFrom<pb::WithdrawDraftRequest> for SendBackDraft {
    type Error = Violations;

    fn try_from(request: pb::WithdrawDraftRequest) -> Result<SendBackDraft, Violations> {
        Ok(SendBackDraft {
            draft: request.draft.clone(),
            revision: request.revision,
            comment: request.comment.clone(),
            request: SendBack::Withdraw(request),
            operator: String::new(),
        })
    }
}

impl TryFrom<pb::RejectDraftRequest> for SendBackDraft {
    type Error = Violations;

    fn try_from(request: pb::RejectDraftRequest) -> Result<SendBackDraft, Violations> {
        Ok(SendBackDraft {
            draft: request.draft.clone(),
            revision: request.revision,
            comment: request.comment.clone(),
            request: SendBack::Reject(request),
            operator: String::new(),
        })
    }
}

impl TryFrom<pb::ApproveDraftRequest> for ApproveDraft {
    type Error = Violations;

    fn try_from(request: pb::ApproveDraftRequest) -> Result<ApproveDraft, Violations> {
        Ok(ApproveDraft {
            request,
            operator: String::new(),
        })
    }
}

impl TryFrom<pb::GetDraftRequest> for WantedDraft {
    type Error = Violations;

    fn try_from(request: pb::GetDraftRequest) -> Result<WantedDraft, Violations> {
        Ok(WantedDraft {
            draft: request.draft,
            revision: (request.revision > 0).then_some(request.revision),
        })
    }
}

impl TryFrom<pb::ListDraftsRequest> for ListedDrafts {
    type Error = Violations;

    fn try_from(request: pb::ListDraftsRequest) -> Result<ListedDrafts, Violations> {
        let mut violations = Violations::default();
        let page_size = parse::page_size(&mut violations, "page_size", request.page_size);
        let state = Some(request.state()).filter(|state| *state != pb::DraftState::Unspecified);
        let page_token = request.page_token.clone();
        let filter = Filter::of(&pb::ListDraftsRequest {
            page_size: 0,
            page_token: String::new(),
            ..request
        });
        violations.finish(page_size.map(|page_size| ListedDrafts {
            state,
            page_size,
            page_token,
            filter,
        }))
    }
}

impl TryFrom<pb::PublishGovernanceRequest> for PublishGovernance {
    type Error = Violations;

    fn try_from(request: pb::PublishGovernanceRequest) -> Result<PublishGovernance, Violations> {
        Ok(PublishGovernance {
            request,
            operator: String::new(),
        })
    }
}

impl TryFrom<pb::ArchiveCampaignRequest> for ArchiveCampaign {
    type Error = Violations;

    fn try_from(request: pb::ArchiveCampaignRequest) -> Result<ArchiveCampaign, Violations> {
        Ok(ArchiveCampaign { request })
    }
}
