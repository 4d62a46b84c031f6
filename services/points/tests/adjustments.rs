//! Points given and taken by hand, with four eyes: who may, how much, and when.

use harness::refusal;
use proto::points as pb;
use tonic::Code;
use uuid::Uuid;

use crate::adjusting::{adjustable, adjustments, approve, attempts, by, client, proposal, propose, reject};

#[tokio::test]
async fn what_one_proposes_and_another_approves_is_posted_once_and_explained() {
    let ledger = adjustable().await;
    ledger.earn(100, "r-1").await;
    let credit = propose(&ledger, "ann", 300, "p-1").await;
    assert_eq!(
        (credit.state(), credit.proposed_by.as_str()),
        (pb::AdjustmentState::Open, "ann")
    );
    assert_eq!(ledger.available().await, 100, "a proposal moves nothing");
    let first = approve(&ledger, "bob", &credit, "a-1").await.unwrap().into_inner();
    let again = approve(&ledger, "bob", &credit, "a-1").await.unwrap().into_inner();
    assert_eq!(first, again);
    let (approved, entry) = (first.adjustment.unwrap(), first.entry.unwrap());
    assert_eq!(
        (approved.state(), approved.decided_by.as_str()),
        (pb::AdjustmentState::Approved, "bob")
    );
    assert_eq!(entry.reference, format!("adjustment:{}", credit.adjustment_id));
    assert_eq!((entry.points, entry.kind()), (300, pb::EntryKind::Earn));
    assert_eq!(approved.entry_id, entry.entry_id);
    let debit = propose(&ledger, "ann", -150, "p-2").await;
    let taken = approve(&ledger, "bob", &debit, "a-2")
        .await
        .unwrap()
        .into_inner()
        .entry
        .unwrap();
    assert_eq!((taken.points, taken.kind()), (150, pb::EntryKind::Spend));
    assert_eq!(ledger.available().await, 250);
    let any = adjustments(&ledger, pb::AdjustmentState::Unspecified).await;
    assert_eq!(any, [debit.adjustment_id.clone(), credit.adjustment_id.clone()]);
    assert!(adjustments(&ledger, pb::AdjustmentState::Open).await.is_empty());
}

#[tokio::test]
async fn nobody_approves_what_they_proposed_and_nobody_adjusts_their_own_account() {
    let ledger = adjustable().await;
    let adjustment = propose(&ledger, "ann", 10, "p-1").await;
    let refused = refusal(approve(&ledger, "ann", &adjustment, "a-1").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::PermissionDenied, "SAME_PERSON")
    );
    let again = refusal(approve(&ledger, "ann", &adjustment, "a-1").await);
    assert_eq!(again.reason, "SAME_PERSON", "a refusal is remembered");
    let own = |request: pb::ProposeAdjustmentRequest| {
        let mut request = by("mem", request);
        request
            .metadata_mut()
            .insert("loyalty-member", ledger.member_id.parse().unwrap());
        request
    };
    let refused = refusal(
        client(&ledger)
            .propose_adjustment(own(proposal(&ledger, 10, "p-2")))
            .await,
    );
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::PermissionDenied, "OWN_ACCOUNT")
    );
    let mut request = by(
        "mem",
        pb::ApproveAdjustmentRequest {
            request_id: "a-2".to_owned(),
            member_id: ledger.member_id.clone(),
            adjustment_id: adjustment.adjustment_id.clone(),
            proposal_hash: adjustment.proposal_hash.clone(),
        },
    );
    request
        .metadata_mut()
        .insert("loyalty-member", ledger.member_id.parse().unwrap());
    let refused = refusal(client(&ledger).approve_adjustment(request).await);
    assert_eq!(refused.reason, "OWN_ACCOUNT");
    assert_eq!(ledger.available().await, 0);
    let told = attempts(&ledger).await;
    let told: Vec<_> = told
        .iter()
        .map(|(act, who, why)| (*act, who.as_str(), why.as_str()))
        .collect();
    let expected = [
        (pb::AdjustmentAct::Propose, "ann", ""),
        (pb::AdjustmentAct::Approve, "ann", "SAME_PERSON"),
        (pb::AdjustmentAct::Propose, "mem", "OWN_ACCOUNT"),
        (pb::AdjustmentAct::Approve, "mem", "OWN_ACCOUNT"),
    ];
    assert_eq!(told, expected, "every attempt is recorded, once");
}

#[tokio::test]
async fn an_approval_is_of_what_was_seen_and_only_while_it_is_open() {
    let ledger = adjustable().await;
    let adjustment = propose(&ledger, "ann", 10, "p-1").await;
    let other = pb::Adjustment {
        proposal_hash: "0".repeat(64),
        ..adjustment.clone()
    };
    let refused = refusal(approve(&ledger, "bob", &other, "a-1").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::Aborted, "PROPOSAL_DIFFERS")
    );
    let unknown = pb::Adjustment {
        adjustment_id: Uuid::now_v7().to_string(),
        ..adjustment.clone()
    };
    let refused = refusal(approve(&ledger, "bob", &unknown, "a-2").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "ADJUSTMENT_NOT_FOUND")
    );
    let another = pb::Adjustment {
        member_id: ledger.another().await.member_id,
        ..adjustment.clone()
    };
    let refused = refusal(approve(&ledger, "bob", &another, "a-2").await);
    assert_eq!(
        refused.reason, "ADJUSTMENT_NOT_FOUND",
        "another member has no such adjustment"
    );
    let rejected = reject(&ledger, "ann", &adjustment, "x-1").await.unwrap().into_inner();
    assert_eq!(rejected.adjustment.unwrap().state(), pb::AdjustmentState::Rejected);
    let refused = refusal(approve(&ledger, "bob", &adjustment, "a-3").await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "ADJUSTMENT_NOT_OPEN")
    );
    assert_eq!(refused.metadata["state"], "REJECTED");
    let late = propose(&ledger, "ann", 10, "p-2").await;
    ledger.program.advance_to("2026-01-02T05:00:00Z").await;
    for refused in [
        refusal(approve(&ledger, "bob", &late, "a-4").await),
        refusal(reject(&ledger, "bob", &late, "x-2").await),
    ] {
        assert_eq!(
            (refused.reason.as_str(), refused.metadata["state"].as_str()),
            ("ADJUSTMENT_NOT_OPEN", "EXPIRED")
        );
    }
    assert_eq!(ledger.available().await, 0);
}

#[tokio::test]
async fn a_person_adjusts_no_more_than_a_day_allows_however_many_ask_at_once() {
    let ledger = adjustable().await;
    let members = [ledger.another().await, ledger.another().await, ledger.another().await];
    let over = refusal(
        client(&ledger)
            .propose_adjustment(by("ann", proposal(&ledger, -501, "p-0")))
            .await,
    );
    assert_eq!(
        (over.code, over.reason.as_str()),
        (Code::FailedPrecondition, "OPERATOR_LIMIT")
    );
    assert_eq!(
        (over.metadata["limit"].as_str(), over.metadata["asked"].as_str()),
        ("500", "501")
    );
    let asked = (0..24).map(|number| {
        let request = by("ann", proposal(&members[number % 3], 100, &format!("p-{number}")));
        let mut client = client(&ledger);
        async move { client.propose_adjustment(request).await }
    });
    let answers = futures::future::join_all(asked).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 8, "8 times 100 are 800");
    for refused in refused {
        assert_eq!(refusal(refused).reason, "OPERATOR_LIMIT");
    }
    let adjustments = done
        .into_iter()
        .map(|done| done.unwrap().into_inner().adjustment.unwrap());
    let asked = adjustments.enumerate().map(|(number, adjustment)| {
        let ledger = &ledger;
        async move { approve(ledger, "bob", &adjustment, &format!("a-{number}")).await }
    });
    assert!(futures::future::join_all(asked).await.iter().all(Result::is_ok));
    let carl = propose(&ledger, "carl", 100, "p-1").await;
    let refused = refusal(approve(&ledger, "bob", &carl, "a-1").await);
    assert_eq!(
        (refused.reason.as_str(), refused.metadata["used"].as_str()),
        ("OPERATOR_LIMIT", "800")
    );
    ledger.program.advance_to("2026-01-02T04:59:59Z").await;
    assert_eq!(
        refusal(approve(&ledger, "bob", &carl, "a-2").await).reason,
        "OPERATOR_LIMIT"
    );
    ledger.program.advance_to("2026-01-02T05:00:00Z").await;
    propose(&ledger, "ann", 500, "p-2").await;
}
