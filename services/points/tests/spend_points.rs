use harness::refusal;
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, wallet_of_days};

#[tokio::test]
async fn what_lapses_first_is_spent_first() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let late = ledger.earn(100, "late").await;
    let occurred_at = Some(harness::at("2025-12-20T00:00:00Z"));
    let request = pb::EarnPointsRequest {
        occurred_at,
        ..ledger.earn_request(100, "soon")
    };
    let soon = ledger
        .client()
        .earn_points(request)
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    let spent = ledger.spend(150, "r-1").await;
    assert_eq!(
        ledger.lots_of(&spent).await,
        [(soon.entry_id, 100), (late.entry_id, 50)]
    );
    assert_eq!(
        (spent.kind(), spent.after.unwrap().available),
        (pb::EntryKind::Spend, 50)
    );
}

#[tokio::test]
async fn spending_twice_with_one_request_id_debits_once() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let first = ledger.try_spend(30, "order-17").await.unwrap().into_inner();
    assert_eq!(ledger.try_spend(30, "order-17").await.unwrap().into_inner(), first);
    assert_eq!(ledger.available().await, 70);
    let refused = refusal(ledger.try_spend(31, "order-17").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
}

#[tokio::test]
async fn of_a_hundred_who_want_the_last_points_one_gets_them() {
    let ledger = Ledger::open().await;
    ledger.earn(10, "r-1").await;
    let calls = (0..100).map(|number| {
        let (mut client, request) = (ledger.client(), ledger.spend_request(10, &format!("spend-{number}")));
        tokio::spawn(async move { client.spend_points(request).await })
    });
    let (mut won, mut refused) = (0, 0);
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(_) => won += 1,
            answer => {
                assert_eq!(refusal(answer).reason, "INSUFFICIENT_POINTS");
                refused += 1;
            }
        }
    }
    assert_eq!((won, refused), (1, 99));
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn more_than_there_is_is_refused_with_the_numbers() {
    let ledger = Ledger::open().await;
    ledger.earn(80, "r-1").await;
    let refused = refusal(ledger.try_spend(100, "r-2").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "INSUFFICIENT_POINTS")
    );
    let number = |name: &str| refused.metadata[name].as_str();
    assert_eq!(
        (number("available"), number("asked"), number("missing")),
        ("80", "100", "20")
    );
    assert_eq!(ledger.available().await, 80);
}

#[tokio::test]
async fn a_refused_request_id_may_be_used_again() {
    let ledger = Ledger::open().await;
    refusal(ledger.try_spend(100, "r-1").await);
    ledger.earn(100, "r-2").await;
    ledger.spend(100, "r-1").await;
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn a_frozen_member_does_not_spend() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    ledger.freeze().await;
    let refused = refusal(ledger.try_spend(1, "r-2").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "MEMBER_NOT_ALLOWED")
    );
}

#[tokio::test]
async fn who_and_what_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let nobody = pb::SpendPointsRequest {
        member_id: Uuid::now_v7().to_string(),
        ..ledger.spend_request(1, "r-1")
    };
    assert_eq!(
        refusal(ledger.client().spend_points(nobody).await).reason,
        "ACCOUNT_NOT_FOUND"
    );
    let nothing = pb::SpendPointsRequest {
        wallet: "growth".to_owned(),
        ..ledger.spend_request(1, "r-1")
    };
    assert_eq!(
        refusal(ledger.client().spend_points(nothing).await).reason,
        "WALLET_NOT_FOUND"
    );
}

#[tokio::test]
async fn whatever_is_asked_at_once_the_entries_sum_to_the_balance() {
    let ledger = Ledger::open().await;
    let calls = (0..60).map(|number| {
        let (mut client, earn, spend) = (
            ledger.client(),
            ledger.earn_request(number + 1, &format!("e-{number}")),
            ledger.spend_request(number / 2 + 1, &format!("s-{number}")),
        );
        tokio::spawn(async move {
            client.earn_points(earn).await.unwrap();
            // Some find too little, which is as good an answer.
            let _ = client.spend_points(spend).await;
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let entries = ledger.entries().await;
    let sum: i64 = entries
        .iter()
        .map(|entry| match entry.kind() {
            pb::EntryKind::Earn => entry.points,
            pb::EntryKind::Spend => -entry.points,
            kind => panic!("nobody asked for {kind:?}"),
        })
        .sum();
    assert_eq!(ledger.available().await, sum);
    assert_eq!(entries.last().unwrap().after.unwrap().available, sum);
}
