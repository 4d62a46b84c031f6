use harness::{at, refusal};
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::support::{Ledger, wallet_of_days};

async fn lots(ledger: &Ledger) -> Vec<pb::Lot> {
    let request = pb::ListLotsRequest {
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
    };
    ledger.client().list_lots(request).await.unwrap().into_inner().lots
}

#[tokio::test]
async fn lots_that_hold_something_are_listed_in_the_order_in_which_they_lapse() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    let late = ledger.earn(100, "late").await;
    let request = pb::EarnPointsRequest {
        occurred_at: Some(at("2025-12-20T00:00:00Z")),
        ..ledger.earn_request(80, "soon")
    };
    let soon = ledger
        .client()
        .earn_points(request)
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    ledger.hold(90, "hold").await;
    let listed: Vec<(String, i64, i64)> = lots(&ledger)
        .await
        .into_iter()
        .map(|lot| (lot.lot_id, lot.points, lot.held_points))
        .collect();
    assert_eq!(listed, [(soon.entry_id, 0, 80), (late.entry_id, 90, 10)]);
}

#[tokio::test]
async fn a_lot_that_is_spent_or_lapsed_is_not_listed() {
    let ledger = Ledger::with(wallet_of_days(30)).await;
    ledger.earn(100, "r-1").await;
    ledger.spend(100, "r-2").await;
    ledger.earn(5, "r-3").await;
    assert_eq!(lots(&ledger).await.len(), 1);
    ledger.program.advance_to("2026-03-01T00:00:00Z").await;
    assert!(lots(&ledger).await.is_empty());
}

#[tokio::test]
async fn a_member_or_wallet_that_does_not_exist_is_not_found() {
    let ledger = Ledger::open().await;
    let nobody = pb::ListLotsRequest {
        member_id: Uuid::now_v7().to_string(),
        wallet: "points".to_owned(),
    };
    let refused = refusal(ledger.client().list_lots(nobody).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACCOUNT_NOT_FOUND")
    );
    let nothing = pb::ListLotsRequest {
        member_id: ledger.member_id.clone(),
        wallet: "growth".to_owned(),
    };
    let refused = refusal(ledger.client().list_lots(nothing).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "WALLET_NOT_FOUND")
    );
}
