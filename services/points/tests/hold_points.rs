use harness::{at, refusal};
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::Ledger;

#[tokio::test]
async fn held_points_are_set_aside_for_a_quarter_of_an_hour() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let answer = ledger.try_hold(60, "r-2").await.unwrap().into_inner();
    let (hold, entry) = (answer.hold.unwrap(), answer.entry.unwrap());
    assert_eq!(
        (hold.state(), hold.points, hold.captured_points),
        (pb::HoldState::Active, 60, 0)
    );
    assert_eq!(
        (hold.hold_id.as_str(), hold.wallet.as_str()),
        (entry.entry_id.as_str(), "points")
    );
    assert_eq!(hold.expires_at, Some(at("2026-01-01T05:15:00Z")));
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.held), (40, 60));
    assert_eq!(refusal(ledger.try_spend(41, "r-3").await).reason, "INSUFFICIENT_POINTS");
}

#[tokio::test]
async fn they_come_back_by_themselves_when_the_time_is_over() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(60, "r-2").await;
    ledger.program.advance_to("2026-01-01T05:15:00Z").await;
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.held), (100, 0));
    let entries = ledger.entries().await;
    let released = entries.last().unwrap();
    assert_eq!(
        (released.kind(), released.related_entry_id.as_str()),
        (pb::EntryKind::Release, hold.hold_id.as_str())
    );
    assert_eq!(released.request_id, "");
}

#[tokio::test]
async fn holding_twice_with_one_request_id_holds_once() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let first = ledger.try_hold(60, "r-2").await.unwrap().into_inner();
    assert_eq!(ledger.try_hold(60, "r-2").await.unwrap().into_inner(), first);
    assert_eq!(ledger.amounts().await.held, 60);
    assert_eq!(refusal(ledger.try_hold(61, "r-2").await).reason, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn more_than_there_is_cannot_be_held() {
    let ledger = Ledger::open().await;
    ledger.earn(10, "r-1").await;
    let refused = refusal(ledger.try_hold(11, "r-2").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "INSUFFICIENT_POINTS")
    );
}

#[tokio::test]
async fn who_may_not_spend_may_not_hold() {
    let ledger = Ledger::open().await;
    ledger.earn(10, "r-1").await;
    ledger.freeze().await;
    assert_eq!(refusal(ledger.try_hold(5, "r-2").await).reason, "MEMBER_NOT_ALLOWED");
}

#[tokio::test]
async fn who_and_what_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let request = |member_id: String, wallet: &str| pb::HoldPointsRequest {
        request_id: "r-1".to_owned(),
        member_id,
        wallet: wallet.to_owned(),
        points: 1,
        ..pb::HoldPointsRequest::default()
    };
    let nobody = request(Uuid::now_v7().to_string(), "points");
    assert_eq!(
        refusal(ledger.client().hold_points(nobody).await).reason,
        "ACCOUNT_NOT_FOUND"
    );
    let nothing = request(ledger.member_id.clone(), "growth");
    assert_eq!(
        refusal(ledger.client().hold_points(nothing).await).reason,
        "WALLET_NOT_FOUND"
    );
}
