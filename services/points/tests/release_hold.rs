use harness::refusal;
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, wallet_of_days};

#[tokio::test]
async fn released_points_come_back() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    let answer = ledger.try_release(&hold.hold_id, "r-3").await.unwrap().into_inner();
    assert_eq!(answer.hold.unwrap().state(), pb::HoldState::Released);
    assert_eq!(answer.entry.unwrap().kind(), pb::EntryKind::Release);
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.held), (100, 0));
}

#[tokio::test]
async fn releasing_twice_with_one_request_id_answers_alike_and_with_another_is_refused() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    let first = ledger.try_release(&hold.hold_id, "r-3").await.unwrap().into_inner();
    assert_eq!(
        ledger.try_release(&hold.hold_id, "r-3").await.unwrap().into_inner(),
        first
    );
    let refused = refusal(ledger.try_release(&hold.hold_id, "r-4").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "HOLD_NOT_ACTIVE")
    );
    assert_eq!(refused.metadata["state"], "RELEASED");
}

#[tokio::test]
async fn what_lapsed_while_it_was_held_is_lost_and_the_entry_says_so() {
    let ledger = Ledger::with(wallet_of_days(1)).await;
    ledger.earn(100, "r-1").await;
    let request = pb::HoldPointsRequest {
        request_id: "r-2".to_owned(),
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        points: 60,
        ttl_seconds: 7 * 86_400,
        reference: String::new(),
    };
    let hold = ledger
        .client()
        .hold_points(request)
        .await
        .unwrap()
        .into_inner()
        .hold
        .unwrap();
    ledger.program.advance_to("2026-01-03T00:00:00Z").await;
    let amounts = ledger.amounts().await;
    assert_eq!(
        (amounts.available, amounts.held),
        (0, 60),
        "what is held does not lapse before the hold ends"
    );
    let entry = ledger
        .try_release(&hold.hold_id, "r-3")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!((entry.points, entry.lost_points), (60, 60));
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.held), (0, 0));
}

#[tokio::test]
async fn what_is_no_hold_of_the_member_is_not_found() {
    let ledger = Ledger::open().await;
    let refused = refusal(ledger.try_release(&Uuid::now_v7().to_string(), "r-1").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "HOLD_NOT_FOUND")
    );
}

#[tokio::test]
async fn a_member_that_nobody_enrolled_is_not_found() {
    let ledger = Ledger::open().await;
    let request = pb::ReleaseHoldRequest {
        request_id: "r-1".to_owned(),
        member_id: Uuid::now_v7().to_string(),
        hold_id: Uuid::now_v7().to_string(),
    };
    assert_eq!(
        refusal(ledger.client().release_hold(request).await).reason,
        "ACCOUNT_NOT_FOUND"
    );
}
