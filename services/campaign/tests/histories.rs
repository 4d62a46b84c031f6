//! Campaigns that ask what a member has done, and campaigns for a part of the members.

use harness::refusal;
use proto::campaign as pb;

use crate::support::{Shop, bought, brought_back, did, double, fared, publish_campaign, thanks_for, when, worth};

fn has_done(kind: &str, measure: pb::HistoryMeasure, at_least: i64) -> pb::condition::Condition {
    pb::condition::Condition::History(pb::HistoryCondition {
        kind: kind.to_owned(),
        measure: measure.into(),
        window: Some(pb::history_condition::Window::Period(pb::LimitPeriod::Month.into())),
        at_least,
        at_most: None,
    })
}

#[tokio::test]
async fn spend_is_summed_up_to_the_order_that_reaches_the_mark_and_what_came_back_is_taken_off() {
    let shop = Shop::open().await;
    let mark = when(
        has_done("purchase", pb::HistoryMeasure::Spend, 30_000),
        double("three-hundred"),
    );
    publish_campaign(&shop.program, "c-1", mark).await.unwrap();
    assert_eq!(worth(&shop.buys("1", 15_000).await), 150);
    assert_eq!(worth(&shop.buys("2", 14_999).await), 149);
    let preview = shop.try_preview(bought("3", 1)).await.unwrap().into_inner();
    assert_eq!(
        preview.decision.unwrap().campaigns[0].not_fired(),
        pb::NotFiredReason::Unspecified
    );
    shop.record("back", brought_back("1", &[])).await;
    let after = shop.buys("4", 15_000).await;
    assert_eq!(
        fared(&after),
        [("three-hundred".to_owned(), pb::NotFiredReason::OtherHistory)]
    );
    let facts = after.decision.unwrap().facts.unwrap();
    let fact = &facts.histories[0];
    assert_eq!(
        (fact.since.as_str(), fact.times, fact.spend_minor_units),
        ("2026-01-01", 1, 14_999)
    );
    assert_eq!(worth(&shop.buys("5", 10_000).await), 200);
}

#[tokio::test]
async fn an_order_from_before_anybody_asked_comes_back_without_counting() {
    let shop = Shop::open().await;
    shop.buys("1", 10_000).await;
    let third = when(has_done("purchase", pb::HistoryMeasure::Times, 3), double("third"));
    publish_campaign(&shop.program, "c-1", third).await.unwrap();
    shop.buys("2", 10_000).await;
    assert_eq!(
        worth(&shop.record("back", brought_back("1", &[])).await.activity.unwrap()),
        -100
    );
    assert_eq!(worth(&shop.buys("3", 10_000).await), 100);
    assert_eq!(worth(&shop.buys("4", 10_000).await), 200);
}

#[tokio::test]
async fn what_is_done_of_one_kind_counts_for_another() {
    let shop = Shop::open().await;
    let reviewer = when(has_done("review", pb::HistoryMeasure::Days, 2), double("reviewer"));
    publish_campaign(&shop.program, "c-1", reviewer).await.unwrap();
    publish_campaign(&shop.program, "c-2", thanks_for("review", 1))
        .await
        .unwrap();
    for request_id in ["r-1", "r-2"] {
        shop.record(request_id, did("review")).await;
    }
    assert_eq!(worth(&shop.buys("1", 10_000).await), 100);
    shop.program.advance_to("2026-01-02T06:00:00Z").await;
    shop.record("r-3", did("review")).await;
    assert_eq!(worth(&shop.buys("2", 10_000).await), 200);
}

#[tokio::test]
async fn a_pilot_is_for_the_same_part_of_the_members_at_every_replica_and_time() {
    let shop = Shop::open().await;
    let half = pb::condition::Condition::Sample(pb::SampleCondition {
        sample: "pilot".to_owned(),
        from_per_mille: 0,
        until_per_mille: 500,
    });
    publish_campaign(&shop.program, "c-1", when(half, double("pilot")))
        .await
        .unwrap();
    let mut in_pilot = 0;
    for _ in 0..12 {
        let shop = shop.neighbour().await;
        let first = shop.buys("1", 10_000).await;
        let fact = first.decision.as_ref().unwrap().facts.as_ref().unwrap().samples[0].clone();
        assert_eq!(worth(&first), if fact.per_mille < 500 { 200 } else { 100 });
        assert_eq!(worth(&shop.buys("2", 10_000).await), worth(&first));
        in_pilot += u32::from(fact.per_mille < 500);
    }
    // All or none of twelve would be so in one of two thousand runs.
    assert!((1..12).contains(&in_pilot));
}

#[tokio::test]
async fn what_other_services_report_counts_where_it_is_asked_about_though_no_campaign_is_for_it() {
    let shop = Shop::open().await;
    let newcomers = when(has_done("enrolment", pb::HistoryMeasure::Times, 1), double("newcomers"));
    publish_campaign(&shop.program, "c-1", newcomers).await.unwrap();
    let newcomer = shop.neighbour().await;
    for number in 0..200 {
        if worth(&newcomer.buys(&number.to_string(), 10_000).await) == 200 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the enrolment is not counted");
}

#[tokio::test]
async fn nobody_purchases_by_a_custom_activity() {
    let shop = Shop::open().await;
    for kind in ["purchase", "return"] {
        let refused = refusal(shop.try_record(kind, did(kind)).await);
        assert_eq!(refused.fields, ["input.custom.kind"]);
        let refused = refusal(publish_campaign(&shop.program, kind, thanks_for(kind, 1)).await);
        assert_eq!(refused.fields, ["campaign.trigger.custom.kind"]);
    }
}

#[tokio::test]
async fn a_program_cannot_ask_so_much_that_every_activity_is_slow() {
    let shop = Shop::open().await;
    let asks = |from: u32, code: &str| {
        let asked = (0..3).map(|ten| {
            let conditions = (0..50).map(|one| pb::Condition {
                condition: Some(has_done(
                    &format!("kind-{}", from + 50 * ten + one),
                    pb::HistoryMeasure::Times,
                    1,
                )),
            });
            pb::Condition {
                condition: Some(pb::condition::Condition::Any(pb::Conditions {
                    conditions: conditions.collect(),
                })),
            }
        });
        let all = pb::Conditions {
            conditions: asked.collect(),
        };
        when(pb::condition::Condition::All(all), double(code))
    };
    publish_campaign(&shop.program, "c-1", asks(0, "first")).await.unwrap();
    // The same once more costs nothing, and neither does a campaign that is off.
    publish_campaign(&shop.program, "c-2", asks(0, "same")).await.unwrap();
    let off = pb::Campaign {
        paused: true,
        ..asks(150, "other")
    };
    publish_campaign(&shop.program, "c-3", off).await.unwrap();
    let refused = refusal(publish_campaign(&shop.program, "c-4", asks(150, "other")).await);
    assert_eq!(
        (refused.reason.as_str(), refused.fields),
        ("CAMPAIGN_INVALID", vec!["campaign.condition".to_owned()])
    );
}
