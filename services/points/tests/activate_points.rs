use harness::{at, refusal};
use proto::points as pb;
use tonic::Code;

use crate::support::{Ledger, wallet, wallet_of_days};

async fn earn_waiting(ledger: &Ledger, points: i64, event: &str, request_id: &str) -> pb::Entry {
    let request = pb::EarnPointsRequest {
        activates_on: event.to_owned(),
        ..ledger.earn_request(points, request_id)
    };
    let answer = ledger.client().earn_points(request).await.unwrap();
    answer.into_inner().entry.unwrap()
}

fn request(ledger: &Ledger, event: &str, request_id: &str) -> pb::ActivatePointsRequest {
    pb::ActivatePointsRequest {
        request_id: request_id.to_owned(),
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        event: event.to_owned(),
        reference: "parcel-1".to_owned(),
    }
}

#[tokio::test]
async fn points_wait_for_what_their_earning_named_and_for_nothing_else() {
    let ledger = Ledger::open().await;
    let earned = earn_waiting(&ledger, 100, "delivered:order-1", "r-1").await;
    assert_eq!(earned.portions[0].activates_on, "delivered:order-1");
    earn_waiting(&ledger, 40, "delivered:order-2", "r-2").await;
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.pending), (0, 140));
    ledger.program.advance_to("2036-01-01T00:00:00Z").await;
    assert_eq!(ledger.amounts().await.pending, 140);

    let answer = ledger
        .client()
        .activate_points(request(&ledger, "delivered:order-1", "r-3"))
        .await;
    let entry = answer.unwrap().into_inner().entry.unwrap();
    assert_eq!(
        (entry.kind(), entry.points, entry.reference.as_str()),
        (pb::EntryKind::Activate, 100, "parcel-1")
    );
    assert_eq!(ledger.lots_of(&entry).await, [(earned.entry_id, 100)]);
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.pending), (100, 40));
}

#[tokio::test]
async fn activating_twice_with_one_request_id_is_one_activation_and_another_finds_nothing() {
    let ledger = Ledger::open().await;
    earn_waiting(&ledger, 100, "delivered", "r-1").await;
    let first = ledger
        .client()
        .activate_points(request(&ledger, "delivered", "r-2"))
        .await
        .unwrap();
    let again = ledger
        .client()
        .activate_points(request(&ledger, "delivered", "r-2"))
        .await
        .unwrap();
    assert_eq!(first.into_inner(), again.into_inner());
    let refused = refusal(
        ledger
            .client()
            .activate_points(request(&ledger, "delivered", "r-3"))
            .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "NOTHING_WAITS")
    );
    assert_eq!(refused.metadata["event"], "delivered");
}

#[tokio::test]
async fn what_waits_is_cancelled_by_reversing_its_earning() {
    let ledger = Ledger::open().await;
    let earned = earn_waiting(&ledger, 100, "delivered", "r-1").await;
    ledger.reverse(&earned.entry_id, 0, "r-2").await;
    let amounts = ledger.amounts().await;
    assert_eq!((amounts.available, amounts.pending, amounts.debt), (0, 0, 0));
}

#[tokio::test]
async fn life_begins_with_the_activation_where_the_wallet_says_so() {
    let wallet = pb::Wallet {
        expiry_from_activation: true,
        ..wallet_of_days(30)
    };
    let ledger = Ledger::with(wallet).await;
    earn_waiting(&ledger, 100, "delivered", "r-1").await;
    ledger.program.advance_to("2026-01-21T00:00:00Z").await;
    ledger
        .client()
        .activate_points(request(&ledger, "delivered", "r-2"))
        .await
        .unwrap();
    assert_eq!(
        ledger.balance(None).await.next_expiry_at,
        Some(at("2026-02-20T00:00:00Z"))
    );
}

#[tokio::test]
async fn points_wait_for_an_instant_or_for_an_event_and_not_for_both() {
    let ledger = Ledger::with(wallet("points")).await;
    let request = pb::EarnPointsRequest {
        activates_on: "delivered".to_owned(),
        activates_at: Some(at("2026-02-01T00:00:00Z")),
        ..ledger.earn_request(1, "r-1")
    };
    let refused = refusal(ledger.client().earn_points(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    assert_eq!(refused.fields, ["activates_on"]);
}
