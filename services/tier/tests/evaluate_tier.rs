use harness::{at, refusal};
use proto::tier::{EvaluateTierRequest, Metric, MetricGain, TierChange};
use tonic::Code;
use uuid::Uuid;

use crate::status::{buys, program_with_member, standing, told};

fn asked(member_id: &str) -> EvaluateTierRequest {
    EvaluateTierRequest {
        member_id: member_id.to_owned(),
        ladder: "status".to_owned(),
        gains: Vec::new(),
        at: None,
    }
}

fn spend(amount: i64, occurred_at: Option<&str>) -> MetricGain {
    MetricGain {
        metric: Metric::Spend.into(),
        amount,
        occurred_at: occurred_at.map(at),
    }
}

#[tokio::test]
async fn without_gains_it_tells_where_the_member_stands() {
    let (program, member_id) = program_with_member().await;
    buys(&program, &member_id, "o1", 12_000).await;
    let evaluated = program
        .tiers()
        .evaluate_tier(asked(&member_id))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(evaluated.member_tier, Some(standing(&program, &member_id).await));
    assert_eq!(evaluated.tier_changes, []);
}

#[tokio::test]
async fn what_would_come_is_told_in_order_and_nothing_is_changed() {
    let (program, member_id) = program_with_member().await;
    buys(&program, &member_id, "o1", 6_000).await;
    let mut request = asked(&member_id);
    request.gains = vec![
        spend(44_000, Some("2026-06-01T16:00:00Z")),
        spend(4_000, Some("2026-02-01T17:00:00Z")),
    ];
    request.at = Some(at("2027-07-01T00:00:00Z"));
    let evaluated = program.tiers().evaluate_tier(request).await.unwrap().into_inner();
    let tell = |change: &TierChange| format!("{} {:?}", change.to_level, change.occurred_at.unwrap().seconds);
    let expected = [
        ("silver", "2026-02-01T17:00:00Z"),
        ("gold", "2026-06-01T16:00:00Z"),
        ("silver", "2027-06-01T16:00:00Z"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(level, on)| format!("{level} {:?}", at(on).seconds))
        .collect();
    assert_eq!(evaluated.tier_changes.iter().map(tell).collect::<Vec<_>>(), expected);
    assert_eq!(evaluated.member_tier.unwrap().level, "silver");
    assert_eq!(standing(&program, &member_id).await.level, "standard");
    assert_eq!(told(&program, &member_id).await, ["ENROLLED standard"]);
}

#[tokio::test]
async fn the_past_cannot_be_evaluated() {
    let (program, member_id) = program_with_member().await;
    let request = EvaluateTierRequest {
        at: Some(at("2025-12-31T00:00:00Z")),
        ..asked(&member_id)
    };
    let refused = refusal(program.tiers().evaluate_tier(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "EVALUATED_IN_PAST")
    );
    assert_eq!(refused.metadata["clock_at"], "2026-01-01T05:00:00Z");
}

#[tokio::test]
async fn a_ladder_or_a_member_that_is_not_there_is_not_found() {
    let (program, member_id) = program_with_member().await;
    let request = EvaluateTierRequest {
        ladder: "growth".to_owned(),
        ..asked(&member_id)
    };
    let refused = refusal(program.tiers().evaluate_tier(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "LADDER_NOT_FOUND")
    );
    let refused = refusal(program.tiers().evaluate_tier(asked(&Uuid::now_v7().to_string())).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
}

#[tokio::test]
async fn every_malformed_gain_is_named() {
    let (program, member_id) = program_with_member().await;
    let mut request = asked(&member_id);
    request.gains = vec![
        spend(1, None),
        MetricGain {
            metric: 0,
            amount: 0,
            occurred_at: Some(at("1066-10-14T00:00:00Z")),
        },
    ];
    let refused = refusal(program.tiers().evaluate_tier(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    assert_eq!(
        refused.fields,
        ["gains[1].metric", "gains[1].amount", "gains[1].occurred_at"]
    );
}
