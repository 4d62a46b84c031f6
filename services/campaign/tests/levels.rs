use std::time::Duration;

use proto::{
    campaign as pb,
    tier::{
        self, Benefits, Ladder, Level, LifetimeWindow, Metric, MetricWindow, PublishLadderRequest, Requirement,
        RequirementSet, Review, metric_window::Window,
    },
    value::Ratio,
};

use crate::reports::two_replicas;
use crate::support::{Shop, bought, did, double, publish_campaign, thanks_for, when, worth};

/// Publishes a ladder of which gold is reached by spending 100 dollars, and multiplies by a factor.
pub async fn publish_ladder(shop: &Shop, request_id: &str, num: i64, den: i64) {
    let window = MetricWindow {
        window: Some(Window::Lifetime(LifetimeWindow {})),
    };
    let spend = Requirement {
        metric: Metric::Spend.into(),
        window: Some(window),
        at_least: 10_000,
    };
    let level = |code: &str, any_of, accrual_factor| Level {
        code: code.to_owned(),
        display_name: code.to_owned(),
        any_of,
        benefits: Some(Benefits {
            accrual_factor,
            ..Benefits::default()
        }),
    };
    let ladder = Ladder {
        code: "status".to_owned(),
        display_name: "Status".to_owned(),
        levels: vec![
            level("standard", vec![], None),
            level(
                "gold",
                vec![RequirementSet { all_of: vec![spend] }],
                Some(Ratio { num, den }),
            ),
        ],
        review: Some(Review {
            after_months: 12,
            downgrade: tier::DowngradePolicy::Never.into(),
        }),
    };
    let request = PublishLadderRequest {
        request_id: request_id.to_owned(),
        ladder: Some(ladder),
        effective_from: None,
    };
    shop.program
        .ladders()
        .publish_ladder(request)
        .await
        .expect("a ladder can be published");
}

/// Buys something and waits for every consequence.
pub async fn buys_and_waits(shop: &Shop, order_id: &str, cents: i64) -> pb::Activity {
    let request = pb::RecordActivityRequest {
        request_id: order_id.to_owned(),
        input: Some(shop.input(bought(order_id, cents))),
        park_days: 0,
        await_effects: true,
    };
    shop.program
        .activities()
        .record_activity(request)
        .await
        .unwrap()
        .into_inner()
        .activity
        .unwrap()
}

#[tokio::test]
async fn a_level_that_was_reached_counts_from_the_next_purchase_on() {
    let shop = Shop::open().await;
    publish_ladder(&shop, "ladder", 6, 5).await;
    let on_gold = pb::condition::Condition::Level(pb::LevelCondition {
        ladder: "status".to_owned(),
        levels: vec!["gold".to_owned()],
    });
    publish_campaign(&shop.program, "c-1", when(on_gold, double("gold")))
        .await
        .unwrap();
    let member_id = shop.program.enrolled().await;
    let shop = Shop { member_id, ..shop };
    let first = buys_and_waits(&shop, "1", 10_000).await;
    let second = buys_and_waits(&shop, "2", 10_000).await;
    assert_eq!([worth(&first), worth(&second)], [100, 220]);
    let facts = second.decision.unwrap().facts.unwrap();
    let gold = pb::LevelFact {
        discount_per_mille: 0,
        ladder: "status".to_owned(),
        level: "gold".to_owned(),
        accrual_factor: Some(Ratio { num: 6, den: 5 }),
    };
    assert_eq!(
        (facts.levels, facts.purchases_before, facts.zone.as_str()),
        (vec![gold], 1, "America/New_York")
    );
    assert_eq!(first.decision.unwrap().campaigns, []);
}

#[tokio::test]
async fn whichever_replica_takes_a_level_in_it_is_known_where_it_was_waited_for() {
    let [suite, other] = two_replicas();
    let shop = Shop::of(suite.program().await).await;
    publish_ladder(&shop, "ladder", 2, 1).await;
    for number in 0..8 {
        let replica = if number % 2 == 0 { suite } else { other };
        let shop = Shop {
            member_id: shop.program.enrolled().await,
            program: shop.program.at(replica.channel()),
        };
        assert_eq!(would_earn(&shop, 1_000).await, 10);
        let bought = tokio::time::timeout(Duration::from_secs(10), buys_and_waits(&shop, "1", 10_000));
        bought.await.expect("nobody waits for what another replica took in");
        assert_eq!(would_earn(&shop, 1_000).await, 20);
    }
}

/// Asks what a purchase would earn.
async fn would_earn(shop: &Shop, cents: i64) -> i64 {
    let previewed = shop.try_preview(bought("asked", cents)).await.unwrap();
    let awards = previewed.into_inner().decision.unwrap().awards;
    awards.iter().map(|award| award.points).sum()
}

#[tokio::test]
async fn a_level_multiplies_by_what_its_ladder_says_now() {
    let shop = Shop::open().await;
    publish_ladder(&shop, "ladder", 6, 5).await;
    let shop = Shop {
        member_id: shop.program.enrolled().await,
        ..shop
    };
    buys_and_waits(&shop, "1", 10_000).await;
    shop.program.advance_to("2026-02-01T00:00:00Z").await;
    publish_ladder(&shop, "ladder-2", 2, 1).await;
    shop.program.advance_to("2026-02-02T00:00:00Z").await;
    assert_eq!(worth(&buys_and_waits(&shop, "2", 10_000).await), 200);
}

#[tokio::test]
async fn a_level_that_a_campaign_gave_multiplies_until_it_is_over() {
    let shop = Shop::open().await;
    publish_ladder(&shop, "ladder", 2, 1).await;
    let shop = Shop {
        member_id: shop.program.enrolled().await,
        ..shop
    };
    let gold = pb::grant::Grant::Level(pb::LevelGrant {
        ladder: "status".to_owned(),
        to: Some(pb::level_grant::To::LevelsUp(1)),
        lasts_days: 1,
    });
    let lift = pb::Campaign {
        effects: Vec::new(),
        grants: vec![pb::Grant {
            grant: Some(gold),
            cost_minor_units: 0,
        }],
        ..thanks_for("share", 0)
    };
    publish_campaign(&shop.program, "c-1", lift).await.unwrap();
    let request = pb::RecordActivityRequest {
        request_id: "share".to_owned(),
        input: Some(shop.input(did("share"))),
        park_days: 0,
        await_effects: true,
    };
    shop.program.activities().record_activity(request).await.unwrap();
    assert_eq!(worth(&buys_and_waits(&shop, "1", 1_000).await), 20);
    shop.program.advance_to("2026-01-03T05:00:00Z").await;
    assert_eq!(worth(&buys_and_waits(&shop, "2", 1_000).await), 10);
}
