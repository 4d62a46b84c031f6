//! `GetBalance` at another instant than now, or by what was known at another time.

use harness::at;
use proto::points as pb;

use crate::support::{Ledger, wallet_of_days};

async fn balance_at(
    ledger: &Ledger,
    as_of: Option<&str>,
    as_believed_at: Option<prost_types::Timestamp>,
) -> pb::Balance {
    let request = pb::GetBalanceRequest {
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        as_of: as_of.map(at),
        as_believed_at,
        ..pb::GetBalanceRequest::default()
    };
    ledger
        .client()
        .get_balance(request)
        .await
        .unwrap()
        .into_inner()
        .balance
        .unwrap()
}

async fn available(ledger: &Ledger, as_of: &str) -> i64 {
    balance_at(ledger, Some(as_of), None).await.amounts.unwrap().available
}

async fn earn_at(ledger: &Ledger, points: i64, occurred_at: &str, request_id: &str) -> pb::Entry {
    let request = pb::EarnPointsRequest {
        occurred_at: Some(at(occurred_at)),
        ..ledger.earn_request(points, request_id)
    };
    ledger
        .client()
        .earn_points(request)
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap()
}

#[tokio::test]
async fn a_past_balance_counts_what_had_occurred_by_then_however_late_it_was_recorded() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    earn_at(&ledger, 100, "2026-01-01T00:00:00Z", "r-1").await;
    ledger.program.advance_to("2026-01-10T00:00:00Z").await;
    ledger.spend(30, "r-2").await;
    ledger.program.advance_to("2026-01-20T00:00:00Z").await;
    earn_at(&ledger, 50, "2026-01-05T00:00:00Z", "r-3").await;
    ledger.program.advance_to("2026-02-15T00:00:00Z").await;
    assert_eq!(available(&ledger, "2025-12-31T00:00:00Z").await, 0);
    assert_eq!(available(&ledger, "2026-01-04T00:00:00Z").await, 100);
    assert_eq!(
        available(&ledger, "2026-01-05T00:00:00Z").await,
        150,
        "an instant counts what occurred at it"
    );
    assert_eq!(available(&ledger, "2026-01-12T00:00:00Z").await, 120);
    assert_eq!(
        available(&ledger, "2026-02-01T00:00:00Z").await,
        50,
        "what lapsed is gone"
    );
    assert_eq!(available(&ledger, "2026-02-14T00:00:00Z").await, 0);
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn a_balance_as_it_was_believed_knows_nothing_of_what_was_recorded_later() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    earn_at(&ledger, 100, "2026-01-01T00:00:00Z", "r-1").await;
    ledger.program.advance_to("2026-01-10T00:00:00Z").await;
    let spent = ledger.spend(30, "r-2").await;
    ledger.program.advance_to("2026-01-20T00:00:00Z").await;
    earn_at(&ledger, 50, "2026-01-05T00:00:00Z", "r-3").await;
    let believed = balance_at(&ledger, None, spent.recorded_at).await;
    assert_eq!(believed.amounts.unwrap().available, 70);
    let past = balance_at(&ledger, Some("2026-01-06T00:00:00Z"), spent.recorded_at).await;
    assert_eq!(past.amounts.unwrap().available, 100, "the late earning was not known");
    let future = balance_at(&ledger, Some("2026-03-01T00:00:00Z"), spent.recorded_at).await;
    assert_eq!(future.amounts.unwrap().available, 0, "what was known would have lapsed");
    let before_all = balance_at(&ledger, None, Some(at("2020-01-01T00:00:00Z"))).await;
    assert_eq!(before_all.amounts, Some(pb::Amounts::default()));
}

#[tokio::test]
async fn a_future_balance_is_what_will_be_when_nothing_else_happens() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    ledger.earn(100, "r-1").await;
    let waits = pb::EarnPointsRequest {
        activates_at: Some(at("2026-01-10T00:00:00Z")),
        ..ledger.earn_request(40, "r-2")
    };
    ledger.client().earn_points(waits).await.unwrap();
    ledger.hold(10, "r-3").await;
    let projected = balance_at(&ledger, Some("2026-01-10T00:00:00Z"), None).await;
    let amounts = projected.amounts.unwrap();
    assert_eq!(
        (amounts.available, amounts.pending, amounts.held),
        (140, 0, 0),
        "the hold has ended"
    );
    assert_eq!(
        (projected.next_expiry_at, projected.next_expiry_points),
        (Some(at("2026-01-31T05:00:00Z")), 140)
    );
    assert!(projected.balance_token.is_empty());
    assert_eq!(available(&ledger, "2026-02-01T00:00:00Z").await, 0);
    ledger.program.advance_to("2026-01-10T00:00:00Z").await;
    assert_eq!(ledger.amounts().await, amounts, "and so it is");
}

#[tokio::test]
async fn a_time_outside_every_program_is_refused_with_its_field() {
    let ledger = Ledger::open().await;
    let request = pb::GetBalanceRequest {
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        as_of: Some(at("1066-10-14T00:00:00Z")),
        as_believed_at: Some(at("3000-01-01T00:00:00Z")),
        ..pb::GetBalanceRequest::default()
    };
    let refused = harness::refusal(ledger.client().get_balance(request).await);
    assert_eq!(refused.fields, ["as_of", "as_believed_at"]);
}
