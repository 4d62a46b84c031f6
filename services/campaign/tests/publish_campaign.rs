use harness::{Program, at, refusal, suite};
use proto::campaign as pb;
use tonic::Code;

use crate::support::{accrual, double, first_purchase, multiply, publish_accrual, publish_campaign, thanks_for, when};

async fn program_with_accrual() -> Program {
    let program = suite().program().await;
    publish_accrual(&program, "accrual", accrual()).await.unwrap();
    program
}

#[tokio::test]
async fn a_campaign_is_published_version_by_version() {
    let program = program_with_accrual().await;
    let first = publish_campaign(&program, "c-1", double("double"))
        .await
        .unwrap()
        .into_inner();
    let version = first.campaign_version.unwrap();
    assert_eq!(
        (first.changed, version.version, version.campaign),
        (true, 1, Some(double("double")))
    );
    let same = publish_campaign(&program, "c-2", double("double"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((same.changed, same.campaign_version.unwrap().version), (false, 1));
    let paused = pb::Campaign {
        paused: true,
        ..double("double")
    };
    let second = publish_campaign(&program, "c-3", paused).await.unwrap().into_inner();
    assert_eq!((second.changed, second.campaign_version.unwrap().version), (true, 2));
}

#[tokio::test]
async fn publishing_twice_with_one_request_id_publishes_once() {
    let program = program_with_accrual().await;
    let first = publish_campaign(&program, "c-1", double("double"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        publish_campaign(&program, "c-1", double("double"))
            .await
            .unwrap()
            .into_inner(),
        first
    );
    let refused = refusal(publish_campaign(&program, "c-1", double("other")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
}

#[tokio::test]
async fn a_campaign_needs_an_accrual() {
    let program = suite().program().await;
    let refused = refusal(publish_campaign(&program, "c-1", double("double")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACCRUAL_NOT_FOUND")
    );
    assert_eq!(refused.metadata["accrual"], "base");
}

#[tokio::test]
async fn a_campaign_that_contradicts_itself_is_told_everything_at_once() {
    let program = program_with_accrual().await;
    let wrong = pb::Campaign {
        effects: vec![multiply(1, 2)],
        ..when(first_purchase(), thanks_for("review", 20))
    };
    let refused = refusal(publish_campaign(&program, "c-1", wrong).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "CAMPAIGN_INVALID")
    );
    assert_eq!(
        refused.fields,
        [
            "campaign.condition.first_purchase",
            "campaign.effects[0].multiply",
            "campaign.effects[0].multiply.factor"
        ]
    );
}

#[tokio::test]
async fn a_new_version_cannot_hold_from_before_now() {
    let program = program_with_accrual().await;
    publish_campaign(&program, "c-1", double("double")).await.unwrap();
    let request = pb::PublishCampaignRequest {
        request_id: "c-2".to_owned(),
        campaign: Some(pb::Campaign {
            priority: 9,
            ..double("double")
        }),
        effective_from: Some(at("2025-12-31T00:00:00Z")),
    };
    let refused = refusal(program.rules().publish_campaign(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "EFFECTIVE_IN_PAST")
    );
}

#[tokio::test]
async fn a_campaign_that_breaks_the_contract_is_told_everything_at_once() {
    let program = program_with_accrual().await;
    let wrong = pb::Campaign {
        trigger: None,
        effects: vec![],
        display_name: String::new(),
        ..double("double")
    };
    let refused = refusal(publish_campaign(&program, "c-1", wrong).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    assert_eq!(refused.fields, ["campaign.display_name", "campaign.trigger"]);
}
