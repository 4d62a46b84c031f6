//! What becomes of awards that cannot be posted at once, or ever.

use std::time::Duration;

use harness::{Suite, suite};
use proto::campaign as pb;
use sqlx::Connection as _;

use crate::support::{
    Shop, accrual, bought, brought_back, publish_accrual, publish_capped_wallet, publish_wallet, worth,
};

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
    assert_eq!(
        (back.state(), back.refused_reason.as_str(), worth(&back)),
        (pb::AwardState::Refused, "NOTHING_WAS_AWARDED", -100)
    );
}

#[tokio::test]
async fn what_a_return_takes_back_holds_though_what_it_gives_is_refused() {
    let shop = Shop::open().await;
    shop.rewards_small_orders("stars", 5_000, 7).await;
    shop.buys("17", 10_000).await;
    shop.freeze().await;
    let back = |id: &'static str, cents| shop.record(id, brought_back("17", &[("1", cents)]));
    let first = back("b-1", 6_000).await.activity.unwrap();
    assert_eq!(
        (first.state(), first.refused_reason.as_str(), worth(&first)),
        (pb::AwardState::Refused, "MEMBER_NOT_ALLOWED", -60 + 7)
    );
    assert_eq!((shop.available().await, shop.available_in("stars").await), (40, 0));
    let second = back("b-2", 0).await.activity.unwrap();
    assert_eq!((second.state(), worth(&second)), (pb::AwardState::Awarded, -40 - 7));
    assert_eq!((shop.available().await, shop.available_in("stars").await), (0, 0));
}

#[tokio::test]
async fn a_return_gives_in_one_wallet_what_it_takes_in_another_and_is_recorded_once() {
    let shop = Shop::open().await;
    shop.rewards_small_orders("stars", 5_000, 7).await;
    shop.buys("17", 10_000).await;
    for _ in 0..2 {
        let back = shop.record("back", brought_back("17", &[("1", 6_000)])).await;
        let mut balances: Vec<_> = back
            .balances
            .iter()
            .map(|of| (of.wallet.as_str(), of.available))
            .collect();
        balances.sort_unstable();
        assert_eq!(balances, [("points", 40), ("stars", 7)]);
    }
    assert_eq!((shop.available().await, shop.available_in("stars").await), (40, 7));
}

#[tokio::test]
async fn what_caps_of_a_wallet_cut_is_not_taken_back_and_keeps_nothing_from_another() {
    let shop = Shop::open().await;
    let caps = proto::points::Caps {
        balance: 5,
        ..proto::points::Caps::default()
    };
    publish_capped_wallet(&shop.program, "tickets", caps).await;
    let tickets = pb::Accrual {
        code: "tickets".to_owned(),
        wallet: "tickets".to_owned(),
        ..accrual()
    };
    publish_accrual(&shop.program, "tickets", tickets).await.unwrap();
    let have = async || (shop.available().await, shop.available_in("tickets").await);
    for order_id in ["cut", "left-out"] {
        let bought = shop.buys(order_id, 1_000).await;
        assert_eq!((bought.state(), worth(&bought)), (pb::AwardState::Awarded, 20));
    }
    assert_eq!(have().await, (20, 5));
    let back = async |id, order_id, lines: &[_]| {
        let back = shop.record(id, brought_back(order_id, lines)).await;
        assert_eq!(back.activity.unwrap().state(), pb::AwardState::Awarded, "{id}");
    };
    back("b-1", "left-out", &[]).await;
    assert_eq!(have().await, (10, 5));
    back("b-2", "cut", &[("1", 300)]).await;
    assert_eq!(have().await, (7, 2));
    back("b-3", "cut", &[]).await;
    assert_eq!(have().await, (0, 0));
}

#[tokio::test]
async fn everything_that_a_return_rests_on_is_posted_before_it() {
    let suite = Suite::start(&[]);
    let shop = Shop::of(suite.program().await).await;
    shop.rewards_small_orders("stars", 5_000, 7).await;
    let mut other = suite.database().await;
    let mut lock = other.begin().await.unwrap();
    sqlx::query("select from points.shard for update")
        .execute(&mut *lock)
        .await
        .unwrap();
    assert_eq!(shop.buys("17", 10_000).await.state(), pb::AwardState::Pending);
    let back = shop.record("b-1", brought_back("17", &[("1", 6_000)])).await;
    assert_eq!(back.activity.unwrap().state(), pb::AwardState::Pending);
    lock.rollback().await.unwrap();

    // It takes the stars back that the first return gave, which took points back that the purchase gave.
    let rest = shop.record("b-2", brought_back("17", &[])).await.activity.unwrap();
    assert_eq!(rest.state(), pb::AwardState::Awarded);
    assert_eq!((shop.available().await, shop.available_in("stars").await), (0, 0));
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
