use harness::refusal;
use proto::points::{self as pb, OverdraftPolicy};
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, wallet, wallet_of_days};

#[tokio::test]
async fn a_reversed_earning_is_taken_from_its_own_lot() {
    let ledger = Ledger::open().await;
    ledger.earn(50, "other").await;
    let earned = ledger.earn(100, "r-1").await;
    let entry = ledger.reverse(&earned.entry_id, 0, "r-2").await;
    assert_eq!((entry.kind(), entry.points), (pb::EntryKind::Reverse, 100));
    assert_eq!(ledger.lots_of(&entry).await, [(earned.entry_id, 100)]);
    assert_eq!(ledger.available().await, 50);
}

#[tokio::test]
async fn what_was_spent_already_is_owed_where_the_wallet_carries_debts() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    ledger.spend(70, "r-2").await;
    let entry = ledger.reverse(&earned.entry_id, 0, "r-3").await;
    assert_eq!((entry.debt_points, entry.lost_points), (70, 0));
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.debt), (0, 70));
}

#[tokio::test]
async fn what_was_spent_already_is_waived_where_it_does_not() {
    let wallet = pb::Wallet {
        overdraft: OverdraftPolicy::Forbid.into(),
        ..wallet("points")
    };
    let ledger = Ledger::with(wallet).await;
    let earned = ledger.earn(100, "r-1").await;
    ledger.spend(70, "r-2").await;
    let entry = ledger.reverse(&earned.entry_id, 0, "r-3").await;
    assert_eq!((entry.debt_points, entry.lost_points), (0, 70));
    assert_eq!(ledger.amounts().await.debt, 0);
}

#[tokio::test]
async fn what_had_lapsed_counts_as_taken_back() {
    let ledger = Ledger::with(wallet_of_days(10)).await;
    let earned = ledger.earn(100, "r-1").await;
    ledger.spend(30, "r-2").await;
    ledger.program.advance_to("2026-02-01T00:00:00Z").await;
    let entry = ledger.reverse(&earned.entry_id, 0, "r-3").await;
    assert_eq!(entry.debt_points, 30, "70 lapsed and are recovered, 30 were spent");
    assert_eq!(ledger.amounts().await.debt, 30);
}

#[tokio::test]
async fn the_reversals_of_an_earning_never_exceed_it() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    ledger.reverse(&earned.entry_id, 60, "r-2").await;
    let refused = refusal(ledger.try_reverse(&earned.entry_id, 41, "r-3").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "MORE_THAN_ENTRY")
    );
    assert_eq!(
        (refused.metadata["left"].as_str(), refused.metadata["asked"].as_str()),
        ("40", "41")
    );
    assert_eq!(ledger.reverse(&earned.entry_id, 0, "r-4").await.points, 40);
    assert_eq!(
        refusal(ledger.try_reverse(&earned.entry_id, 0, "r-5").await).reason,
        "MORE_THAN_ENTRY"
    );
}

#[tokio::test]
async fn of_two_who_reverse_all_of_it_at_once_one_wins() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    let (first, second) = tokio::join!(
        ledger.try_reverse(&earned.entry_id, 100, "r-2"),
        ledger.try_reverse(&earned.entry_id, 100, "r-3")
    );
    assert_eq!(i32::from(first.is_ok()) + i32::from(second.is_ok()), 1);
    assert_eq!(ledger.amounts().await.debt, 0);
}

#[tokio::test]
async fn reversing_twice_with_one_request_id_reverses_once() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    let first = ledger
        .try_reverse(&earned.entry_id, 10, "r-2")
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        ledger
            .try_reverse(&earned.entry_id, 10, "r-2")
            .await
            .unwrap()
            .into_inner(),
        first
    );
    assert_eq!(ledger.available().await, 90);
    assert_eq!(
        refusal(ledger.try_reverse(&earned.entry_id, 11, "r-2").await).reason,
        "REQUEST_ID_REUSED"
    );
}

#[tokio::test]
async fn only_an_earning_can_be_reversed() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let spent = ledger.spend(10, "r-2").await;
    let refused = refusal(ledger.try_reverse(&spent.entry_id, 0, "r-3").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "NOT_REVERSIBLE")
    );
    assert_eq!(refused.metadata["kind"], "SPEND");
}

#[tokio::test]
async fn an_entry_of_nobody_or_of_another_is_not_found() {
    let (ledger, other) = (Ledger::open().await, Ledger::open().await);
    let of_another = other.earn(100, "r-1").await.entry_id;
    for entry_id in [Uuid::now_v7().to_string(), of_another] {
        let refused = refusal(ledger.try_reverse(&entry_id, 0, "r-2").await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "ENTRY_NOT_FOUND")
        );
        assert_eq!(refused.metadata["entry_id"], entry_id);
    }
}

#[tokio::test]
async fn the_earning_of_a_frozen_member_can_be_reversed() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    ledger.freeze().await;
    ledger.reverse(&earned.entry_id, 0, "r-2").await;
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn a_member_that_nobody_enrolled_is_not_found() {
    let ledger = Ledger::open().await;
    let request = pb::ReverseEntryRequest {
        request_id: "r-1".to_owned(),
        member_id: Uuid::now_v7().to_string(),
        entry_id: Uuid::now_v7().to_string(),
        ..pb::ReverseEntryRequest::default()
    };
    assert_eq!(
        refusal(ledger.client().reverse_entry(request).await).reason,
        "ACCOUNT_NOT_FOUND"
    );
}
