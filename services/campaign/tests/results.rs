//! What campaigns bring about: counted once from every activity, by whichever replica, and taken off by returns; and how much more members spend in one part of a sample than in another.

use std::time::Duration;

use harness::{Program, refusal};
use proto::{campaign as pb, value};
use tonic::Code;

use crate::boards::{board, publish, target};
use crate::reports::two_replicas;
use crate::support::{
    Shop, add_points, bought, brought_back, did, double, from_cents, publish_campaign, thanks_for, when,
};

/// Returns what a campaign brought about in January, once it comes to so much: it is counted a moment after it is recorded.
async fn results_of(program: &Program, campaign: &str, total: (i64, i64, i64, i64)) -> pb::GetCampaignResultsResponse {
    let request = pb::GetCampaignResultsRequest {
        campaign: campaign.to_owned(),
        first_day: "2026-01-01".to_owned(),
        last_day: "2026-01-31".to_owned(),
    };
    let mut last = None;
    for _ in 0..400 {
        let results = program.results().get_campaign_results(request.clone()).await;
        let results = results.expect("they can be read").into_inner();
        if results.total.as_ref().map(told) == Some(total) {
            return results;
        }
        last = Some(results);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not come to {total:?}: {last:?}");
}

fn told(result: &pb::CampaignResult) -> (i64, i64, i64, i64) {
    (
        result.times,
        result.points,
        result.cost_minor_units,
        result.sales_minor_units,
    )
}

#[tokio::test]
async fn times_points_cost_and_sales_are_told_by_day_and_returns_are_taken_off() {
    let shop = Shop::open().await;
    let budget = pb::PublishBudgetRequest {
        request_id: "b-1".to_owned(),
        budget: Some(pb::Budget {
            code: "spring".to_owned(),
            display_name: "Spring".to_owned(),
            period: pb::BudgetPeriod::Year.into(),
            cap_minor_units: 1_000_000,
            ..pb::Budget::default()
        }),
    };
    shop.program.budgets().publish_budget(budget).await.unwrap();
    let gift = pb::Effect {
        cost_per_point: Some(value::Ratio { num: 1, den: 2 }),
        ..add_points(51)
    };
    let large = pb::Campaign {
        effects: vec![gift],
        funding: Some(pb::Funding {
            budget: "spring".to_owned(),
            on_shortage: pb::OnShortage::Reject.into(),
        }),
        ..when(from_cents(5_000), double("large"))
    };
    publish_campaign(&shop.program, "c-1", large).await.unwrap();
    publish_campaign(&shop.program, "c-2", thanks_for("review", 5))
        .await
        .unwrap();
    shop.buys("1", 10_000).await;
    shop.buys("2", 4_999).await;
    shop.buys("3", 6_000).await;
    shop.record("review", did("review")).await;
    // Repeating changes nothing, and neither does looking.
    shop.buys("1", 10_000).await;
    shop.try_preview(bought("4", 10_000)).await.unwrap();
    shop.program.advance_to("2026-01-02T17:00:00Z").await;
    shop.buys("4", 20_000).await;
    // A part leaves it in force, with less sold; the rest of the third does not.
    shop.record("part", brought_back("1", &[("1", 2_000)])).await;
    shop.record("most", brought_back("3", &[("1", 1_001)])).await;
    let results = results_of(&shop.program, "large", (2, 102, 52, 28_000)).await;
    let days: Vec<_> = results
        .days
        .iter()
        .map(|day| (day.day.as_str(), told(day.result.as_ref().unwrap())))
        .collect();
    assert_eq!(
        days,
        [("2026-01-01", (1, 51, 26, 8_000)), ("2026-01-02", (1, 51, 26, 20_000))]
    );
    assert_eq!(results.sales_per_mille_of_cost, Some(28_000 * 1_000 / 52));
    let reviews = results_of(&shop.program, "review", (1, 5, 0, 0)).await;
    assert_eq!(reviews.sales_per_mille_of_cost, None);
}

#[tokio::test]
async fn two_replicas_count_everything_once() {
    let [suite, other] = two_replicas();
    let shop = Shop::of(suite.program().await).await;
    publish_campaign(&shop.program, "c-1", double("double")).await.unwrap();
    let members: Vec<String> = futures::future::join_all((0..8).map(|_| shop.program.enrolled())).await;
    for round in 0..5 {
        let orders = members.iter().enumerate().map(|(number, member_id)| {
            let replica = if number % 2 == 0 {
                suite.channel()
            } else {
                other.channel()
            };
            let shop = Shop {
                program: shop.program.at(replica),
                member_id: member_id.clone(),
            };
            async move { shop.buys(&format!("order-{round}"), 1_000).await }
        });
        futures::future::join_all(orders).await;
    }
    results_of(&shop.program, "double", (40, 400, 0, 40_000)).await;
    // Nothing is counted once more when there is nothing new.
    tokio::time::sleep(Duration::from_secs(2)).await;
    results_of(&shop.program, "double", (40, 400, 0, 40_000)).await;
    for measure in [pb::Measure::NewMembers, pb::Measure::ActiveMembers, pb::Measure::Orders] {
        let code = measure.as_str_name().to_lowercase();
        publish(&shop.program, &code, target(&code, measure)).await.unwrap();
    }
    let mut figures: Vec<_> = board(&shop.program, None).await.iter().map(|of| of.figure).collect();
    figures.sort();
    assert_eq!(
        figures,
        [Some(8), Some(9), Some(40)],
        "eight who bought, and one who did not"
    );
}

#[tokio::test]
async fn those_who_were_left_out_count_as_well_and_the_lift_is_told_against_them() {
    let shop = Shop::open().await;
    let half = pb::condition::Condition::Sample(pb::SampleCondition {
        sample: "pilot".to_owned(),
        from_per_mille: 0,
        until_per_mille: 500,
    });
    publish_campaign(&shop.program, "c-1", when(half, double("pilot")))
        .await
        .unwrap();
    let (mut inside, mut outside) = (0, 0);
    for _ in 0..16 {
        let shop = shop.neighbour().await;
        let activity = shop.buys("1", 1_000).await;
        let place = activity.decision.unwrap().facts.unwrap().samples[0].per_mille;
        if place < 500 {
            // Those in the pilot buy once more for as much again.
            shop.buys("2", 1_000).await;
            inside += 2;
        } else {
            outside += 1;
        }
    }
    let arm = |name: &str, from_per_mille, until_per_mille| pb::Arm {
        name: name.to_owned(),
        from_per_mille,
        until_per_mille,
    };
    let request = pb::GetLiftRequest {
        sample: "pilot".to_owned(),
        arms: vec![arm("left out", 500, 1_000), arm("pilot", 0, 500)],
    };
    let mut arms = Vec::new();
    for _ in 0..400 {
        let lift = shop.program.results().get_lift(request.clone()).await.unwrap();
        arms = lift.into_inner().arms;
        if arms.iter().map(|arm| arm.orders).sum::<i64>() == inside + outside {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let told: Vec<_> = arms
        .iter()
        .map(|arm| (arm.name.as_str(), arm.orders, arm.spend_minor_units, arm.points))
        .collect();
    assert_eq!(
        told,
        [
            ("left out", outside, outside * 1_000, outside * 10),
            ("pilot", inside, inside * 1_000, inside * 20)
        ]
    );
    assert_eq!(arms[0].spend_lift, None);
    let lift = arms[1].spend_lift.expect("both parts bought something");
    assert!(
        (lift.per_mille - (inside * 1_000 / outside - 1_000)).abs() <= 1,
        "{lift:?}"
    );
    assert!(lift.lower_per_mille < lift.per_mille && lift.per_mille < lift.upper_per_mille);
}

#[tokio::test]
async fn what_cannot_be_told_is_refused() {
    let shop = Shop::open().await;
    let asked = |first_day: &str, last_day: &str| pb::GetCampaignResultsRequest {
        campaign: "none".to_owned(),
        first_day: first_day.to_owned(),
        last_day: last_day.to_owned(),
    };
    let mut results = shop.program.results();
    let unknown = refusal(results.get_campaign_results(asked("2026-01-01", "2026-12-31")).await);
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "CAMPAIGN_NOT_FOUND")
    );
    for (first, last, fields) in [
        ("2026-02-30", "2026-13-01", vec!["first_day", "last_day"]),
        ("2026-01-02", "2026-01-01", vec!["last_day"]),
        ("2026-01-01", "2027-01-02", vec!["last_day"]),
    ] {
        assert_eq!(
            refusal(results.get_campaign_results(asked(first, last)).await).fields,
            fields
        );
    }
    let arm = |from_per_mille, until_per_mille| pb::Arm {
        name: "arm".to_owned(),
        from_per_mille,
        until_per_mille,
    };
    let overlapping = pb::GetLiftRequest {
        sample: "pilot".to_owned(),
        arms: vec![arm(0, 500), arm(499, 600), arm(700, 700)],
    };
    let refused = refusal(results.get_lift(overlapping).await);
    assert_eq!(refused.fields, ["arms[1]", "arms[2].until_per_mille"]);
}
