use harness::refusal;
use proto::campaign as pb;
use tonic::Code;

use crate::support::{Answer, Shop, double, first_purchase, publish_campaign, when};

async fn try_explain(shop: &Shop, campaign: &str, language: pb::Language) -> Answer<pb::ExplainCampaignResponse> {
    let request = pb::ExplainCampaignRequest {
        campaign: campaign.to_owned(),
        language: language.into(),
    };
    shop.program.rules().explain_campaign(request).await
}

#[tokio::test]
async fn the_latest_version_is_told_in_words() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", double("first")).await.unwrap();
    let first = when(first_purchase(), double("first"));
    publish_campaign(&shop.program, "c-2", first.clone()).await.unwrap();
    let explained = try_explain(&shop, "first", pb::Language::Unspecified)
        .await
        .unwrap()
        .into_inner();
    let version = explained.campaign_version.unwrap();
    assert_eq!((version.version, version.campaign), (2, Some(first)));
    assert_eq!(
        explained.sentences,
        [
            "Campaign first: Double points.",
            "It is for purchases.",
            "It applies if it is the member's first purchase.",
            "It makes 2 times the points (accrual base).",
        ]
    );
    let chinese = try_explain(&shop, "first", pb::Language::Chinese)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(chinese.sentences[2], "条件：会员首次消费。");
}

#[tokio::test]
async fn what_is_not_there_is_not_explained() {
    let shop = Shop::open().await;
    let refused = refusal(try_explain(&shop, "nothing", pb::Language::Unspecified).await);
    assert_eq!(
        (
            refused.code,
            refused.reason.as_str(),
            refused.metadata["campaign"].as_str()
        ),
        (Code::NotFound, "CAMPAIGN_NOT_FOUND", "nothing")
    );
}
