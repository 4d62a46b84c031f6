//! What becomes of awards that cannot be posted at once, or ever.

use std::time::Duration;

use harness::{Suite, suite};
use proto::campaign as pb;
use sqlx::Connection as _;

use crate::support::{Shop, accrual, bought, brought_back, publish_accrual, publish_wallet, worth};

#[tokio::test]
async fn what_the_points_service_refuses_for_good_stays_refused() {
    let shop = Shop::open().await;
    let lost = pb::Accrual {
        wallet: "miles".to_owned(),
        ..accrual()
    };
    publish_accrual(&shop.program, "miles", lost).await.unwrap();
    let activity = shop.buys("17", 10_000).await;
    assert_eq!(
        (activity.state(), activity.refused_reason.as_str()),
        (pb::AwardState::Refused, "WALLET_NOT_FOUND")
    );
    assert_eq!(shop.get(&activity.activity_id).await, activity);
    publish_wallet(&shop.program, "miles").await;
    assert_eq!(shop.buys("17", 10_000).await, activity);
    let back = shop.record("back", brought_back("17", &[])).await.activity.unwrap();
    assert_eq!((back.state(), worth(&back)), (pb::AwardState::Refused, -100));
}

#[tokio::test]
async fn an_award_that_cannot_be_posted_is_pending_and_is_posted_later_once() {
    let suite = Suite::start(&[]);
    let shop = Shop::of(suite.program().await).await;
    let mut other = suite.database().await;
    let mut lock = other.begin().await.unwrap();
    sqlx::query("select from points.shard for update")
        .execute(&mut *lock)
        .await
        .unwrap();

    let recorded = shop.record("17", bought("17", 10_000)).await;
    let activity = recorded.activity.unwrap();
    assert_eq!((activity.state(), recorded.balances), (pb::AwardState::Pending, vec![]));
    let back = shop
        .record("back", brought_back("17", &[("1", 4_000)]))
        .await
        .activity
        .unwrap();
    assert_eq!(back.state(), pb::AwardState::Pending);
    lock.rollback().await.unwrap();

    wait_until_nothing_is_pending(&suite).await;
    for activity in [activity, back] {
        assert_eq!(shop.get(&activity.activity_id).await.state(), pb::AwardState::Awarded);
    }
    assert_eq!(shop.available().await, 60);
    assert_eq!(
        shop.record("17", bought("17", 10_000)).await.activity.unwrap().state(),
        pb::AwardState::Awarded
    );
    assert_eq!(shop.available().await, 60);
}

async fn wait_until_nothing_is_pending(suite: &Suite) {
    let mut database = suite.database().await;
    for _ in 0..300 {
        let pending: i64 = sqlx::query_scalar("select count(*) from campaign.award")
            .fetch_one(&mut database)
            .await
            .unwrap();
        if pending == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("awards are still pending");
}

#[tokio::test]
async fn a_posted_award_leaves_nothing_behind() {
    let shop = Shop::open().await;
    let activity = shop.buys("17", 10_000).await;
    assert_eq!(shop.get(&activity.activity_id).await.state(), pb::AwardState::Awarded);
    let place = common::journal::journal_place(activity.activity_id.parse().unwrap()).unwrap();
    let mut database = suite().database().await;
    for _ in 0..100 {
        let left: i64 = sqlx::query_scalar("select count(*) from campaign.award where shard = $1 and seq = $2")
            .bind(place.0.get())
            .bind(place.1)
            .fetch_one(&mut database)
            .await
            .unwrap();
        if left == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the award is still waiting");
}
