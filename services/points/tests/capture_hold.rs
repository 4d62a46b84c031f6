use harness::refusal;
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::Ledger;

#[tokio::test]
async fn a_captured_hold_is_spent() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    let answer = ledger.try_capture(&hold.hold_id, 0, "r-3").await.unwrap().into_inner();
    let (after, entry) = (answer.hold.unwrap(), answer.entry.unwrap());
    assert_eq!(
        (after.state(), after.points, after.captured_points),
        (pb::HoldState::Captured, 60, 60)
    );
    assert_eq!(
        (entry.kind(), entry.points, entry.related_entry_id.as_str()),
        (pb::EntryKind::Capture, 60, hold.hold_id.as_str())
    );
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.held), (40, 0));
}

#[tokio::test]
async fn of_a_hold_that_is_captured_in_part_the_rest_comes_back() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    let after = ledger
        .try_capture(&hold.hold_id, 20, "r-3")
        .await
        .unwrap()
        .into_inner()
        .hold
        .unwrap();
    assert_eq!(
        (after.state(), after.points, after.captured_points),
        (pb::HoldState::PartiallyCaptured, 60, 20)
    );
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.held), (80, 0));
}

#[tokio::test]
async fn a_hold_is_captured_at_most_once() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    let first = ledger.try_capture(&hold.hold_id, 0, "r-3").await.unwrap().into_inner();
    assert_eq!(
        ledger.try_capture(&hold.hold_id, 0, "r-3").await.unwrap().into_inner(),
        first
    );
    let refused = refusal(ledger.try_capture(&hold.hold_id, 0, "r-4").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "HOLD_NOT_ACTIVE")
    );
    assert_eq!(refused.metadata["state"], "CAPTURED");
    assert_eq!(ledger.available().await, 40);
}

#[tokio::test]
async fn of_twenty_who_capture_and_release_at_once_one_wins() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(100, "r-2").await;
    let calls = (0..20).map(|number| {
        let (mut client, member_id, hold_id) = (ledger.client(), ledger.member_id.clone(), hold.hold_id.clone());
        let request_id = format!("end-{number}");
        tokio::spawn(async move {
            if number % 2 == 0 {
                let request = pb::CaptureHoldRequest {
                    request_id,
                    member_id,
                    hold_id,
                    ..pb::CaptureHoldRequest::default()
                };
                client.capture_hold(request).await.map(drop)
            } else {
                let request = pb::ReleaseHoldRequest {
                    request_id,
                    member_id,
                    hold_id,
                };
                client.release_hold(request).await.map(drop)
            }
        })
    });
    let mut won = 0;
    for call in calls.collect::<Vec<_>>() {
        won += i32::from(call.await.unwrap().is_ok());
    }
    assert_eq!(won, 1);
    assert_eq!(ledger.amounts().await.held, 0);
}

#[tokio::test]
async fn a_hold_whose_time_is_over_cannot_be_captured() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    ledger.program.advance_to("2026-01-01T05:15:00Z").await;
    let refused = refusal(ledger.try_capture(&hold.hold_id, 0, "r-3").await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["state"].as_str()),
        ("HOLD_NOT_ACTIVE", "EXPIRED")
    );
}

#[tokio::test]
async fn more_than_is_held_cannot_be_captured() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    let refused = refusal(ledger.try_capture(&hold.hold_id, 61, "r-3").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "MORE_THAN_HELD")
    );
    assert_eq!(
        (refused.metadata["held"].as_str(), refused.metadata["asked"].as_str()),
        ("60", "61")
    );
}

#[tokio::test]
async fn what_is_no_hold_of_the_member_is_not_found() {
    let (ledger, other) = (Ledger::open().await, Ledger::open().await);
    let earned = ledger.earn(100, "r-1").await;
    other.earn(100, "r-1").await;
    let hold_of_another = other.hold(10, "r-2").await.hold_id;
    for hold_id in [Uuid::now_v7().to_string(), earned.entry_id, hold_of_another] {
        let refused = refusal(ledger.try_capture(&hold_id, 0, "r-2").await);
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::NotFound, "HOLD_NOT_FOUND")
        );
        assert_eq!(refused.metadata["hold_id"], hold_id);
    }
}

#[tokio::test]
async fn a_frozen_member_does_not_capture() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    ledger.freeze().await;
    assert_eq!(
        refusal(ledger.try_capture(&hold.hold_id, 0, "r-3").await).reason,
        "MEMBER_NOT_ALLOWED"
    );
    ledger.try_release(&hold.hold_id, "r-4").await.unwrap();
}
