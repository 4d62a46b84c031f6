use harness::refusal;
use proto::rewards_catalog::rewards_catalog_event::Event;
use tonic::Code;

use crate::shop::Shop;

#[tokio::test]
async fn a_stock_grows_and_shrinks_and_the_feed_tells() {
    let shop = Shop::open().await;
    assert_eq!(
        shop.try_adjust("delivery-1", "mug", 7)
            .await
            .unwrap()
            .into_inner()
            .stock,
        10
    );
    assert_eq!(
        shop.try_adjust("broken-1", "mug", -10)
            .await
            .unwrap()
            .into_inner()
            .stock,
        0
    );
    let told = shop.told().await;
    let adjusted: Vec<_> = told
        .iter()
        .filter_map(|event| match event {
            Event::StockAdjusted(adjusted) => Some((adjusted.delta, adjusted.stock)),
            _ => None,
        })
        .collect();
    assert_eq!(adjusted, [(3, 3), (7, 10), (-10, 0)]);
}

#[tokio::test]
async fn a_stock_never_falls_below_zero() {
    let shop = Shop::open().await;
    let refused = refusal(shop.try_adjust("broken-1", "mug", -5).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "STOCK_BELOW_ZERO")
    );
    assert_eq!(
        (refused.metadata["stock"].as_str(), refused.metadata["delta"].as_str()),
        ("3", "-5")
    );
    assert_eq!(shop.stock("mug").await, 3);
}

#[tokio::test]
async fn a_delivery_that_is_reported_twice_counts_once() {
    let shop = Shop::open().await;
    let first = shop.try_adjust("delivery-1", "mug", 7).await.unwrap().into_inner();
    assert_eq!(
        shop.try_adjust("delivery-1", "mug", 7).await.unwrap().into_inner(),
        first
    );
    assert_eq!(shop.stock("mug").await, 10);
    let refused = refusal(shop.try_adjust("delivery-1", "mug", 8).await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["differing_fields"].as_str()),
        ("REQUEST_ID_REUSED", "delta")
    );
}

#[tokio::test]
async fn a_reward_that_does_not_exist_has_no_stock() {
    let shop = Shop::open().await;
    let refused = refusal(shop.try_adjust("delivery-1", "tea", 7).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "REWARD_NOT_FOUND")
    );
    assert_eq!(refused.metadata["reward"], "tea");
}
