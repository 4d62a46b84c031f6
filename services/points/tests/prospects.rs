//! Prospects, who have not joined: they earn, and what they earned is theirs when they join.

use harness::refusal;
use proto::points as pb;
use tonic::Code;

use crate::support::{Answer, Ledger, wallet};

fn is_not_allowed<T: std::fmt::Debug>(answer: Answer<T>) -> bool {
    let refused = refusal(answer);
    let status = refused.metadata.get("status").map(String::as_str);
    (refused.code, refused.reason.as_str(), status)
        == (Code::FailedPrecondition, "MEMBER_NOT_ALLOWED", Some("PROSPECT"))
}

#[tokio::test]
async fn a_prospect_earns_and_neither_spends_nor_holds_nor_transfers_before_they_join() {
    let member = Ledger::with(pb::Wallet {
        transfer: pb::TransferPolicy::KeepDates.into(),
        ..wallet("points")
    })
    .await;
    let prospect = Ledger {
        program: member.program.clone(),
        member_id: member.program.prospect().await,
    };
    prospect.earn(100, "r-1").await;
    member.earn(100, "r-1").await;
    assert_eq!(prospect.available().await, 100);

    let transfer = |from: &Ledger, to: &Ledger| pb::TransferPointsRequest {
        request_id: "r-2".to_owned(),
        member_id: from.member_id.clone(),
        wallet: "points".to_owned(),
        to_member_id: to.member_id.clone(),
        points: 10,
        reference: String::new(),
    };
    let gives = transfer(&prospect, &member);
    assert!(is_not_allowed(prospect.try_spend(10, "r-2").await));
    assert!(is_not_allowed(prospect.try_hold(10, "r-3").await));
    assert!(is_not_allowed(prospect.client().transfer_points(gives.clone()).await));
    let takes = transfer(&member, &prospect);
    let declined = refusal(member.client().transfer_points(takes).await);
    assert_eq!(declined.reason, "TRANSFER_DECLINED");
    assert_eq!(declined.metadata["because"], "MEMBER_NOT_ALLOWED");

    prospect.program.joins(&prospect.member_id).await;
    prospect.spend(10, "r-2").await;
    let gives = pb::TransferPointsRequest {
        request_id: "r-4".to_owned(),
        ..gives
    };
    prospect.client().transfer_points(gives).await.unwrap();
    assert_eq!((prospect.available().await, member.available().await), (80, 110));
}
