//! Which orders of a friend make a referral a success.

use proto::campaign::{self as pb, ReferralState as State};

use crate::referrals::{brings, club, comes_to, has, policy, states, thanked};
use crate::support::brought_back;

#[tokio::test]
async fn what_comes_back_inside_the_window_qualifies_nobody_and_another_order_may() {
    let shop = club(policy()).await;
    let (friend, idle) = (brings(&shop, &[]).await, brings(&shop, &[]).await);
    friend.buys("o-1", 6_000).await;
    comes_to(&friend, State::Waiting).await;
    friend.record("back", brought_back("o-1", &[("1", 1_001)])).await;
    shop.program.advance_to("2026-01-17T05:00:00Z").await;
    let found = comes_to(&friend, State::Bound).await;
    assert_eq!(
        found.moves[2].reasons().collect::<Vec<_>>(),
        [pb::ReferralReason::OrderReturned]
    );
    friend.buys("o-2", 5_000).await;
    shop.program.advance_to("2026-02-01T05:00:00Z").await;
    let found = comes_to(&friend, State::Qualified).await;
    assert_eq!(found.referral.unwrap().order_id, "o-2");
    has(&shop, 200).await;

    shop.program.advance_to("2026-03-04T04:59:59Z").await;
    comes_to(&idle, State::Bound).await;
    shop.program.advance_to("2026-03-04T05:00:00Z").await;
    comes_to(&idle, State::Lapsed).await;
    idle.buys("late", 9_000).await;
    shop.program.advance_to("2026-04-01T05:00:00Z").await;
    assert_eq!(
        states(&comes_to(&idle, State::Lapsed).await),
        [State::Bound, State::Lapsed]
    );
    assert_eq!((thanked(&shop).await, idle.available().await), (1, 90));
}

#[tokio::test]
async fn of_two_orders_that_wait_the_one_that_is_kept_counts() {
    let shop = club(policy()).await;
    let friend = brings(&shop, &[]).await;
    friend.buys("o-1", 6_000).await;
    comes_to(&friend, State::Waiting).await;
    shop.program.advance_to("2026-01-05T15:00:00Z").await;
    friend.buys("o-2", 7_000).await;
    friend.record("back", brought_back("o-1", &[])).await;
    shop.program.advance_to("2026-01-17T05:00:00Z").await;
    let waiting = comes_to(&friend, State::Waiting).await.referral.unwrap();
    assert_eq!(waiting.order_id, "o-2");
    shop.program.advance_to("2026-01-20T05:00:00Z").await;
    let found = comes_to(&friend, State::Qualified).await;
    assert_eq!(states(&found), [State::Bound, State::Waiting, State::Qualified]);
    has(&shop, 200).await;
    assert_eq!(
        (found.referral.unwrap().order_id.as_str(), thanked(&shop).await),
        ("o-2", 1)
    );
}
