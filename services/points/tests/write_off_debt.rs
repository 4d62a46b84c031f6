use harness::refusal;
use proto::points as pb;
use tonic::Code;

use crate::support::{Answer, Ledger, wallet};

async fn write_off(ledger: &Ledger, points: i64, request_id: &str) -> Answer<pb::WriteOffDebtResponse> {
    let request = pb::WriteOffDebtRequest {
        request_id: request_id.to_owned(),
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        points,
        reason_code: "goodwill".to_owned(),
    };
    ledger.client().write_off_debt(request).await
}

/// A member who owes 70 points.
async fn indebted() -> Ledger {
    let ledger = Ledger::open().await;
    let earned = ledger.earn(100, "r-1").await;
    ledger.spend(70, "r-2").await;
    ledger.reverse(&earned.entry_id, 0, "r-3").await;
    ledger
}

#[tokio::test]
async fn a_debt_is_forgiven_in_parts_or_whole() {
    let ledger = indebted().await;
    let entry = write_off(&ledger, 30, "r-4").await.unwrap().into_inner().entry.unwrap();
    assert_eq!(
        (entry.kind(), entry.points, entry.reference.as_str()),
        (pb::EntryKind::WriteOff, 30, "goodwill")
    );
    assert_eq!(ledger.amounts().await.debt, 40);
    write_off(&ledger, 0, "r-5").await.unwrap();
    assert_eq!(ledger.amounts().await.debt, 0);
    ledger.earn(10, "r-6").await;
    assert_eq!(ledger.available().await, 10);
}

#[tokio::test]
async fn nobody_forgives_more_than_is_owed() {
    let ledger = indebted().await;
    let refused = refusal(write_off(&ledger, 71, "r-4").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "MORE_THAN_OWED")
    );
    assert_eq!(
        (refused.metadata["owed"].as_str(), refused.metadata["asked"].as_str()),
        ("70", "71")
    );
    assert_eq!(ledger.amounts().await.debt, 70);
}

#[tokio::test]
async fn a_debt_grows_to_the_limit_of_the_wallet_and_the_rest_is_waived() {
    let limited = pb::Wallet {
        debt_limit: 50,
        ..wallet("points")
    };
    let ledger = Ledger::with(limited).await;
    let earned = ledger.earn(100, "r-1").await;
    ledger.spend(70, "r-2").await;
    let reversed = ledger.reverse(&earned.entry_id, 0, "r-3").await;
    assert_eq!((reversed.debt_points, reversed.lost_points), (50, 20));
}

#[tokio::test]
async fn only_what_is_pending_is_taken_back_where_the_wallet_says_so() {
    let gentle = pb::Wallet {
        overdraft: pb::OverdraftPolicy::PendingOnly.into(),
        ..wallet("points")
    };
    let ledger = Ledger::with(gentle).await;
    let earned = ledger.earn(100, "r-1").await;
    let reversed = ledger.reverse(&earned.entry_id, 0, "r-2").await;
    assert_eq!((reversed.lost_points, reversed.after.unwrap().available), (100, 100));
}
