//! Days in a row: what they bring whenever they become known, also when many become known at once, and how missing ones are made up for.

use harness::{at, refusal};
use proto::campaign as pb;
use tonic::Code;

use crate::support::{Shop, did, fared, publish_campaign, thanks_for, worth};

/// A campaign that brings 1 point for the first day in a row, 2 for the second and 5 for each that follows, and 100 for five days of a month.
fn check_ins() -> pb::Campaign {
    let streak = pb::StreakEffect {
        points_by_day: vec![1, 2, 5],
        end: pb::StreakEnd::Stay.into(),
        within: pb::LimitPeriod::Month.into(),
        milestones: vec![pb::Milestone { days: 5, points: 100 }],
    };
    let effect = pb::Effect {
        accrual: "base".to_owned(),
        effect: Some(pb::effect::Effect::Streak(streak)),
        ..pb::Effect::default()
    };
    pb::Campaign {
        effects: vec![effect],
        make_up: Some(pb::MakeUp {
            kind: "make-up".to_owned(),
            days_per_month: 1,
        }),
        ..thanks_for("check-in", 1)
    }
}

async fn shop_with(campaign: pb::Campaign) -> Shop {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", campaign).await.unwrap();
    shop.program.advance_to("2026-01-20T12:00:00Z").await;
    shop
}

/// Does something at noon of a day in New York.
async fn does(shop: &Shop, kind: &str, day: u32) -> pb::Activity {
    let input = pb::ActivityInput {
        occurred_at: Some(at(&format!("2026-01-{day:02}T17:00:00Z"))),
        ..shop.input(did(kind))
    };
    let recorded = shop.try_input(&format!("{kind}-{day}"), input).await;
    recorded.expect("it can be recorded").into_inner().activity.unwrap()
}

#[tokio::test]
async fn a_late_day_joins_two_streaks_and_the_receipt_says_how() {
    let shop = shop_with(check_ins()).await;
    let mut brought = Vec::new();
    for day in [2, 3, 5, 6] {
        brought.push(worth(&does(&shop, "check-in", day).await));
    }
    let late = does(&shop, "check-in", 4).await;
    assert_eq!((brought, worth(&late)), (vec![1, 2, 1, 2], 12 + 100));
    assert_eq!(shop.available().await, 118);
    let fact = &late.decision.unwrap().facts.unwrap().streaks[0];
    assert_eq!(
        (
            fact.campaign.as_str(),
            fact.days_before,
            fact.days_after,
            fact.other_days
        ),
        ("check-in", 2, 2, 4)
    );
    let again = pb::VerifyDecisionRequest {
        member_id: shop.member_id.clone(),
        activity_id: late.activity_id,
    };
    let verified = shop.program.activities().verify_decision(again).await.unwrap();
    assert_eq!(verified.into_inner().outcome(), pb::VerifyOutcome::Same);
}

#[tokio::test]
async fn many_days_that_become_known_at_once_bring_what_they_would_have_one_by_one() {
    let shop = shop_with(check_ins()).await;
    let days = (1..=18).map(|day| does(&shop, "check-in", day));
    let days = futures::future::join_all(days).await;
    let brought: i64 = days.iter().map(worth).sum();
    let one_by_one = 1 + 2 + 16 * 5 + 100;
    assert_eq!((brought, shop.available().await), (one_by_one, one_by_one));
}

#[tokio::test]
async fn a_missing_day_is_made_up_for_once_a_month() {
    let shop = shop_with(check_ins()).await;
    for day in [2, 4, 6] {
        does(&shop, "check-in", day).await;
    }
    assert_eq!(worth(&does(&shop, "make-up", 3).await), 1 + 2 + 5 - 2);
    let refused = does(&shop, "make-up", 5).await;
    let none_left = [("check-in".to_owned(), pb::NotFiredReason::NoMakeUpLeft)];
    assert_eq!((worth(&refused), fared(&refused)), (0, none_left.to_vec()));
}

#[tokio::test]
async fn a_streak_that_sinks_or_is_made_up_for_by_what_it_counts_is_refused() {
    let shop = Shop::open().await;
    let mut campaign = check_ins();
    campaign.make_up.as_mut().unwrap().kind = "check-in".to_owned();
    if let Some(pb::effect::Effect::Streak(streak)) = &mut campaign.effects[0].effect {
        streak.points_by_day = vec![2, 1];
        streak.milestones[0].days = 32;
    }
    let refused = refusal(publish_campaign(&shop.program, "c-1", campaign).await);
    assert_eq!(refused.code, Code::InvalidArgument);
    assert_eq!(
        refused.fields,
        [
            "campaign.effects[0].streak.points_by_day",
            "campaign.effects[0].streak.milestones",
            "campaign.make_up.kind"
        ]
    );
}
