use harness::{at, refusal};
use proto::points::{self as pb, extend_points_request::Which};
use tonic::Code;

use crate::support::{Answer, Ledger, wallet_of_days};

async fn extend(ledger: &Ledger, which: Which, to: &str, request_id: &str) -> Answer<pb::ExtendPointsResponse> {
    let request = pb::ExtendPointsRequest {
        request_id: request_id.to_owned(),
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        expires_at: Some(at(to)),
        reference: "goodwill".to_owned(),
        which: Some(which),
    };
    ledger.client().extend_points(request).await
}

#[tokio::test]
async fn the_points_of_a_lot_live_longer_and_others_do_not() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let chosen = ledger.earn(100, "r-1").await;
    ledger.earn(50, "r-2").await;
    ledger.spend(30, "r-3").await;
    let which = Which::LotId(chosen.entry_id.clone());
    let entry = extend(&ledger, which, "2027-01-01T00:00:00Z", "r-4")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!((entry.kind(), entry.points), (pb::EntryKind::Extend, 70));
    assert_eq!(entry.extended_to, Some(at("2027-01-01T00:00:00Z")));
    assert_eq!(
        entry.portions[0].expires_at, chosen.expires_at,
        "history keeps the end of before"
    );
    ledger.program.advance_to("2026-12-31T00:00:00Z").await;
    assert_eq!(ledger.available().await, 70);
    ledger.program.advance_to("2027-01-01T00:00:00Z").await;
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn all_that_would_lapse_soon_is_extended_at_once() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    ledger.earn(100, "r-1").await;
    ledger.program.advance_to("2026-01-20T00:00:00Z").await;
    ledger.earn(50, "r-2").await;
    let soon = Which::LapsingBefore(at("2026-02-10T00:00:00Z"));
    let entry = extend(&ledger, soon, "2026-03-01T00:00:00Z", "r-3")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!(entry.points, 100);
    ledger.program.advance_to("2026-02-25T00:00:00Z").await;
    assert_eq!(ledger.available().await, 100);
}

#[tokio::test]
async fn an_end_is_never_brought_forward_nor_put_where_it_is_over() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let earned = ledger.earn(100, "r-1").await;
    let lot = || Which::LotId(earned.entry_id.clone());
    let earlier = refusal(extend(&ledger, lot(), "2026-01-15T00:00:00Z", "r-2").await);
    assert_eq!(
        (earlier.code, earlier.reason.as_str()),
        (Code::FailedPrecondition, "NOTHING_TO_EXTEND")
    );
    let over = refusal(extend(&ledger, lot(), "2025-12-31T00:00:00Z", "r-3").await);
    assert_eq!(
        (over.code, over.reason.as_str()),
        (Code::InvalidArgument, "END_IN_PAST")
    );
    let spent = ledger.spend(10, "r-4").await;
    let no_lot = refusal(extend(&ledger, Which::LotId(spent.entry_id), "2027-01-01T00:00:00Z", "r-5").await);
    assert_eq!(
        (no_lot.code, no_lot.reason.as_str()),
        (Code::FailedPrecondition, "NOT_A_LOT")
    );
    let other = Ledger::with(wallet_of_days(30)).await;
    let foreign = refusal(extend(&other, lot(), "2027-01-01T00:00:00Z", "r-6").await);
    assert_eq!(
        (foreign.code, foreign.reason.as_str()),
        (Code::NotFound, "ENTRY_NOT_FOUND")
    );
    assert_eq!(ledger.balance(None).await.next_expiry_at, earned.expires_at);
}
