use harness::{at, refusal};
use proto::{
    campaign::{ActivityInput, RecordActivityRequest, activity_input::Activity},
    rewards_catalog::{self as pb, UnavailableReason},
    tier::{
        DowngradePolicy, Ladder, Level, LifetimeWindow, Metric, MetricWindow, PublishLadderRequest, Requirement,
        RequirementSet, Review, metric_window::Window,
    },
};
use tonic::Code;
use uuid::Uuid;

use crate::shop::{Shop, mug, price};

#[tokio::test]
async fn a_reward_that_can_be_had_is_available_at_its_price() {
    let shop = Shop::open().await;
    let quote = shop.quote("mug").await;
    assert_eq!(
        quote,
        pb::QuoteRedemptionResponse {
            available: true,
            obstacles: vec![],
            price: Some(price(100))
        }
    );
}

#[tokio::test]
async fn everything_that_stands_in_the_way_is_named_with_its_numbers() {
    let shop = Shop::empty().await;
    let opens_at = at("2026-02-01T00:00:00Z");
    let eligibility = pb::Eligibility {
        ladder: "status".to_owned(),
        levels: vec!["gold".to_owned()],
        start: Some(opens_at),
        ..pb::Eligibility::default()
    };
    let reward = pb::Reward {
        paused: true,
        price: Some(price(300)),
        eligibility: Some(eligibility),
        ..mug()
    };
    shop.publish(reward).await;
    shop.freeze().await;
    let because = |reason: UnavailableReason| pb::Obstacle {
        reason: reason.into(),
        ..pb::Obstacle::default()
    };
    let quote = shop.quote("mug").await;
    assert!(!quote.available);
    let expected = [
        because(UnavailableReason::Paused),
        because(UnavailableReason::MemberNotAllowed),
        pb::Obstacle {
            opens_at: Some(opens_at),
            ..because(UnavailableReason::OutsideWindow)
        },
        pb::Obstacle {
            levels: vec!["gold".to_owned()],
            ..because(UnavailableReason::LevelRequired)
        },
        because(UnavailableReason::OutOfStock),
        pb::Obstacle {
            missing_points: 50,
            ..because(UnavailableReason::InsufficientPoints)
        },
    ];
    assert_eq!(quote.obstacles, expected);
}

#[tokio::test]
async fn a_window_opens_and_closes_with_the_clock_of_the_program() {
    let shop = Shop::empty().await;
    let (start, end) = (Some(at("2026-02-01T00:00:00Z")), Some(at("2026-03-01T00:00:00Z")));
    let eligibility = pb::Eligibility {
        start,
        end,
        ..pb::Eligibility::default()
    };
    shop.publish(pb::Reward {
        eligibility: Some(eligibility),
        ..mug()
    })
    .await;
    shop.stock_up("mug", 1).await;
    assert_eq!(shop.quote("mug").await.obstacles[0].opens_at, start);
    shop.program.advance_to("2026-02-01T00:00:00Z").await;
    assert!(shop.quote("mug").await.available);
    shop.program.advance_to("2026-03-01T00:00:00Z").await;
    let over = shop.quote("mug").await.obstacles;
    assert_eq!(
        (over[0].reason(), over[0].opens_at),
        (UnavailableReason::OutsideWindow, None)
    );
}

#[tokio::test]
async fn a_level_opens_a_reward_as_soon_as_it_is_reached() {
    let shop = Shop::open().await;
    publish_ladder(&shop).await;
    let eligibility = pb::Eligibility {
        ladder: "status".to_owned(),
        levels: vec!["gold".to_owned()],
        ..pb::Eligibility::default()
    };
    shop.publish(pb::Reward {
        eligibility: Some(eligibility),
        ..mug()
    })
    .await;
    let before = shop.quote("mug").await.obstacles;
    assert_eq!(
        before.iter().map(pb::Obstacle::reason).collect::<Vec<_>>(),
        [UnavailableReason::LevelRequired]
    );
    buy(&shop, 10_000).await;
    assert!(shop.quote("mug").await.available);
    assert_eq!(shop.redeem("r-1", "mug").await.state(), pb::RedemptionState::Fulfilled);
}

#[tokio::test]
async fn a_quote_needs_a_reward_and_a_member_who_exist() {
    let shop = Shop::open().await;
    let ask = async |member_id: String, reward: &str| {
        let request = pb::QuoteRedemptionRequest {
            member_id,
            reward: reward.to_owned(),
        };
        refusal(shop.redemptions().quote_redemption(request).await)
    };
    let refused = ask(shop.member_id.clone(), "tea").await;
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "REWARD_NOT_FOUND")
    );
    let stranger = Uuid::now_v7().to_string();
    let refused = ask(stranger.clone(), "mug").await;
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "MEMBER_NOT_FOUND")
    );
    assert_eq!(refused.metadata["member_id"], stranger);
    let refused = ask("me".to_owned(), "").await;
    assert_eq!((refused.code, refused.fields.len()), (Code::InvalidArgument, 2));
}

/// Publishes a ladder whose upper level asks for 100 dollars.
async fn publish_ladder(shop: &Shop) {
    let level = |code: &str, any_of| Level {
        code: code.to_owned(),
        display_name: code.to_uppercase(),
        any_of,
        benefits: None,
    };
    let window = MetricWindow {
        window: Some(Window::Lifetime(LifetimeWindow {})),
    };
    let spend = Requirement {
        metric: Metric::Spend.into(),
        window: Some(window),
        at_least: 10_000,
    };
    let ladder = Ladder {
        code: "status".to_owned(),
        display_name: "Status".to_owned(),
        levels: vec![
            level("standard", vec![]),
            level("gold", vec![RequirementSet { all_of: vec![spend] }]),
        ],
        review: Some(Review {
            after_months: 12,
            downgrade: DowngradePolicy::Never.into(),
        }),
    };
    let request = PublishLadderRequest {
        request_id: "ladder".to_owned(),
        ladder: Some(ladder),
        effective_from: None,
    };
    shop.program
        .ladders()
        .publish_ladder(request)
        .await
        .expect("a ladder can be published");
}

/// Buys something, and waits for every consequence.
async fn buy(shop: &Shop, minor_units: i64) {
    let input = ActivityInput {
        member_id: shop.member_id.clone(),
        channel: "web".to_owned(),
        activity: Some(Activity::Purchase(harness::purchase("order-1", minor_units))),
        ..ActivityInput::default()
    };
    let request = RecordActivityRequest {
        request_id: "order-1".to_owned(),
        input: Some(input),
        park_days: 0,
        await_effects: true,
    };
    shop.program
        .activities()
        .record_activity(request)
        .await
        .expect("a purchase can be recorded");
}
