use harness::{at, refusal, suite};
use proto::{
    tier::{GetMemberTierRequest, NextLevel, Progress},
    value::Ratio,
};
use tonic::Code;
use uuid::Uuid;

use crate::status::{buys, program_with_member, publish, returns, standing, start, status};

#[tokio::test]
async fn everybody_starts_on_the_lowest_level_which_cannot_be_lost() {
    let (program, member_id) = program_with_member().await;
    let tier = standing(&program, &member_id).await;
    assert_eq!(
        (tier.member_id.as_str(), tier.ladder.as_str()),
        (member_id.as_str(), "status")
    );
    assert_eq!(
        (tier.level.as_str(), tier.rank, tier.since, tier.valid_until),
        ("standard", 0, Some(start()), None)
    );
    let NextLevel { level, any_of } = tier.next.unwrap();
    let missing: Vec<_> = any_of[0]
        .all_of
        .iter()
        .map(|progress| (progress.current, progress.missing))
        .collect();
    assert_eq!((level.as_str(), missing), ("silver", vec![(0, 10_000)]));
}

#[tokio::test]
async fn a_level_is_entered_with_the_purchase_that_earns_it() {
    let (program, member_id) = program_with_member().await;
    program.advance_to("2026-03-05T17:00:00Z").await;
    buys(&program, &member_id, "o1", 12_000).await;
    let tier = standing(&program, &member_id).await;
    assert_eq!((tier.level.as_str(), tier.rank), ("silver", 1));
    assert_eq!(
        (tier.since, tier.valid_until),
        (Some(at("2026-03-05T17:00:00Z")), Some(at("2027-03-05T17:00:00Z")))
    );
    let benefits = tier.benefits.unwrap();
    assert_eq!(
        (benefits.accrual_factor, benefits.discount_per_mille),
        (Some(Ratio { num: 6, den: 5 }), 50)
    );
    assert_eq!(benefits.entitlements, ["free-shipping"]);
    let Progress { current, missing, .. } = tier.next.unwrap().any_of[0].all_of[0];
    assert_eq!((current, missing), (12_000, 38_000));
}

#[tokio::test]
async fn the_highest_level_has_no_next() {
    let (program, member_id) = program_with_member().await;
    buys(&program, &member_id, "o1", 50_000).await;
    let tier = standing(&program, &member_id).await;
    assert_eq!((tier.level.as_str(), tier.next), ("gold", None));
}

#[tokio::test]
async fn a_return_takes_off_what_counts_and_leaves_the_level() {
    let (program, member_id) = program_with_member().await;
    buys(&program, &member_id, "o1", 12_000).await;
    returns(&program, &member_id, "o1").await;
    let tier = standing(&program, &member_id).await;
    assert_eq!(tier.level, "silver");
    assert_eq!(tier.next.unwrap().any_of[0].all_of[0].current, 0);
}

#[tokio::test]
async fn a_ladder_or_a_member_that_is_not_there_is_not_found() {
    let (program, member_id) = program_with_member().await;
    let ask = |member_id: &str, ladder: &str| GetMemberTierRequest {
        member_id: member_id.to_owned(),
        ladder: ladder.to_owned(),
    };
    let refused = refusal(program.tiers().get_member_tier(ask(&member_id, "growth")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "LADDER_NOT_FOUND")
    );
    assert_eq!(refused.metadata["ladder"], "growth");
    let nobody = Uuid::now_v7().to_string();
    let refused = refusal(program.tiers().get_member_tier(ask(&nobody, "status")).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
    assert_eq!(refused.metadata["member_id"], nobody);
    let other = suite().program().await;
    publish(&other, status()).await;
    let foreign = refusal(other.tiers().get_member_tier(ask(&member_id, "status")).await);
    assert_eq!(
        (foreign.code, foreign.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
}

#[tokio::test]
async fn every_malformed_field_is_named() {
    let (program, _) = program_with_member().await;
    let request = GetMemberTierRequest {
        member_id: "nobody".to_owned(),
        ladder: String::new(),
    };
    let refused = refusal(program.tiers().get_member_tier(request).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::InvalidArgument, "INVALID_REQUEST")
    );
    assert_eq!(refused.fields, ["member_id", "ladder"]);
}
