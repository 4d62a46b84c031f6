//! Campaigns of a program that publishes them only with somebody's approval.

use prost::Message as _;
use proto::campaign::{
    Campaign, Draft, DraftState, GetDraftRequest, SaveDraftRequest, SubmitDraftRequest, WithdrawDraftRequest,
    draft_service_client::DraftServiceClient,
};
use tonic::{Code, Status};

use super::{Services, Transport, patient};
use crate::apply::parts::request_id;

impl<T: Transport> Services<T> {
    /// Saves a campaign as a draft behind the version that stands, and submits it, unless it waits for approval already. The draft is named "apply-" and the campaign's code.
    pub async fn submit_campaign(&self, campaign: &Campaign, after_version: i32) -> Result<(), Status> {
        let name = format!("apply-{}", campaign.code);
        let standing = self.draft(&name).await?.unwrap_or_default();
        let key = |purpose: &str| {
            let content = (after_version, standing.revision, campaign.encode_to_vec());
            request_id(purpose, format!("{content:?}").as_bytes())
        };
        let mut client = DraftServiceClient::new(self.0.clone());
        if standing.state() == DraftState::InReview {
            if standing.based_on_version == after_version && standing.campaign.as_ref() == Some(campaign) {
                return Ok(());
            }
            let withdrawal = WithdrawDraftRequest {
                request_id: key("withdraw"),
                draft: name.clone(),
                revision: standing.revision,
                comment: "the file says something else now".to_owned(),
            };
            client.withdraw_draft(patient(withdrawal)).await?;
        }
        let save = SaveDraftRequest {
            request_id: key("save"),
            draft: name.clone(),
            campaign: Some(campaign.clone()),
            note: "applied from a file".to_owned(),
            expected_revision: standing.revision,
            ..SaveDraftRequest::default()
        };
        client.save_draft(patient(save)).await?;
        let submission = SubmitDraftRequest {
            request_id: key("submit"),
            draft: name,
            revision: standing.revision + 1,
            ..SubmitDraftRequest::default()
        };
        client.submit_draft(patient(submission)).await?;
        Ok(())
    }

    async fn draft(&self, name: &str) -> Result<Option<Draft>, Status> {
        let request = GetDraftRequest {
            draft: name.to_owned(),
            revision: 0,
        };
        let found = DraftServiceClient::new(self.0.clone())
            .get_draft(patient(request))
            .await;
        match found {
            Ok(response) => Ok(response.into_inner().draft),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(status),
        }
    }
}
