//! What happens although nobody asks: reviews, and ladders that come when members are there already.

use std::time::Duration;

use harness::{Program, at, suite};
use proto::{
    event::{SubscribeRequest, event::Payload},
    tier::{TierChangeCause, tier_event},
};

use crate::status::{buys, program_with_member, publish, standing, start, status, told};

#[tokio::test]
async fn advancing_the_clock_reviews_what_fell_due_each_at_its_own_instant() {
    let (program, member_id) = program_with_member().await;
    program.advance_to("2026-03-05T17:00:00Z").await;
    buys(&program, &member_id, "o1", 60_000).await;
    program.advance_to("2029-01-01T05:00:00Z").await;
    let down = [
        "REVIEWED_DOWN standard",
        "REVIEWED_DOWN silver",
        "QUALIFIED gold",
        "ENROLLED standard",
    ];
    assert_eq!(told(&program, &member_id).await, down);
    let tier = standing(&program, &member_id).await;
    assert_eq!(
        (tier.level.as_str(), tier.since),
        ("standard", Some(at("2028-03-05T17:00:00Z")))
    );
}

#[tokio::test]
async fn a_member_who_goes_on_buying_is_renewed() {
    let (program, member_id) = program_with_member().await;
    buys(&program, &member_id, "o1", 12_000).await;
    program.advance_to("2026-12-01T05:00:00Z").await;
    buys(&program, &member_id, "o2", 12_000).await;
    program.advance_to("2027-02-01T05:00:00Z").await;
    assert_eq!(
        told(&program, &member_id).await,
        ["RENEWED silver", "QUALIFIED silver", "ENROLLED standard"]
    );
    let tier = standing(&program, &member_id).await;
    assert_eq!(
        (tier.since, tier.valid_until),
        (Some(start()), Some(at("2028-01-01T05:00:00Z")))
    );
}

#[tokio::test]
async fn a_ladder_that_comes_later_is_joined_by_who_is_there() {
    let program = suite().program().await;
    let member_id = program.enrolled().await;
    buys(&program, &member_id, "o1", 12_000).await;
    program.advance_to("2026-02-01T05:00:00Z").await;
    publish(&program, status()).await;
    let tier = standing(&program, &member_id).await;
    assert_eq!(
        (tier.level.as_str(), tier.since),
        ("silver", Some(at("2026-02-01T05:00:00Z"))),
        "at once, for whoever reads"
    );
    let recorded = tokio::time::timeout(Duration::from_secs(20), recorded_changes(&program, 2)).await;
    assert_eq!(
        recorded.expect("the worker comes by"),
        [TierChangeCause::Enrolled, TierChangeCause::Qualified]
    );
}

/// Follows the feed until it has told as many changes of levels.
async fn recorded_changes(program: &Program, count: usize) -> Vec<TierChangeCause> {
    let request = SubscribeRequest {
        feed: "tier".to_owned(),
        ..SubscribeRequest::default()
    };
    let mut feed = program.feeds().subscribe(request).await.unwrap().into_inner();
    let mut causes = Vec::new();
    while causes.len() < count {
        for event in feed.message().await.unwrap().expect("the feed goes on").events {
            if let Some(Payload::Tier(tier)) = event.payload
                && let Some(tier_event::Event::TierChanged(changed)) = tier.event
            {
                causes.push(changed.tier_change.unwrap().cause());
            }
        }
    }
    causes
}
