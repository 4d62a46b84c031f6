//! A ladder as retailers have them, members who buy, and short words for both.

use harness::{Program, at, purchase, suite};
use proto::{
    campaign::{ActivityInput, RecordActivityRequest, Return, activity_input::Activity},
    tier::{
        Benefits, DowngradePolicy, GetMemberTierRequest, Ladder, Level, ListTierChangesRequest, MemberTier, Metric,
        MetricWindow, PublishLadderRequest, PublishLadderResponse, Requirement, RequirementSet, Review,
        RollingDaysWindow, TierChange, metric_window::Window,
    },
    value::Ratio,
};
use uuid::Uuid;

/// The ladder that the tests publish: standard, silver from 100 dollars in 365 days, gold from 500; reviewed yearly, one level down.
pub fn status() -> Ladder {
    Ladder {
        code: "status".to_owned(),
        display_name: "Status".to_owned(),
        levels: vec![
            level("standard", None),
            level("silver", Some(10_000)),
            level("gold", Some(50_000)),
        ],
        review: Some(Review {
            after_months: 12,
            downgrade: DowngradePolicy::OneLevel.into(),
        }),
    }
}

/// A level that asks for spend in 365 days, or for nothing.
pub fn level(code: &str, at_least: Option<i64>) -> Level {
    let window = MetricWindow {
        window: Some(Window::RollingDays(RollingDaysWindow { days: 365 })),
    };
    let requirement = |at_least| Requirement {
        metric: Metric::Spend.into(),
        window: Some(window),
        at_least,
    };
    let ways = at_least.map(|at_least| RequirementSet {
        all_of: vec![requirement(at_least)],
    });
    let benefits = Benefits {
        accrual_factor: Some(Ratio { num: 6, den: 5 }),
        discount_per_mille: 50,
        entitlements: vec!["free-shipping".to_owned()],
    };
    Level {
        code: code.to_owned(),
        display_name: code.to_uppercase(),
        any_of: ways.into_iter().collect(),
        benefits: Some(benefits),
    }
}

/// A request to publish a ladder.
pub fn publication(ladder: Ladder) -> PublishLadderRequest {
    PublishLadderRequest {
        request_id: Uuid::now_v7().to_string(),
        ladder: Some(ladder),
        effective_from: None,
    }
}

/// Publishes a ladder.
pub async fn publish(program: &Program, ladder: Ladder) -> PublishLadderResponse {
    program
        .ladders()
        .publish_ladder(publication(ladder))
        .await
        .expect("the ladder is published")
        .into_inner()
}

/// A program with the ladder and a member.
pub async fn program_with_member() -> (Program, String) {
    let program = suite().program().await;
    publish(&program, status()).await;
    let member_id = program.enrolled().await;
    (program, member_id)
}

/// Buys something and waits for every consequence.
pub async fn buys(program: &Program, member_id: &str, order_id: &str, minor_units: i64) {
    let bought = Activity::Purchase(purchase(order_id, minor_units));
    records(program, member_id, order_id, bought).await;
}

/// Returns the whole of an order and waits for every consequence.
pub async fn returns(program: &Program, member_id: &str, order_id: &str) {
    let returned = Return {
        order_id: order_id.to_owned(),
        lines: Vec::new(),
    };
    records(
        program,
        member_id,
        &format!("return-{order_id}"),
        Activity::Return(returned),
    )
    .await;
}

async fn records(program: &Program, member_id: &str, request_id: &str, activity: Activity) {
    let input = ActivityInput {
        member_id: member_id.to_owned(),
        channel: "web".to_owned(),
        activity: Some(activity),
        ..ActivityInput::default()
    };
    let request = RecordActivityRequest {
        request_id: request_id.to_owned(),
        input: Some(input),
        park_days: 0,
        await_effects: true,
    };
    program
        .activities()
        .record_activity(request)
        .await
        .expect("the activity is recorded");
}

/// Returns where a member stands.
pub async fn standing(program: &Program, member_id: &str) -> MemberTier {
    let request = GetMemberTierRequest {
        member_id: member_id.to_owned(),
        ladder: "status".to_owned(),
    };
    let response = program
        .tiers()
        .get_member_tier(request)
        .await
        .expect("the member stands somewhere");
    response.into_inner().member_tier.expect("the answer has the standing")
}

/// Returns every change of a member's level, the newest first.
pub async fn changes(program: &Program, member_id: &str) -> Vec<TierChange> {
    let request = ListTierChangesRequest {
        member_id: member_id.to_owned(),
        ..ListTierChangesRequest::default()
    };
    program
        .tiers()
        .list_tier_changes(request)
        .await
        .expect("the changes are listed")
        .into_inner()
        .tier_changes
}

/// Says what changed, the newest first, each as "CAUSE level".
pub async fn told(program: &Program, member_id: &str) -> Vec<String> {
    let tell = |change: &TierChange| {
        let cause = change
            .cause()
            .as_str_name()
            .trim_start_matches("TIER_CHANGE_CAUSE_")
            .to_owned();
        format!("{cause} {}", change.to_level)
    };
    changes(program, member_id).await.iter().map(tell).collect()
}

/// The instant at which the clock of a program of the harness starts.
pub fn start() -> prost_types::Timestamp {
    at("2026-01-01T05:00:00Z")
}
