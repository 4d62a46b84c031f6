//! Birthdays: an activity that is recorded by itself when the day begins, and a condition for any other.

use std::time::Duration;

use harness::{Program, at, refusal, suite};
use proto::{
    campaign::{self as pb, BirthdayWindow},
    member::{AdvanceClockRequest, EnrollMemberRequest, Profile},
};
use tonic::Code;

use crate::reports::{activities, kind, on, two_replicas, waiting};
use crate::support::{Shop, add_points, bought, brought_back, double, fared, publish_campaign, when, worth};

/// Enrols somebody who was born on a day, into the same shop.
async fn born(shop: &Shop, day: &str) -> Shop {
    let request = EnrollMemberRequest {
        request_id: uuid::Uuid::now_v7().to_string(),
        channel: "web".to_owned(),
        profile: Some(Profile {
            birth_date: day.to_owned(),
            ..Profile::default()
        }),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = shop.program.members().enroll_member(request).await.unwrap();
    Shop {
        program: shop.program.clone(),
        member_id: enrolled.into_inner().member.unwrap().member_id,
    }
}

fn near(window: BirthdayWindow) -> pb::condition::Condition {
    pb::condition::Condition::Birthday(pb::BirthdayCondition { window: window.into() })
}

fn gift(points: i64) -> pb::Campaign {
    on(pb::ReportedKind::Birthday, "gift", points)
}

/// Buys for 10 dollars at a time that has passed.
async fn bought_at(shop: &Shop, order_id: &str, occurred_at: &str) -> pb::Activity {
    let input = pb::ActivityInput {
        occurred_at: Some(at(occurred_at)),
        ..shop.input(bought(order_id, 1_000))
    };
    let recorded = shop.try_input(order_id, input).await.expect("it can be recorded");
    recorded.into_inner().activity.unwrap()
}

/// When the birthdays of a member began, the earliest first.
async fn birthdays(shop: &Shop) -> Vec<prost_types::Timestamp> {
    let all = activities(shop).await;
    let birthdays = all.iter().filter(|activity| kind(activity) == "birthday");
    let mut began: Vec<_> = birthdays
        .map(|activity| activity.input.as_ref().unwrap().occurred_at.unwrap())
        .collect();
    began.sort_by_key(|at| at.seconds);
    began
}

async fn has(shop: &Shop, points: i64) {
    for _ in 0..200 {
        if shop.available().await == points {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the member has {} and not {points}", shop.available().await);
}

#[tokio::test]
async fn a_gift_comes_at_the_midnight_at_which_the_day_begins_and_once_a_year() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", gift(50)).await.unwrap();
    let member = born(&shop, "1990-05-20").await;
    shop.program.advance_to("2026-05-20T03:59:59Z").await;
    assert_eq!(birthdays(&member).await, []);
    shop.program.advance_to("2026-05-20T04:00:00Z").await;
    assert_eq!(birthdays(&member).await, [at("2026-05-20T04:00:00Z")]);
    has(&member, 50).await;
    shop.program.advance_to("2026-06-30T04:00:00Z").await;
    assert_eq!(birthdays(&member).await.len(), 1);
    assert_eq!(birthdays(&shop).await, [], "nobody knows when");
}

#[tokio::test]
async fn a_clock_that_jumps_over_years_brings_every_gift() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", gift(50)).await.unwrap();
    let members = [born(&shop, "1990-05-20").await, born(&shop, "1996-02-29").await];
    shop.program.advance_to("2028-12-31T12:00:00Z").await;
    let expected = [
        ["2026-05-20T04:00:00Z", "2027-05-20T04:00:00Z", "2028-05-20T04:00:00Z"],
        ["2026-03-01T05:00:00Z", "2027-03-01T05:00:00Z", "2028-02-29T05:00:00Z"],
    ];
    for (member, days) in members.iter().zip(expected) {
        assert_eq!(birthdays(member).await, days.map(at));
        has(member, 150).await;
    }
}

#[tokio::test]
async fn whether_a_campaign_is_for_it_is_asked_when_the_day_begins() {
    let shop = Shop::open().await;
    let (may, july) = (born(&shop, "1990-05-20").await, born(&shop, "1990-07-20").await);
    shop.program.advance_to("2026-07-05T12:00:00Z").await;
    assert_eq!(birthdays(&may).await, []);
    // It is told already that July's is near, but not yet over.
    publish_campaign(&shop.program, "c-1", gift(50)).await.unwrap();
    shop.program.advance_to("2026-07-20T12:00:00Z").await;
    assert_eq!((birthdays(&may).await.len(), birthdays(&july).await.len()), (0, 1));
    assert_eq!(waiting(&shop, &mut suite().database().await).await, 0);
}

#[tokio::test]
async fn whoever_enrols_on_the_day_has_it_and_whoever_comes_later_has_its_month() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", gift(50)).await.unwrap();
    publish_campaign(&shop.program, "c-2", when(near(BirthdayWindow::Month), double("month")))
        .await
        .unwrap();
    shop.program.advance_to("2026-05-20T15:00:00Z").await;
    let (today, yesterday) = (born(&shop, "1990-05-20").await, born(&shop, "1990-05-19").await);
    assert_eq!(birthdays(&today).await, [at("2026-05-20T04:00:00Z")]);
    assert_eq!(birthdays(&yesterday).await, []);
    for member in [&today, &yesterday] {
        assert_eq!(worth(&member.buys(&member.member_id, 1_000).await), 20);
    }
    assert_eq!(worth(&shop.buys("1", 1_000).await), 10);
}

#[tokio::test]
async fn purchases_are_near_a_birthday_by_day_week_and_month_in_the_programs_zone() {
    let shop = Shop::open().await;
    for (code, window) in [
        ("day", BirthdayWindow::Day),
        ("week", BirthdayWindow::Week),
        ("month", BirthdayWindow::Month),
    ] {
        publish_campaign(&shop.program, code, when(near(window), double(code)))
            .await
            .unwrap();
    }
    // A Wednesday.
    let member = born(&shop, "1990-05-20").await;
    shop.program.advance_to("2026-06-10T12:00:00Z").await;
    for (order_id, occurred_at, campaigns) in [
        ("1", "2026-05-01T03:59:59Z", vec![]),
        ("2", "2026-05-01T04:00:00Z", vec!["month"]),
        ("3", "2026-05-18T04:00:00Z", vec!["month", "week"]),
        ("4", "2026-05-20T03:59:59Z", vec!["month", "week"]),
        ("5", "2026-05-20T04:00:00Z", vec!["day", "month", "week"]),
        ("6", "2026-05-21T03:59:59Z", vec!["day", "month", "week"]),
        ("7", "2026-05-25T04:00:00Z", vec!["month"]),
        ("8", "2026-06-01T04:00:00Z", vec![]),
    ] {
        let purchase = bought_at(&member, order_id, occurred_at).await;
        let fared = fared(&purchase);
        let (fired, not): (Vec<_>, Vec<_>) = fared
            .into_iter()
            .partition(|(_, reason)| *reason == pb::NotFiredReason::Unspecified);
        let mut fired: Vec<String> = fired.into_iter().map(|(campaign, _)| campaign).collect();
        fired.sort();
        assert_eq!(fired, campaigns, "{occurred_at}");
        assert!(
            not.iter().all(|(_, reason)| *reason == pb::NotFiredReason::NotBirthday),
            "{not:?}"
        );
        assert_eq!(worth(&purchase), 10 + 10 * campaigns.len() as i64);
        let facts = purchase.decision.unwrap().facts.unwrap();
        assert_eq!(facts.birthday_on, "2026-05-20");
    }
    let nobody_knows = shop.buys("1", 1_000).await;
    assert_eq!(worth(&nobody_knows), 10);
    assert_eq!(nobody_knows.decision.unwrap().facts.unwrap().birthday_on, "");
}

#[tokio::test]
async fn what_a_birthday_purchase_brought_is_taken_back_after_the_birthday_and_verifies() {
    let shop = Shop::open().await;
    let day = pb::Campaign {
        effects: vec![add_points(70)],
        ..when(near(BirthdayWindow::Day), double("day"))
    };
    publish_campaign(&shop.program, "c-1", day).await.unwrap();
    let member = born(&shop, "1990-05-20").await;
    shop.program.advance_to("2026-05-20T12:00:00Z").await;
    let purchase = member.buys("1", 1_000).await;
    assert_eq!(worth(&purchase), 80);
    // The birthday of the next year is told by then.
    shop.program.advance_to("2027-05-10T12:00:00Z").await;
    let half = member
        .record("half", brought_back("1", &[("1", 500)]))
        .await
        .activity
        .unwrap();
    assert_eq!(worth(&half), -5);
    let rest = member.record("rest", brought_back("1", &[])).await.activity.unwrap();
    assert_eq!(worth(&rest), -75);
    for activity in [purchase, half, rest] {
        let request = pb::VerifyDecisionRequest {
            member_id: member.member_id.clone(),
            activity_id: activity.activity_id,
        };
        let verified = member.program.activities().verify_decision(request).await.unwrap();
        assert_eq!(verified.into_inner().outcome(), pb::VerifyOutcome::Same);
    }
}

#[tokio::test]
async fn facts_of_the_birthday_are_kept_only_where_a_campaign_of_that_kind_asks() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", gift(50)).await.unwrap();
    publish_campaign(&shop.program, "c-2", when(near(BirthdayWindow::Day), double("day")))
        .await
        .unwrap();
    let member = born(&shop, "1990-01-01").await;
    let gift = activities(&member).await.remove(0);
    assert_eq!(gift.decision.unwrap().facts.unwrap().birthday_on, "");
    let purchase = member.buys("1", 1_000).await;
    assert_eq!(purchase.decision.unwrap().facts.unwrap().birthday_on, "2026-01-01");
}

#[tokio::test]
async fn a_campaign_for_birthdays_need_not_ask_whether_it_is_one() {
    let shop = Shop::open().await;
    let asks = when(near(BirthdayWindow::Day), gift(50));
    let refused = refusal(publish_campaign(&shop.program, "c-1", asks).await);
    assert_eq!(
        (refused.code, refused.fields),
        (Code::InvalidArgument, vec!["campaign.condition.birthday".to_owned()])
    );
    let without_window = when(near(BirthdayWindow::Unspecified), double("day"));
    let refused = refusal(publish_campaign(&shop.program, "c-2", without_window).await);
    assert_eq!(
        (refused.code, refused.fields),
        (
            Code::InvalidArgument,
            vec!["campaign.condition.birthday.window".to_owned()]
        )
    );
}

#[tokio::test]
async fn it_is_told_in_words() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", gift(50)).await.unwrap();
    publish_campaign(&shop.program, "c-2", when(near(BirthdayWindow::Week), double("week")))
        .await
        .unwrap();
    let told = async |campaign: &str, language: pb::Language| {
        let request = pb::ExplainCampaignRequest {
            campaign: campaign.to_owned(),
            language: language.into(),
        };
        let explained = shop.program.rules().explain_campaign(request).await.unwrap();
        explained.into_inner().sentences
    };
    assert_eq!(
        told("gift", pb::Language::Unspecified).await[1],
        "It is for whoever has a birthday."
    );
    assert_eq!(told("gift", pb::Language::Chinese).await[1], "适用于过生日的会员。");
    assert_eq!(
        told("week", pb::Language::Unspecified).await[2],
        "It applies if it is the week of the member's birthday."
    );
    assert_eq!(told("week", pb::Language::Chinese).await[2], "条件：会员生日所在周。");

    let member = born(&shop, "1990-05-20").await;
    shop.program.advance_to("2026-05-02T12:00:00Z").await;
    let purchase = member.buys("1", 1_000).await;
    let why = async |language: pb::Language| {
        let request = pb::ExplainActivityRequest {
            member_id: member.member_id.clone(),
            activity_id: purchase.activity_id.clone(),
            language: language.into(),
        };
        let explained = member.program.activities().explain_activity(request).await.unwrap();
        explained.into_inner().sentences.join(" ")
    };
    let english = why(pb::Language::Unspecified).await;
    assert!(
        english.contains("The member has their birthday on 2026-05-20."),
        "{english}"
    );
    assert!(
        english.contains("did not apply: it was not around the member's birthday."),
        "{english}"
    );
    let chinese = why(pb::Language::Chinese).await;
    assert!(chinese.contains("会员生日为 2026-05-20。"), "{chinese}");
    assert!(chinese.contains("未生效：不在会员生日期间。"), "{chinese}");
}

#[tokio::test]
async fn a_member_who_is_frozen_on_the_day_gets_nothing() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", gift(50)).await.unwrap();
    let member = born(&shop, "1990-05-20").await;
    shop.program.advance_to("2026-05-02T12:00:00Z").await;
    member.freeze().await;
    shop.program.advance_to("2026-05-21T12:00:00Z").await;
    assert_eq!(birthdays(&member).await, []);
    assert_eq!(waiting(&shop, &mut suite().database().await).await, 0);
}

#[tokio::test]
async fn two_replicas_give_every_gift_once() {
    let [suite, other] = two_replicas();
    let shop = Shop::of(suite.program().await).await;
    publish_campaign(&shop.program, "c-1", gift(7)).await.unwrap();
    let mut members = Vec::new();
    for n in 1..=20 {
        members.push(born(&shop, &format!("1990-{:02}-{:02}", 1 + n % 12, 1 + n % 28)).await);
    }
    let advance = |program: Program, request_id: &'static str| async move {
        let request = AdvanceClockRequest {
            request_id: request_id.to_owned(),
            to: Some(at("2027-12-31T12:00:00Z")),
            await_effects: true,
        };
        program.programs().advance_clock(request).await.unwrap();
    };
    let elsewhere = shop.program.at(other.channel());
    tokio::join!(advance(shop.program.clone(), "one"), advance(elsewhere, "other"));
    for member in &members {
        has(member, 14).await;
        let mut began = birthdays(member).await;
        began.dedup();
        assert_eq!(began.len(), 2);
    }
    assert_eq!(waiting(&shop, &mut suite.database().await).await, 0);
}

#[tokio::test]
async fn a_preview_knows_whose_birthday_it_is() {
    let shop = Shop::open().await;
    publish_campaign(&shop.program, "c-1", when(near(BirthdayWindow::Month), double("month")))
        .await
        .unwrap();
    let member = born(&shop, "1990-05-20").await;
    let previewed = async || {
        let preview = member.try_preview(bought("1", 1_000)).await.unwrap().into_inner();
        let decision = preview.decision.unwrap();
        decision.awards.iter().map(|award| award.points).sum::<i64>()
    };
    assert_eq!(previewed().await, 10);
    shop.program.advance_to("2026-05-01T04:00:00Z").await;
    assert_eq!(previewed().await, 20);
}
