use proto::campaign as pb;

use crate::support::{Shop, did, publish_campaign, thanks_for, worth};

#[tokio::test]
async fn an_activity_earns_what_the_campaigns_of_its_kind_add() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", thanks_for("review", 20))
        .await
        .unwrap();
    publish_campaign(&shop.program, "c-2", thanks_for("share", 50))
        .await
        .unwrap();
    let review = shop.record("r-1", did("review")).await.activity.unwrap();
    assert_eq!(
        (review.state(), worth(&review), shop.available().await),
        (pb::AwardState::Awarded, 20, 20)
    );
    let metrics = review.decision.unwrap().metrics.unwrap();
    assert_eq!(
        (metrics.spend_minor_units, metrics.orders, metrics.points_earned),
        (0, 0, 20)
    );
}

#[tokio::test]
async fn an_activity_that_no_campaign_is_about_is_recorded_and_earns_nothing() {
    let shop = Shop::open().await;
    let survey = shop.record("r-1", did("survey")).await.activity.unwrap();
    assert_eq!((survey.state(), worth(&survey)), (pb::AwardState::None, 0));
    assert_eq!(shop.get(&survey.activity_id).await, survey);
}
