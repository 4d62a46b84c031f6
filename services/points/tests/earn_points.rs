use harness::{at, refusal, suite};
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, earn, publish, wallet, wallet_of_days};

#[tokio::test]
async fn earned_points_are_available_and_the_entry_says_all_of_it() {
    let ledger = Ledger::open().await;
    let request = pb::EarnPointsRequest {
        reference: "order-17".to_owned(),
        ..ledger.earn_request(100, "r-1")
    };
    let answer = ledger.client().earn_points(request).await.unwrap().into_inner();
    let entry = answer.entry.unwrap();
    assert_eq!(
        (entry.kind(), entry.points, entry.member_id.as_str()),
        (pb::EntryKind::Earn, 100, ledger.member_id.as_str())
    );
    assert_eq!(
        (entry.reference.as_str(), entry.request_id.as_str()),
        ("order-17", "r-1")
    );
    assert_eq!(entry.occurred_at, Some(at("2026-01-01T05:00:00Z")));
    assert_eq!(entry.after.unwrap().available, 100);
    assert_eq!(ledger.available().await, 100);
    assert!(!answer.balance_token.is_empty());
}

#[tokio::test]
async fn earning_twice_with_one_request_id_credits_once_and_answers_alike() {
    let ledger = Ledger::open().await;
    let first = ledger
        .client()
        .earn_points(ledger.earn_request(100, "order-17"))
        .await
        .unwrap()
        .into_inner();
    let second = ledger
        .client()
        .earn_points(ledger.earn_request(100, "order-17"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first, second);
    assert_eq!(ledger.available().await, 100);
}

#[tokio::test]
async fn a_request_id_with_other_content_is_refused_and_the_difference_named() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "order-17").await;
    let refused = refusal(ledger.client().earn_points(ledger.earn_request(101, "order-17")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    assert_eq!(refused.metadata["differing_fields"], "points");
    assert_eq!(ledger.available().await, 100);
}

#[tokio::test]
async fn one_request_id_asked_a_hundred_times_at_once_credits_once() {
    let ledger = Ledger::open().await;
    let calls = (0..100).map(|_| {
        let (mut client, request) = (ledger.client(), ledger.earn_request(7, "order-17"));
        tokio::spawn(async move { client.earn_points(request).await.unwrap().into_inner() })
    });
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        answers.push(call.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(ledger.available().await, 7);
}

#[tokio::test]
async fn points_that_activate_later_are_pending_until_then() {
    let ledger = Ledger::open().await;
    let activates_at = Some(at("2026-01-15T00:00:00Z"));
    let request = pb::EarnPointsRequest {
        activates_at,
        ..ledger.earn_request(100, "r-1")
    };
    let entry = ledger
        .client()
        .earn_points(request)
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!(entry.activates_at, activates_at);
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.pending), (0, 100));
    ledger.program.advance_to("2026-01-15T00:00:00Z").await;
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.pending), (100, 0));
}

#[tokio::test]
async fn expiry_counts_from_when_it_happened_by_the_version_in_force_then() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let occurred_at = Some(at("2025-12-20T00:00:00Z"));
    let request = pb::EarnPointsRequest {
        occurred_at,
        ..ledger.earn_request(100, "r-1")
    };
    let entry = ledger
        .client()
        .earn_points(request)
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!(entry.expires_at, Some(at("2026-01-19T00:00:00Z")));
    assert_eq!(entry.occurred_at, occurred_at);
}

#[tokio::test]
async fn a_debt_is_settled_first() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    ledger.spend(80, "r-2").await;
    ledger.reverse(&earned.entry_id, 0, "r-3").await;
    assert_eq!(ledger.amounts().await.debt, 80);
    let entry = ledger.earn(100, "r-4").await;
    assert_eq!(entry.debt_points, 80);
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.debt), (20, 0));
}

#[tokio::test]
async fn a_member_that_nobody_enrolled_is_not_found() {
    let ledger = Ledger::open().await;
    let member_id = Uuid::now_v7().to_string();
    let request = pb::EarnPointsRequest {
        member_id: member_id.clone(),
        ..ledger.earn_request(1, "r-1")
    };
    let refused = refusal(ledger.client().earn_points(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACCOUNT_NOT_FOUND")
    );
    assert_eq!(refused.metadata["member_id"], member_id);
    assert_eq!(refused.domain, "points.loyalty");
}

#[tokio::test]
async fn a_member_of_another_program_is_not_found() {
    let (ledger, other) = (Ledger::open().await, Ledger::open().await);
    let request = pb::EarnPointsRequest {
        member_id: other.member_id.clone(),
        ..ledger.earn_request(1, "r-1")
    };
    assert_eq!(
        refusal(ledger.client().earn_points(request).await).reason,
        "ACCOUNT_NOT_FOUND"
    );
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let nowhere = harness::Program::unmade(suite().channel());
    let refused = refusal(nowhere.points().earn_points(ledger.earn_request(1, "r-1")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "PROGRAM_NOT_FOUND")
    );
}

#[tokio::test]
async fn a_frozen_member_does_not_earn() {
    let ledger = Ledger::open().await;
    ledger.freeze().await;
    let refused = refusal(ledger.client().earn_points(ledger.earn_request(1, "r-1")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "MEMBER_NOT_ALLOWED")
    );
    assert_eq!(refused.metadata["status"], "FROZEN");
}

#[tokio::test]
async fn a_wallet_that_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let request = pb::EarnPointsRequest {
        wallet: "growth".to_owned(),
        ..ledger.earn_request(1, "r-1")
    };
    let refused = refusal(ledger.client().earn_points(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "WALLET_NOT_FOUND")
    );
    assert_eq!(refused.metadata["wallet"], "growth");
}

#[tokio::test]
async fn what_is_to_happen_in_the_future_is_refused() {
    let ledger = Ledger::open().await;
    let request = pb::EarnPointsRequest {
        occurred_at: Some(at("2026-01-01T05:00:01Z")),
        ..ledger.earn_request(1, "r-1")
    };
    let refused = refusal(ledger.client().earn_points(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "OCCURRED_IN_FUTURE")
    );
    assert_eq!(refused.metadata["clock_at"], "2026-01-01T05:00:00Z");
}

#[tokio::test]
async fn a_balance_that_cannot_be_counted_is_refused() {
    let ledger = Ledger::open().await;
    // 180 times 50 times the most that one earning may be is the most that can be counted.
    for batch in 0..180 {
        ledger
            .post(&format!("b-{batch}"), vec![earn(1_000_000_000_000); 50])
            .await
            .unwrap();
    }
    let refused = refusal(ledger.client().earn_points(ledger.earn_request(1, "r-1")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::OutOfRange, "BALANCE_OUT_OF_RANGE")
    );
    assert_eq!(refused.metadata["wallet"], "points");
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_request_is_told_at_once() {
    let ledger = Ledger::open().await;
    let request = pb::EarnPointsRequest {
        request_id: String::new(),
        member_id: "nobody".to_owned(),
        wallet: "Points!".to_owned(),
        points: 0,
        occurred_at: Some(prost_types::Timestamp { seconds: 0, nanos: -1 }),
        ..pb::EarnPointsRequest::default()
    };
    let refused = refusal(ledger.client().earn_points(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    for field in ["request_id", "member_id", "wallet", "points", "occurred_at"] {
        assert!(
            refused.fields.iter().any(|found| found == field),
            "{field} is missing in {:?}",
            refused.fields
        );
    }
}

#[tokio::test]
async fn wallets_are_apart() {
    let ledger = Ledger::open().await;
    publish(&ledger.program, wallet("growth")).await;
    let request = pb::EarnPointsRequest {
        wallet: "growth".to_owned(),
        ..ledger.earn_request(50, "r-1")
    };
    ledger.client().earn_points(request).await.unwrap();
    assert_eq!(ledger.available().await, 0);
}
