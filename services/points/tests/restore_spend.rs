use harness::{at, refusal};
use proto::{points as pb, value::Initiator};
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, wallet_of_days};

#[tokio::test]
async fn restored_points_come_back_to_their_lots_with_their_dates() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let earned = ledger.earn(100, "r-1").await;
    let spent = ledger.spend(80, "r-2").await;
    let entry = ledger
        .try_restore(&spent.entry_id, 30, "r-3")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!(
        (entry.kind(), entry.points, entry.lost_points),
        (pb::EntryKind::Restore, 30, 0)
    );
    assert_eq!(ledger.lots_of(&entry).await, [(earned.entry_id, 30)]);
    assert_eq!(entry.portions[0].expires_at, earned.expires_at);
    assert_eq!(ledger.available().await, 50);
}

#[tokio::test]
async fn a_captured_hold_can_be_restored() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    let captured = ledger
        .try_capture(&hold.hold_id, 0, "r-3")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    ledger.try_restore(&captured.entry_id, 0, "r-4").await.unwrap();
    assert_eq!(ledger.available().await, 100);
}

#[tokio::test]
async fn what_lapsed_is_lost_when_the_member_changed_their_mind() {
    let ledger = Ledger::with(wallet_of_days(10)).await;
    ledger.earn(100, "r-1").await;
    let spent = ledger.spend(100, "r-2").await;
    ledger.program.advance_to("2026-02-01T00:00:00Z").await;
    let entry = ledger
        .try_restore(&spent.entry_id, 0, "r-3")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!(entry.lost_points, 100);
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn what_lapsed_lives_for_a_week_when_the_merchant_did() {
    let ledger = Ledger::with(wallet_of_days(10)).await;
    ledger.earn(100, "r-1").await;
    let spent = ledger.spend(100, "r-2").await;
    ledger.program.advance_to("2026-02-01T00:00:00Z").await;
    let request = pb::RestoreSpendRequest {
        request_id: "r-3".to_owned(),
        member_id: ledger.member_id.clone(),
        entry_id: spent.entry_id,
        initiator: Initiator::Merchant.into(),
        ..pb::RestoreSpendRequest::default()
    };
    let entry = ledger
        .client()
        .restore_spend(request)
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!(
        (entry.lost_points, entry.portions[0].expires_at),
        (0, Some(at("2026-02-08T00:00:00Z")))
    );
    assert_eq!(ledger.available().await, 100);
    ledger.program.advance_to("2026-02-08T00:00:00Z").await;
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn the_restorations_of_a_spend_never_exceed_it() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let spent = ledger.spend(80, "r-2").await;
    ledger.try_restore(&spent.entry_id, 50, "r-3").await.unwrap();
    let refused = refusal(ledger.try_restore(&spent.entry_id, 31, "r-4").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "MORE_THAN_ENTRY")
    );
    assert_eq!(refused.metadata["left"], "30");
}

#[tokio::test]
async fn restoring_twice_with_one_request_id_restores_once() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let spent = ledger.spend(80, "r-2").await;
    let first = ledger
        .try_restore(&spent.entry_id, 10, "r-3")
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        ledger
            .try_restore(&spent.entry_id, 10, "r-3")
            .await
            .unwrap()
            .into_inner(),
        first
    );
    assert_eq!(ledger.available().await, 30);
    assert_eq!(
        refusal(ledger.try_restore(&spent.entry_id, 11, "r-3").await).reason,
        "REQUEST_ID_REUSED"
    );
}

#[tokio::test]
async fn only_a_spend_or_a_capture_can_be_restored() {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    let refused = refusal(ledger.try_restore(&earned.entry_id, 0, "r-2").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "NOT_RESTORABLE")
    );
    assert_eq!(refused.metadata["kind"], "EARN");
}

#[tokio::test]
async fn an_entry_or_member_that_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let refused = refusal(ledger.try_restore(&Uuid::now_v7().to_string(), 0, "r-1").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ENTRY_NOT_FOUND")
    );
    let nobody = Ledger {
        member_id: Uuid::now_v7().to_string(),
        program: ledger.program.clone(),
    };
    let refused = refusal(nobody.try_restore(&Uuid::now_v7().to_string(), 0, "r-1").await);
    assert_eq!(refused.reason, "ACCOUNT_NOT_FOUND");
}

#[tokio::test]
async fn it_must_be_said_who_changed_their_mind() {
    let ledger = Ledger::open().await;
    let request = pb::RestoreSpendRequest {
        request_id: "r-1".to_owned(),
        member_id: ledger.member_id.clone(),
        entry_id: Uuid::now_v7().to_string(),
        ..pb::RestoreSpendRequest::default()
    };
    assert_eq!(
        refusal(ledger.client().restore_spend(request).await).fields,
        ["initiator"]
    );
}
