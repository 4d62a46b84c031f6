//! Points that lapse soon: an activity that is recorded by itself when the points service tells of them.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use common::shard::Shard;
use futures::future::join_all;
use harness::{Program, at, suite};
use proto::{
    campaign as pb,
    member::AdvanceClockRequest,
    points::{self, EarnPointsRequest, PublishWalletRequest, expiry_policy::Policy},
};
use tonic::Code;

use crate::reports::{activities, kind, on, two_replicas, waiting};
use crate::support::{Shop, accrual, publish_accrual, publish_campaign, when, worth};

/// Publishes a wallet whose points live to the end of the month after next, and which tells of it.
async fn publish_telling(program: &Program, code: &str, expiry_notice_days: Vec<i32>) {
    let end = points::ExpiryAtPeriodEnd {
        period: points::Period::Month.into(),
        after_months: 2,
        after_days: 0,
    };
    let wallet = points::Wallet {
        code: code.to_owned(),
        display_name: "Points".to_owned(),
        unit: "point".to_owned(),
        expiry: Some(points::ExpiryPolicy {
            policy: Some(Policy::AtPeriodEnd(end)),
        }),
        overdraft: points::OverdraftPolicy::Forbid.into(),
        expiry_notice_days,
        ..points::Wallet::default()
    };
    let request = PublishWalletRequest {
        request_id: format!("telling-{code}"),
        wallet: Some(wallet),
        effective_from: None,
    };
    program.wallets().publish_wallet(request).await.unwrap();
}

async fn earn(shop: &Shop, wallet: &str, points: i64, request_id: &str) {
    let request = EarnPointsRequest {
        request_id: request_id.to_owned(),
        member_id: shop.member_id.clone(),
        wallet: wallet.to_owned(),
        points,
        ..EarnPointsRequest::default()
    };
    shop.program.points().earn_points(request).await.unwrap();
}

fn attribute(name: &str, is: pb::attribute_condition::Is) -> pb::Condition {
    pb::Condition {
        condition: Some(pb::condition::Condition::Attribute(pb::AttributeCondition {
            name: name.to_owned(),
            is: Some(is),
        })),
    }
}

/// Growth points for whoever has some points in wallet "points" that lapse within a week.
async fn publish_reminder(shop: &Shop) {
    let texts = vec!["points".to_owned()];
    let conditions = vec![
        attribute("wallet", pb::attribute_condition::Is::OneOf(pb::Texts { texts })),
        attribute("points", pb::attribute_condition::Is::AtLeast(20)),
        attribute("days", pb::attribute_condition::Is::AtMost(7)),
    ];
    let all = pb::condition::Condition::All(pb::Conditions { conditions });
    crate::support::publish_wallet(&shop.program, "growth").await;
    let growth = pb::Accrual {
        code: "growth".to_owned(),
        wallet: "growth".to_owned(),
        rate: None,
        ..accrual()
    };
    publish_accrual(&shop.program, "growth", growth).await.unwrap();
    let mut reminder = when(all, on(pb::ReportedKind::PointsExpiring, "reminder", 5));
    reminder.effects[0].accrual = "growth".to_owned();
    publish_campaign(&shop.program, "reminder", reminder).await.unwrap();
}

/// What was recorded of points that lapse soon: its attributes, and what it is worth. The latest first.
async fn reminders(shop: &Shop) -> Vec<(Vec<(String, String)>, i64)> {
    let all = activities(shop).await;
    let ours = all.iter().filter(|activity| kind(activity) == "points-expiring");
    let with_attributes = ours.map(|activity| {
        assert!(activity.request_id.starts_with("points-"), "{}", activity.request_id);
        let Some(pb::activity_input::Activity::Custom(custom)) = &activity.input.as_ref().unwrap().activity else {
            panic!("it is no custom activity")
        };
        let mut attributes: Vec<_> = custom.attributes.clone().into_iter().collect();
        attributes.sort();
        (attributes, worth(activity))
    });
    with_attributes.collect()
}

fn attributes(days: &str, points: &str, wallet: &str) -> Vec<(String, String)> {
    let pairs = [
        ("days", days),
        ("on", "2026-03-31"),
        ("points", points),
        ("wallet", wallet),
    ];
    pairs.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}

async fn has_growth(shop: &Shop, points: i64) {
    for _ in 0..200 {
        if shop.available_in("growth").await == points {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the member has not {points} of growth");
}

#[tokio::test]
async fn whoever_has_points_that_lapse_soon_is_thought_of_where_a_campaign_asks_for_them() {
    let shop = Shop::open().await;
    publish_reminder(&shop).await;
    for wallet in ["points", "miles"] {
        publish_telling(&shop.program, wallet, vec![30, 7]).await;
        earn(&shop, wallet, 40, wallet).await;
    }
    let few = shop.neighbour().await;
    earn(&few, "points", 19, "few").await;
    shop.program.advance_to("2026-03-01T05:00:00Z").await;
    let mut first = reminders(&shop).await;
    first.sort();
    assert_eq!(
        first,
        [
            (attributes("30", "40", "miles"), 0),
            (attributes("30", "40", "points"), 0)
        ]
    );
    shop.program.advance_to("2026-03-24T04:00:00Z").await;
    assert_eq!(reminders(&shop).await.len(), 4);
    assert!(reminders(&shop).await.contains(&(attributes("7", "40", "points"), 5)));
    has_growth(&shop, 5).await;
    assert_eq!(few.available_in("growth").await, 0);
    shop.program.advance_to("2026-04-24T04:00:00Z").await;
    assert_eq!((reminders(&shop).await.len(), reminders(&few).await.len()), (4, 2));
}

#[tokio::test]
async fn what_no_campaign_is_for_is_not_recorded() {
    let shop = Shop::open().await;
    publish_telling(&shop.program, "miles", vec![7]).await;
    earn(&shop, "miles", 40, "r-1").await;
    shop.program.advance_to("2026-03-24T04:00:00Z").await;
    assert!(activities(&shop).await.is_empty());
    assert_eq!(waiting(&shop, &mut suite().database().await).await, 0);
}

#[tokio::test]
async fn replicas_think_of_everybody_once() {
    let [suite, other] = two_replicas();
    let shop = Shop::of(suite.program().await).await;
    publish_reminder(&shop).await;
    publish_telling(&shop.program, "points", vec![7]).await;
    let members = join_all((0..20).map(|_| shop.neighbour())).await;

    join_all(members.iter().map(|member| earn(member, "points", 40, "r-1"))).await;
    let advance = |program: Program, request_id: &'static str, to: &'static str| async move {
        let request = AdvanceClockRequest {
            request_id: request_id.to_owned(),
            to: Some(at(to)),
            await_effects: true,
        };
        // On a busy machine that may take longer than a call does; then it is asked again.
        while let Err(status) = program.programs().advance_clock(request.clone()).await {
            assert_eq!(status.code(), Code::DeadlineExceeded);
        }
    };
    let elsewhere = shop.program.at(other.channel());
    let to = "2026-03-29T12:00:00Z";
    tokio::join!(
        advance(shop.program.clone(), "one", to),
        advance(elsewhere.clone(), "other", to)
    );
    // Whoever told nothing knows what was told.
    advance(shop.program.clone(), "day", "2026-03-30T12:00:00Z").await;
    advance(elsewhere, "hour", "2026-03-30T13:00:00Z").await;
    for member in &members {
        has_growth(member, 5).await;
        assert_eq!(reminders(member).await, [(attributes("2", "40", "points"), 5)]);
    }
    assert_eq!(waiting(&shop, &mut suite.database().await).await, 0);
}

#[tokio::test]
async fn what_the_ledger_does_besides_is_passed_over_without_a_write_for_each() {
    let shop = Shop::open().await;
    let shard = Shard::of(
        shop.program.program_id.parse().unwrap(),
        shop.member_id.parse().unwrap(),
    );
    let mut database = suite().database().await;
    let (began, mut places, mut entries) = (Instant::now(), BTreeSet::new(), 0);
    while entries < 100 || began.elapsed() < Duration::from_millis(2_500) {
        entries += 1;
        earn(&shop, "points", 1, &format!("r-{entries}")).await;
        let place = sqlx::query_scalar("select seq from campaign.cursor where source = 'points' and shard = $1");
        let place: Option<i64> = place.bind(shard.get()).fetch_optional(&mut database).await.unwrap();
        places.insert(place);
    }
    // Once a second, and now and then for a notice of another test.
    let most = 10 + began.elapsed().as_secs() as usize;
    assert!(
        (2..=most).contains(&places.len()),
        "{} places of {entries}",
        places.len()
    );
}
