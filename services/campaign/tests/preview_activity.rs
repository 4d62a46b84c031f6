use harness::refusal;
use proto::campaign as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Shop, bought, brought_back, did, double, publish_campaign, thanks_for};

#[tokio::test]
async fn a_preview_decides_what_recording_would_and_changes_nothing() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", double("double")).await.unwrap();
    let preview = shop
        .try_preview(bought("17", 10_000))
        .await
        .unwrap()
        .into_inner()
        .decision
        .unwrap();
    let list = pb::ListActivitiesRequest {
        member_id: shop.member_id.clone(),
        ..pb::ListActivitiesRequest::default()
    };
    assert_eq!(
        shop.program
            .activities()
            .list_activities(list)
            .await
            .unwrap()
            .into_inner()
            .activities,
        []
    );
    assert_eq!(shop.buys("17", 10_000).await.decision.unwrap(), preview);
}

#[tokio::test]
async fn a_return_and_a_custom_activity_can_be_previewed_too() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", thanks_for("review", 20))
        .await
        .unwrap();
    let bought = shop.buys("17", 10_000).await;
    let back = shop
        .try_preview(brought_back("17", &[("1", 2_500)]))
        .await
        .unwrap()
        .into_inner()
        .decision
        .unwrap();
    assert_eq!(
        (back.awards[0].points, back.purchase_activity_id),
        (-25, bought.activity_id)
    );
    let review = shop
        .try_preview(did("review"))
        .await
        .unwrap()
        .into_inner()
        .decision
        .unwrap();
    assert_eq!(review.awards[0].points, 20);
    assert_eq!(shop.available().await, 100);
}

/// Members whom previews asked about are remembered, and which orders they have with them.
#[tokio::test]
async fn what_is_recorded_after_a_preview_is_known_to_the_next_one() {
    let shop = Shop::open().await;
    for order in ["1", "2"] {
        shop.try_preview(bought(order, 100)).await.unwrap();
        let unknown = refusal(shop.try_preview(brought_back(order, &[])).await);
        assert_eq!(unknown.reason, "ORDER_NOT_FOUND");
        shop.buys(order, 100).await;
        let exists = refusal(shop.try_preview(bought(order, 100)).await);
        assert_eq!(exists.reason, "ORDER_EXISTS");
        shop.try_preview(brought_back(order, &[])).await.unwrap();
    }
}

#[tokio::test]
async fn a_preview_is_refused_where_recording_is() {
    let shop = Shop::open().await;
    shop.buys("17", 10_000).await;
    let exists = refusal(shop.try_preview(bought("17", 100)).await);
    assert_eq!(
        (exists.code, exists.reason.as_str()),
        (Code::AlreadyExists, "ORDER_EXISTS")
    );
    let unknown = refusal(shop.try_preview(brought_back("18", &[])).await);
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "ORDER_NOT_FOUND")
    );
    let stranger = Shop {
        member_id: Uuid::now_v7().to_string(),
        ..shop
    };
    assert_eq!(
        refusal(stranger.try_preview(bought("18", 100)).await).reason,
        "MEMBER_NOT_FOUND"
    );
}
