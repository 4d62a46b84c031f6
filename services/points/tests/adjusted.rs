//! What becomes of adjustments that are not what they should be, and of those that are.

use harness::refusal;
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::{
    adjusting::{adjustable, approve, by, client, proposal, propose},
    support::{Ledger, wallet},
};

#[tokio::test]
async fn what_the_wallet_does_not_know_or_the_account_does_not_have_is_refused() {
    let ledger = adjustable().await;
    let request = pb::ProposeAdjustmentRequest {
        reason_code: "friendship".to_owned(),
        ..proposal(&ledger, 10, "p-1")
    };
    let refused = refusal(client(&ledger).propose_adjustment(by("ann", request)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "REASON_CODE_UNKNOWN")
    );
    assert_eq!(refused.metadata["known"], "complaint,mistake");
    let debit = propose(&ledger, "ann", -10, "p-2").await;
    let refused = refusal(approve(&ledger, "bob", &debit, "a-1").await);
    assert_eq!(refused.reason, "INSUFFICIENT_POINTS");
    ledger.earn(10, "r-1").await;
    approve(&ledger, "bob", &debit, "a-2").await.unwrap();
    let plain = Ledger::open().await;
    let refused = refusal(
        client(&plain)
            .propose_adjustment(by("ann", proposal(&plain, 10, "p-1")))
            .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "ADJUSTMENTS_FORBIDDEN")
    );
    let nobody = pb::ProposeAdjustmentRequest {
        member_id: Uuid::now_v7().to_string(),
        ..proposal(&ledger, 10, "p-1")
    };
    let refused = refusal(client(&ledger).propose_adjustment(by("ann", nobody)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ACCOUNT_NOT_FOUND")
    );
    let keys = ["p-1", "p-2", "a-1", "a-2"].map(|request_id| pb::RequestKey {
        member_id: ledger.member_id.clone(),
        request_id: request_id.to_owned(),
    });
    let request = pb::ReconcileRequestsRequest { keys: keys.to_vec() };
    let outcomes = ledger
        .client()
        .reconcile_requests(request)
        .await
        .unwrap()
        .into_inner()
        .outcomes;
    let took_effect: Vec<_> = outcomes
        .iter()
        .map(|outcome| (outcome.took_effect, outcome.entry_ids.len()))
        .collect();
    assert_eq!(took_effect, [(false, 0), (true, 0), (false, 0), (true, 1)]);
}

#[tokio::test]
async fn a_request_id_is_one_persons() {
    let ledger = adjustable().await;
    let adjustment = propose(&ledger, "ann", 10, "p-1").await;
    assert_eq!(
        refusal(approve(&ledger, "ann", &adjustment, "a-1").await).reason,
        "SAME_PERSON"
    );
    let refused = refusal(approve(&ledger, "bob", &adjustment, "a-1").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::AlreadyExists, "REQUEST_ID_REUSED")
    );
    approve(&ledger, "bob", &adjustment, "a-2").await.unwrap();
    let refused = refusal(approve(&ledger, "eve", &adjustment, "a-2").await);
    assert_eq!(
        refused.reason, "REQUEST_ID_REUSED",
        "what bob did is not told to eve as her own"
    );
}

#[tokio::test]
async fn what_two_people_decided_is_posted_to_the_letter_whatever_the_caps() {
    let policy = pb::AdjustmentPolicy {
        reason_codes: vec!["complaint".to_owned()],
        ..pb::AdjustmentPolicy::default()
    };
    let caps = pb::Caps {
        balance: 100,
        earning: 50,
        debit: 20,
        ..pb::Caps::default()
    };
    let ledger = Ledger::with(pb::Wallet {
        adjustments: Some(policy),
        caps: Some(caps),
        ..wallet("points")
    })
    .await;
    let credit = propose(&ledger, "ann", 5_000, "p-1").await;
    let entry = approve(&ledger, "bob", &credit, "a-1")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!((entry.points, entry.lost_points), (5_000, 0));
    let debit = propose(&ledger, "ann", -4_000, "p-2").await;
    approve(&ledger, "bob", &debit, "a-2").await.unwrap();
    assert_eq!(ledger.available().await, 1_000);
}

#[tokio::test]
async fn a_proposal_that_was_changed_in_the_database_is_not_posted() {
    let ledger = adjustable().await;
    let (small, large) = (
        propose(&ledger, "ann", 10, "p-1").await,
        propose(&ledger, "ann", 400, "p-2").await,
    );
    let mut database = harness::suite().database().await;
    let swapped = "update points.adjustment as mine set body = theirs.body from points.adjustment as theirs
                    where mine.adjustment_id = $1::uuid and theirs.adjustment_id = $2::uuid";
    let changed = sqlx::query(swapped)
        .bind(&small.adjustment_id)
        .bind(&large.adjustment_id)
        .execute(&mut database)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    for (number, hash) in [&small.proposal_hash, &large.proposal_hash].into_iter().enumerate() {
        let seen = pb::Adjustment {
            proposal_hash: hash.clone(),
            ..small.clone()
        };
        let refused = refusal(approve(&ledger, "bob", &seen, &format!("a-{number}")).await);
        assert_eq!(refused.reason, "PROPOSAL_DIFFERS");
    }
    assert_eq!(ledger.available().await, 0);
}
