use harness::{at, refusal};
use proto::points as pb;
use tonic::Code;

use crate::support::{Answer, Ledger, wallet_of_days};

async fn extend(ledger: &Ledger, hold_id: &str, ttl_seconds: i32, request_id: &str) -> Answer<pb::ExtendHoldResponse> {
    let request = pb::ExtendHoldRequest {
        request_id: request_id.to_owned(),
        member_id: ledger.member_id.clone(),
        hold_id: hold_id.to_owned(),
        ttl_seconds,
    };
    ledger.client().extend_hold(request).await
}

#[tokio::test]
async fn an_extended_hold_lasts_longer_and_can_still_be_captured() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(70, "r-2").await;
    ledger.program.advance_to("2026-01-01T05:10:00Z").await;
    let extended = extend(&ledger, &hold.hold_id, 3_600, "r-3").await.unwrap().into_inner();
    let after = extended.hold.unwrap();
    assert_eq!((after.state(), after.points), (pb::HoldState::Active, 70));
    assert_eq!(after.expires_at, Some(at("2026-01-01T06:10:00Z")));
    ledger.program.advance_to("2026-01-01T06:00:00Z").await;
    ledger.try_capture(&hold.hold_id, 70, "r-4").await.unwrap();
    assert_eq!(ledger.available().await, 30);
}

#[tokio::test]
async fn a_hold_never_gets_less_time() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(70, "r-2").await;
    let extended = extend(&ledger, &hold.hold_id, 60, "r-3").await.unwrap().into_inner();
    assert_eq!(extended.hold.unwrap().expires_at, hold.expires_at);
}

#[tokio::test]
async fn a_hold_that_ended_or_never_was_is_not_extended() {
    let ledger = Ledger::open().await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(70, "r-2").await;
    ledger.try_release(&hold.hold_id, "r-3").await.unwrap();
    let ended = refusal(extend(&ledger, &hold.hold_id, 60, "r-4").await);
    assert_eq!(
        (ended.code, ended.reason.as_str()),
        (Code::FailedPrecondition, "HOLD_NOT_ACTIVE")
    );
    assert_eq!(ended.metadata["state"], "RELEASED");
    let unknown = uuid::Uuid::now_v7().to_string();
    let unknown = refusal(extend(&ledger, &unknown, 60, "r-5").await);
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "HOLD_NOT_FOUND")
    );
}

#[tokio::test]
async fn points_whose_time_ran_out_while_they_were_held_live_on_for_the_grace_of_the_wallet() {
    let wallet = pb::Wallet {
        hold_grace_days: 3,
        ..wallet_of_days(1)
    };
    let ledger = Ledger::with(wallet).await;
    ledger.earn(100, "r-1").await;
    let hold = ledger.hold(70, "r-2").await;
    extend(&ledger, &hold.hold_id, 2 * 86_400, "r-3").await.unwrap();
    ledger.program.advance_to("2026-01-03T05:00:00Z").await;
    assert_eq!(
        ledger.available().await,
        70,
        "the hold ended, and with it the protection"
    );
    ledger.program.advance_to("2026-01-06T05:00:00Z").await;
    assert_eq!(ledger.available().await, 0);
}
