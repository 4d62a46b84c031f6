use harness::refusal;
use proto::campaign as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Answer, Shop, brought_back, double, from_cents, publish_campaign, when};

async fn explain(shop: &Shop, activity_id: &str) -> Answer<pb::ExplainActivityResponse> {
    explain_in(pb::Language::Unspecified, shop, activity_id).await
}

async fn explain_in(language: pb::Language, shop: &Shop, activity_id: &str) -> Answer<pb::ExplainActivityResponse> {
    let request = pb::ExplainActivityRequest {
        member_id: shop.member_id.clone(),
        activity_id: activity_id.to_owned(),
        language: language.into(),
    };
    shop.program.activities().explain_activity(request).await
}

#[tokio::test]
async fn an_activity_is_explained_rule_by_rule() {
    let shop = Shop::open().await;
    let in_store = pb::condition::Condition::Channel(pb::NamesCondition {
        names: vec!["store".to_owned()],
    });
    publish_campaign(&shop.program, "c-1", double("double")).await.unwrap();
    publish_campaign(&shop.program, "c-2", when(in_store, double("in-store")))
        .await
        .unwrap();
    publish_campaign(&shop.program, "c-3", when(from_cents(10_001), double("large")))
        .await
        .unwrap();
    let bought = shop.buys("17", 10_000).await;
    let explained = explain(&shop, &bought.activity_id).await.unwrap().into_inner();
    assert_eq!(explained.activity.unwrap(), bought);
    assert_eq!(
        explained.sentences,
        [
            "The member bought order 17.",
            "It was the member's first purchase.",
            "On ladder status the member had no level.",
            "Campaign double (version 1) applied.",
            "Campaign large (version 1) did not apply: the order, or what is left of it, was too small.",
            "Campaign in-store (version 1) did not apply: it is for other channels.",
            "Accrual base (version 1) counted 10000 minor units and made 100 points of them, for wallet points.",
            "Campaign double brought 100 points.",
            "The level's factor 1 and the campaigns make factor 2: 200 points after rounding.",
            "Accrual base makes it 200 points.",
            "Wallet points is credited with 200 points.",
        ]
    );
    let back = shop.record("back", brought_back("17", &[])).await.activity.unwrap();
    let sentences = explain(&shop, &back.activity_id).await.unwrap().into_inner().sentences;
    assert_eq!(
        sentences[sentences.len() - 2..],
        [
            "Nothing of the order is left.",
            "200 points are taken back from wallet points."
        ]
    );
}

#[tokio::test]
async fn an_activity_is_explained_in_chinese() {
    let shop = Shop::open().await;
    let bought = shop.buys("17", 10_000).await;
    let explained = explain_in(pb::Language::Chinese, &shop, &bought.activity_id).await;
    let sentences = explained.unwrap().into_inner().sentences;
    assert_eq!(
        (sentences[0].as_str(), sentences.last().unwrap().as_str()),
        ("会员购买了订单 17。", "points 增加 100 分。")
    );
}

#[tokio::test]
async fn what_never_happened_is_not_explained() {
    let shop = Shop::open().await;
    let refused = refusal(explain(&shop, &Uuid::now_v7().to_string()).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACTIVITY_NOT_FOUND")
    );
}
