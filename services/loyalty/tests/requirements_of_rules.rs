//! The rows of the requirements about rules themselves: that they hold at once, and that they can be told in words.

use std::time::Duration;

use proto::campaign::{
    ExplainActivityRequest, ExplainCampaignRequest, Language, ListActivitiesRequest, ListRulesRequest,
    PublishAccrualRequest, activity_input::Activity,
};

use crate::played::{Played, line};

#[tokio::test(flavor = "multi_thread")]
async fn row_73_a_change_holds_from_the_next_purchase_on() {
    let mut played = Played::of("73-at-once").await;
    assert_eq!((played.buys(100).await, played.price(line("1", 100)).await), (100, 95));
    played.becomes("73-at-once-changed").await;
    assert_eq!((played.buys(100).await, played.price(line("1", 100)).await), (200, 90));
    assert_eq!(
        [played.gives_back(1).await, played.gives_back(2).await],
        [-100, -200],
        "an order goes by the rules of its time for ever"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn row_73_what_a_level_gives_changes_for_those_who_are_on_it() {
    let mut played = Played::of("73-at-once").await;
    played.buys(1_000).await;
    assert_eq!((played.level().await.as_str(), played.buys(100).await), ("silver", 120));
    played.becomes("73-at-once-changed").await;
    let earns = async |points: i64| {
        let quoted = played.quote(line("1", 1_000)).await.decision.expect("a quote has it");
        quoted.awards[0].points == points
    };
    // 900 yuan are left to pay. What another service publishes is known soon.
    for _ in 0..200 {
        if earns(900 * 3).await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(played.buys(100).await, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_73_what_was_bought_before_a_change_and_told_after_it_goes_by_the_old_rules() {
    let mut played = Played::of("73-at-once").await;
    played.at("2026-01-10T00:00:00").await;
    played.becomes("73-at-once-changed").await;
    let mut earned = Vec::new();
    for time in ["2026-01-09T23:59:59", "2026-01-10T00:00:00"] {
        let order = played.order(vec![line("1", 100)]);
        earned.push(played.does_on(time, Activity::Purchase(order)).await);
    }
    assert_eq!(earned, [100, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_73_a_change_of_the_future_does_not_hold_yet() {
    let mut played = Played::of("73-at-once").await;
    let listed = played
        .rules()
        .list_rules(ListRulesRequest::default())
        .await
        .unwrap()
        .into_inner();
    let mut accrual = listed.accrual_versions[0].accrual.clone().unwrap();
    accrual.rate.as_mut().unwrap().points = 3;
    let publish = PublishAccrualRequest {
        request_id: "february".to_owned(),
        accrual: Some(accrual),
        effective_from: Some(harness::at("2026-02-01T00:00:00+08:00")),
    };
    played.rules().publish_accrual(publish).await.unwrap();
    let mut earned = vec![played.buys(100).await];
    for time in ["2026-01-31T23:59:59", "2026-02-01T00:00:00"] {
        played.at(time).await;
        earned.push(played.buys(100).await);
    }
    assert_eq!(earned, [100, 100, 300]);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_41_a_rule_is_told_in_words() {
    let played = Played::of("48-spend-in-campaign").await;
    let told = async |language: Language| {
        let request = ExplainCampaignRequest {
            campaign: "five-thousand".to_owned(),
            language: language.into(),
        };
        let explained = played.rules().explain_campaign(request).await;
        explained.unwrap().into_inner().sentences
    };
    assert_eq!(
        told(Language::Unspecified).await,
        [
            "Campaign five-thousand: 三月累计消费满5000元.",
            "It is for purchases.",
            "It runs from 2026-03-01 00:00 until 2026-04-01 00:00.",
            "It applies if with this the member has done \"purchase\" at least for 5000.00 CNY since 2026-03-01.",
            "It gives the next level on status.",
            "A member has it at most once in all.",
        ]
    );
    assert_eq!(
        told(Language::Chinese).await,
        [
            "活动 five-thousand：三月累计消费满5000元。",
            "适用于消费。",
            "自 2026-03-01 00:00 起，至 2026-04-01 00:00 止。",
            "条件：自 2026-03-01 起“purchase”（含本次）不少于 5000.00 元。",
            "赠送 status 的等级上升 1 级。",
            "每位会员活动期间最多 1 次。",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn row_41_what_an_order_earned_is_told_in_words() {
    let mut played = Played::of("25-double-days").await;
    played.at("2026-01-08T12:00:00").await;
    assert_eq!(played.buys(100).await, 200);
    let list = ListActivitiesRequest {
        member_id: played.member.clone(),
        ..ListActivitiesRequest::default()
    };
    let listed = played.clients.activities(0).list_activities(list).await.unwrap();
    let activity_id = &listed.into_inner().activities[0].activity_id;
    for (language, expected) in [
        (
            Language::Unspecified,
            [
                "Campaign every-eighth (version 1) applied.",
                "Campaign every-eighth brought 100 points.",
                "Campaign national-day (version 1) did not apply: it did not run at that time.",
                "Wallet points is credited with 200 points.",
            ],
        ),
        (
            Language::Chinese,
            [
                "活动 every-eighth（第 1 版）生效。",
                "活动 every-eighth 带来 100 分。",
                "活动 national-day（第 1 版）未生效：当时不在活动时间内。",
                "points 增加 200 分。",
            ],
        ),
    ] {
        let request = ExplainActivityRequest {
            member_id: played.member.clone(),
            activity_id: activity_id.clone(),
            language: language.into(),
        };
        let explained = played.clients.activities(0).explain_activity(request).await;
        let sentences = explained.unwrap().into_inner().sentences;
        for sentence in expected {
            assert!(
                sentences.iter().any(|told| told == sentence),
                "{sentence}\n{sentences:#?}"
            );
        }
    }
}
