//! Points of several members are gathered with one.

use harness::refusal;
use proto::points::{self as pb, pool_result};

use crate::support::{Ledger, wallet};

fn share(of: &Ledger, points: i64) -> pb::PoolShare {
    pb::PoolShare {
        member_id: of.member_id.clone(),
        points,
    }
}

fn request(to: &Ledger, shares: Vec<pb::PoolShare>) -> pb::PoolPointsRequest {
    pb::PoolPointsRequest {
        request_id: "household-1".to_owned(),
        member_id: to.member_id.clone(),
        wallet: "points".to_owned(),
        shares,
        reference: "household".to_owned(),
    }
}

async fn household() -> Ledger {
    let wallet = pb::Wallet {
        transfer: pb::TransferPolicy::KeepDates.into(),
        ..wallet("points")
    };
    Ledger::with(wallet).await
}

#[tokio::test]
async fn what_each_gives_arrives_once_and_who_has_nothing_is_named() {
    let home = household().await;
    let (ann, bob, eve) = (home.another().await, home.another().await, home.another().await);
    ann.earn(100, "r-1").await;
    bob.earn(50, "r-1").await;
    let asked = request(&home, vec![share(&ann, 0), share(&bob, 20), share(&eve, 5)]);
    let first = home.client().pool_points(asked.clone()).await.unwrap().into_inner();
    assert_eq!(first.points, 120);
    assert_eq!(
        (home.available().await, ann.available().await, bob.available().await),
        (120, 0, 30)
    );
    let Some(pool_result::Result::Refusal(refused)) = &first.results[2].result else {
        panic!("she has nothing: {first:?}")
    };
    assert_eq!(refused.reason, "INSUFFICIENT_POINTS");

    // Once she has something it is gathered too; what arrived does not arrive again.
    eve.earn(7, "r-1").await;
    let again = home.client().pool_points(asked).await.unwrap().into_inner();
    assert_eq!((again.points, &again.results[..2]), (125, &first.results[..2]));
    assert_eq!(home.available().await, 125);
}

#[tokio::test]
async fn all_that_is_wrong_with_the_shares_is_named_at_once() {
    let home = household().await;
    let ann = home.another().await;
    let mut shares = vec![share(&home, 1), share(&ann, 1), share(&ann, 1)];
    shares.push(pb::PoolShare {
        member_id: "nobody".to_owned(),
        points: -1,
    });
    let refused = refusal(home.client().pool_points(request(&home, shares)).await);
    for field in [
        "shares[0].member_id",
        "shares[2].member_id",
        "shares[3].member_id",
        "shares[3].points",
    ] {
        assert!(
            refused.fields.iter().any(|named| named == field),
            "{field}: {refused:?}"
        );
    }
    let mut to_nobody = request(&home, vec![share(&ann, 1)]);
    to_nobody.member_id = uuid::Uuid::now_v7().to_string();
    let refused = refusal(home.client().pool_points(to_nobody).await);
    assert_eq!(refused.reason, "ACCOUNT_NOT_FOUND");
}

#[tokio::test]
async fn two_who_gather_all_from_one_another_at_once_lose_nothing() {
    let (one, other) = {
        let one = household().await;
        let other = one.another().await;
        (one, other)
    };
    one.earn(1_000, "r-1").await;
    other.earn(500, "r-1").await;
    let mut calls = Vec::new();
    for number in 0..20 {
        let (to, from) = if number % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let asked = pb::PoolPointsRequest {
            request_id: format!("merge-{number}"),
            ..request(to, vec![share(from, 0)])
        };
        calls.push(async move { to.client().pool_points(asked).await });
    }
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(one.available().await + other.available().await, 1_500);
}
