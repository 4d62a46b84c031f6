use harness::{Refused, refusal};
use proto::rewards_catalog::{self as pb, RedemptionState};
use tonic::Code;
use uuid::Uuid;

use crate::shop::{Shop, mug, price};

#[tokio::test]
async fn a_cancelled_redemption_gives_points_and_stock_back_and_its_code_is_gone() {
    let shop = Shop::open().await;
    let redemption = shop.redeem("r-1", "mug").await;
    let answer = shop
        .try_cancel("c-1", &redemption.redemption_id)
        .await
        .unwrap()
        .into_inner();
    let cancelled = answer.redemption.unwrap();
    assert_eq!(
        (cancelled.state(), cancelled.fulfilment_code.as_str()),
        (RedemptionState::Cancelled, "")
    );
    assert!(cancelled.cancelled_at.is_some());
    assert_eq!((shop.points().await, shop.stock("mug").await), ((250, 0), 3));
    assert_eq!(shop.get(&redemption.redemption_id).await, cancelled);
}

#[tokio::test]
async fn cancelling_twice_with_one_request_id_cancels_once() {
    let shop = Shop::open().await;
    let redemption = shop.redeem("r-1", "mug").await;
    let first = shop
        .try_cancel("c-1", &redemption.redemption_id)
        .await
        .unwrap()
        .into_inner();
    let again = shop
        .try_cancel("c-1", &redemption.redemption_id)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, again);
    assert_eq!((shop.points().await, shop.stock("mug").await), ((250, 0), 3));
    let other = shop.redeem("r-2", "mug").await;
    let refused = refusal(shop.try_cancel("c-1", &other.redemption_id).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    assert_eq!(refused.metadata["differing_fields"], "redemption_id");
}

fn assert_not_cancellable(refused: &Refused, state: &str) {
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "NOT_CANCELLABLE")
    );
    assert_eq!(refused.metadata["state"], state);
}

#[tokio::test]
async fn what_is_cancelled_rejected_or_not_refundable_cannot_be_cancelled() {
    let shop = Shop::open().await;
    let redemption = shop.redeem("r-1", "mug").await;
    shop.try_cancel("c-1", &redemption.redemption_id).await.unwrap();
    assert_not_cancellable(
        &refusal(shop.try_cancel("c-2", &redemption.redemption_id).await),
        "CANCELLED",
    );

    shop.publish(pb::Reward {
        refundable: false,
        ..mug()
    })
    .await;
    let redemption = shop.redeem("r-2", "mug").await;
    assert_not_cancellable(
        &refusal(shop.try_cancel("c-3", &redemption.redemption_id).await),
        "FULFILLED",
    );

    shop.publish(pb::Reward {
        price: Some(price(300)),
        ..mug()
    })
    .await;
    refusal(shop.try_redeem("r-3", "mug").await);
    let rejected = shop.list().await.remove(0);
    assert_not_cancellable(
        &refusal(shop.try_cancel("c-4", &rejected.redemption_id).await),
        "REJECTED",
    );
}

#[tokio::test]
async fn a_redemption_of_someone_else_does_not_exist() {
    let shop = Shop::open().await;
    let redemption = shop.redeem("r-1", "mug").await;
    let stranger = Shop {
        program: shop.program.clone(),
        member_id: shop.customer(10).await,
    };
    for redemption_id in [redemption.redemption_id, Uuid::now_v7().to_string()] {
        let refused = refusal(stranger.try_cancel("c-1", &redemption_id).await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "REDEMPTION_NOT_FOUND")
        );
        assert_eq!(refused.metadata["redemption_id"], redemption_id);
    }
}

#[tokio::test]
async fn who_changed_their_mind_has_to_be_said() {
    let shop = Shop::open().await;
    let request = pb::CancelRedemptionRequest {
        request_id: "c-1".to_owned(),
        member_id: shop.member_id.clone(),
        redemption_id: "that one".to_owned(),
        initiator: 0,
    };
    let refused = refusal(shop.redemptions().cancel_redemption(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    assert_eq!(refused.fields.len(), 2, "{:?}", refused.fields);
}
