use harness::{refusal, suite};
use proto::campaign as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{
    Answer, Shop, add_points, brought_back, did, double, from_cents, group, publish_campaign, publish_group,
    thanks_for, when,
};

async fn try_verify(shop: &Shop, activity_id: &str) -> Answer<pb::VerifyDecisionResponse> {
    let request = pb::VerifyDecisionRequest {
        member_id: shop.member_id.clone(),
        activity_id: activity_id.to_owned(),
    };
    shop.program.activities().verify_decision(request).await
}

async fn verify(shop: &Shop, activity: &pb::Activity) -> pb::VerifyDecisionResponse {
    try_verify(shop, &activity.activity_id)
        .await
        .expect("it can be verified")
        .into_inner()
}

#[tokio::test]
async fn whatever_was_decided_is_decided_alike_once_more() {
    let shop = Shop::open().await;
    publish_group(&shop.program, "g-1", group("festival", pb::GroupMode::FirstMatch))
        .await
        .unwrap();
    let large = pb::Campaign {
        priority: 9,
        group: "festival".to_owned(),
        ..when(from_cents(10_000), double("large"))
    };
    let limit = pb::Limit {
        period: pb::LimitPeriod::Day.into(),
        times: 2,
        points: 50,
    };
    let gift = pb::Campaign {
        effects: vec![add_points(30)],
        limits: vec![limit],
        group: "festival".to_owned(),
        ..double("gift")
    };
    publish_campaign(&shop.program, "c-1", large).await.unwrap();
    publish_campaign(&shop.program, "c-2", gift.clone()).await.unwrap();
    publish_campaign(&shop.program, "c-3", thanks_for("review", 5))
        .await
        .unwrap();
    let mut recorded = vec![
        shop.buys("1", 12_000).await,
        shop.buys("2", 5_000).await,
        shop.record("review", did("review")).await.activity.unwrap(),
    ];
    for (request_id, lines) in [
        ("b-1", vec![("1", 3_000)]),
        ("b-2", vec![("1", 1_000)]),
        ("b-3", vec![]),
    ] {
        recorded.push(
            shop.record(request_id, brought_back("1", &lines))
                .await
                .activity
                .unwrap(),
        );
    }
    // What is published later changes nothing of it.
    let paused = pb::Campaign { paused: true, ..gift };
    publish_campaign(&shop.program, "c-4", paused).await.unwrap();
    for activity in &recorded {
        let verified = verify(&shop, activity).await;
        assert_eq!(
            (verified.outcome(), &verified.decided_again),
            (pb::VerifyOutcome::Same, &activity.decision)
        );
    }
}

#[tokio::test]
async fn a_receipt_that_was_changed_is_found_out() {
    use prost::Message as _;
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", double("double")).await.unwrap();
    let bought = shop.buys("1", 10_000).await;
    let mut database = suite().database().await;
    let mut changed = bought.clone();
    changed.decision.as_mut().unwrap().accruals[0].points += 1;
    changed.set_state(pb::AwardState::Pending);
    let answer = pb::RecordActivityResponse {
        activity: Some(changed),
        ..pb::RecordActivityResponse::default()
    };
    sqlx::query("update campaign.journal set answer = $1 where member_id = $2::uuid and answer is not null")
        .bind(answer.encode_to_vec())
        .bind(&shop.member_id)
        .execute(&mut database)
        .await
        .unwrap();
    let verified = verify(&shop, &bought).await;
    assert_eq!(verified.outcome(), pb::VerifyOutcome::Different);
    assert_eq!(verified.decided_again, bought.decision);
}

#[tokio::test]
async fn a_receipt_that_names_rules_that_there_are_not_is_found_out_too() {
    use prost::Message as _;
    let shop = Shop::open().await;
    let bought = shop.buys("1", 10_000).await;
    let mut changed = bought.clone();
    changed.decision.as_mut().unwrap().accruals[0].version = 99;
    let answer = pb::RecordActivityResponse {
        activity: Some(changed),
        ..pb::RecordActivityResponse::default()
    };
    sqlx::query("update campaign.journal set answer = $1 where member_id = $2::uuid and answer is not null")
        .bind(answer.encode_to_vec())
        .bind(&shop.member_id)
        .execute(&mut suite().database().await)
        .await
        .unwrap();
    let verified = verify(&shop, &bought).await;
    assert_eq!(
        (verified.outcome(), verified.decided_again),
        (pb::VerifyOutcome::Different, None)
    );
}

#[tokio::test]
async fn what_never_happened_is_not_verified() {
    let shop = Shop::open().await;
    let refused = refusal(try_verify(&shop, &Uuid::now_v7().to_string()).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACTIVITY_NOT_FOUND")
    );
}
