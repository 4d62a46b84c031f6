//! Short words for what is asked of adjustments.

use proto::points::{self as pb, adjustment_service_client::AdjustmentServiceClient};
use tonic::Request;

use crate::support::{Answer, Ledger, wallet};

/// A ledger in which up to 500 points are adjusted at once, and 800 by one person in a day.
pub async fn adjustable() -> Ledger {
    let policy = pb::AdjustmentPolicy {
        reason_codes: vec!["complaint".to_owned(), "mistake".to_owned()],
        points: 500,
        points_per_operator_and_day: 800,
    };
    Ledger::with(pb::Wallet {
        adjustments: Some(policy),
        ..wallet("points")
    })
    .await
}

/// Makes a request of an operator's.
pub fn by<T>(operator: &str, request: T) -> Request<T> {
    let mut request = Request::new(request);
    request
        .metadata_mut()
        .insert("loyalty-actor", operator.parse().unwrap());
    request
}

pub fn client(ledger: &Ledger) -> AdjustmentServiceClient<harness::Client> {
    ledger.program.adjustments()
}

pub fn proposal(ledger: &Ledger, points: i64, request_id: &str) -> pb::ProposeAdjustmentRequest {
    pb::ProposeAdjustmentRequest {
        request_id: request_id.to_owned(),
        member_id: ledger.member_id.clone(),
        wallet: "points".to_owned(),
        points,
        reason_code: "complaint".to_owned(),
        reference: "ticket-7".to_owned(),
    }
}

pub async fn propose(ledger: &Ledger, operator: &str, points: i64, request_id: &str) -> pb::Adjustment {
    let request = by(operator, proposal(ledger, points, request_id));
    let answer = client(ledger).propose_adjustment(request).await;
    answer.unwrap().into_inner().adjustment.unwrap()
}

pub async fn approve(
    ledger: &Ledger,
    operator: &str,
    adjustment: &pb::Adjustment,
    request_id: &str,
) -> Answer<pb::ApproveAdjustmentResponse> {
    let request = pb::ApproveAdjustmentRequest {
        request_id: request_id.to_owned(),
        member_id: adjustment.member_id.clone(),
        adjustment_id: adjustment.adjustment_id.clone(),
        proposal_hash: adjustment.proposal_hash.clone(),
    };
    client(ledger).approve_adjustment(by(operator, request)).await
}

pub async fn reject(
    ledger: &Ledger,
    operator: &str,
    adjustment: &pb::Adjustment,
    request_id: &str,
) -> Answer<pb::RejectAdjustmentResponse> {
    let request = pb::RejectAdjustmentRequest {
        request_id: request_id.to_owned(),
        member_id: adjustment.member_id.clone(),
        adjustment_id: adjustment.adjustment_id.clone(),
    };
    client(ledger).reject_adjustment(by(operator, request)).await
}

/// Lists what was attempted, the oldest first: what, by whom, and why not.
pub async fn attempts(ledger: &Ledger) -> Vec<(pb::AdjustmentAct, String, String)> {
    let (mut page_token, mut attempts) = (String::new(), Vec::new());
    loop {
        let request = pb::ListAdjustmentAttemptsRequest {
            member_id: ledger.member_id.clone(),
            page_size: 2,
            page_token,
        };
        let page = client(ledger)
            .list_adjustment_attempts(request)
            .await
            .unwrap()
            .into_inner();
        attempts.extend(page.attempts);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    attempts.reverse();
    let told = |attempt: pb::AdjustmentAttempt| {
        assert!(attempt.recorded_at.is_some());
        (attempt.act(), attempt.operator, attempt.refused_because)
    };
    attempts.into_iter().map(told).collect()
}

pub async fn adjustments(ledger: &Ledger, state: pb::AdjustmentState) -> Vec<String> {
    let (mut page_token, mut ids) = (String::new(), Vec::new());
    loop {
        let request = pb::ListAdjustmentsRequest {
            state: state.into(),
            page_size: 1,
            page_token,
        };
        let page = client(ledger).list_adjustments(request).await.unwrap().into_inner();
        ids.extend(page.adjustments.into_iter().map(|adjustment| adjustment.adjustment_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return ids;
        }
    }
}
