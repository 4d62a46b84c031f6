//! Row 22: approvals cross roles. Where campaigns need approval, a file submits them, and somebody else lets them hold.

use proto::campaign::{
    ApproveDraftRequest, DraftState, GetDraftRequest, PublishGovernanceRequest,
    draft_service_client::DraftServiceClient,
};
use tonic::Request;

use crate::played::{Played, line};

#[tokio::test(flavor = "multi_thread")]
async fn row_22_what_a_file_changes_of_a_campaign_waits_for_the_approval_of_somebody_else() {
    let played = Played::of("73-at-once").await;
    let price = async || played.price(line("1", 100)).await;
    let mut drafts = DraftServiceClient::new(played.clients.transport(0));
    let governance = PublishGovernanceRequest {
        request_id: "governance".to_owned(),
        campaigns_need_approval: true,
    };
    drafts.publish_governance(governance).await.unwrap();
    for _ in 0..2 {
        played.becomes("73-at-once-changed").await;
        let request = GetDraftRequest {
            draft: "apply-everything".to_owned(),
            revision: 0,
        };
        let waits = drafts.get_draft(request).await.unwrap().into_inner().draft.unwrap();
        assert_eq!(
            (waits.state(), waits.revision, waits.based_on_version),
            (DraftState::InReview, 1, 1)
        );
        assert_eq!(price().await, 95);
    }
    let mut approval = Request::new(ApproveDraftRequest {
        request_id: "approval".to_owned(),
        draft: "apply-everything".to_owned(),
        revision: 1,
        comment: String::new(),
    });
    approval
        .metadata_mut()
        .insert("loyalty-actor", "finance".parse().unwrap());
    drafts.approve_draft(approval).await.unwrap();
    assert_eq!(price().await, 90);
    // The file says what is in force by now: nothing is submitted again.
    played.becomes("73-at-once-changed").await;
    let request = GetDraftRequest {
        draft: "apply-everything".to_owned(),
        revision: 0,
    };
    let draft = drafts.get_draft(request).await.unwrap().into_inner().draft.unwrap();
    assert_eq!((draft.state(), draft.revision), (DraftState::Published, 1));
}
