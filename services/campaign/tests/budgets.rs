//! Budgets: never overdrawn, whoever spends at once; given back by returns; and told live.

use futures::{StreamExt as _, stream};
use harness::{Program, Suite, refusal, suite};
use proto::campaign as pb;
use tonic::Code;

use crate::support::{Answer, Shop, bought, brought_back, double, fared, publish_campaign, worth};

pub fn budget(code: &str, cap_minor_units: i64) -> pb::Budget {
    pb::Budget {
        code: code.to_owned(),
        display_name: "Spring".to_owned(),
        parent: String::new(),
        period: pb::BudgetPeriod::Year.into(),
        cap_minor_units,
        reserve_per_mille: 0,
    }
}

/// Twice the points, of which those that are added cost a cent each.
pub fn funded(on_shortage: pb::OnShortage, budget: &str) -> pb::Campaign {
    let mut campaign = double("double");
    campaign.effects[0].cost_per_point = Some(proto::value::Ratio { num: 1, den: 1 });
    pb::Campaign {
        funding: Some(pb::Funding {
            budget: budget.to_owned(),
            on_shortage: on_shortage.into(),
        }),
        ..campaign
    }
}

async fn try_publish(program: &Program, request_id: &str, budget: pb::Budget) -> Answer<pb::PublishBudgetResponse> {
    let request = pb::PublishBudgetRequest {
        request_id: request_id.to_owned(),
        budget: Some(budget),
    };
    program.budgets().publish_budget(request).await
}

async fn publish(program: &Program, budget: pb::Budget) {
    let request_id = format!("{}-{}", budget.code, budget.cap_minor_units);
    try_publish(program, &request_id, budget)
        .await
        .expect("the budget can be published");
}

pub async fn standing(program: &Program, code: &str) -> pb::BudgetStanding {
    let listed = program.budgets().list_budgets(pb::ListBudgetsRequest {}).await;
    let listed = listed.expect("budgets can be listed").into_inner().budgets;
    let of =
        |standing: &pb::BudgetStanding| standing.budget_version.as_ref().unwrap().budget.as_ref().unwrap().code == code;
    listed.into_iter().find(of).expect("it is listed")
}

/// What was spent of a budget in the time that runs, what beyond it, and what is left.
async fn usage(program: &Program, code: &str) -> (i64, i64, i64) {
    let usage = &standing(program, code).await.usage[0];
    (
        usage.spent_minor_units,
        usage.over_minor_units,
        usage.available_minor_units,
    )
}

/// A shop whose double points a budget pays for.
pub async fn shop(budget: pb::Budget, on_shortage: pb::OnShortage) -> Shop {
    let shop = Shop::open().await;
    let campaign = funded(on_shortage, &budget.code);
    publish(&shop.program, budget).await;
    publish_campaign(&shop.program, "c-1", campaign).await.unwrap();
    shop
}

/// More members of the same program.
async fn members(shop: &Shop, number: usize) -> Vec<Shop> {
    let enrol = async |_| shop.neighbour().await;
    stream::iter(0..number).then(enrol).collect().await
}

#[tokio::test]
async fn the_last_cent_is_spent_and_none_beyond_it_wherever_members_live() {
    let shop = shop(budget("spring", 1_050), pb::OnShortage::Partial).await;
    let mut earned = Vec::new();
    for member in members(&shop, 12).await {
        earned.push(worth(&member.buys("1", 10_000).await));
    }
    assert_eq!(earned, [[200; 10].as_slice(), &[150, 100]].concat());
    assert_eq!(usage(&shop.program, "spring").await, (1_050, 0, 0));
}

#[tokio::test]
async fn what_a_return_gives_back_is_there_for_members_of_other_shards() {
    let shop = shop(budget("spring", 100), pb::OnShortage::BaseOnly).await;
    let others = members(&shop, 3).await;
    let first = shop.buys("1", 10_000).await;
    assert_eq!(
        (worth(&first), fared(&first)[0].1),
        (200, pb::NotFiredReason::Unspecified)
    );
    let second = others[0].buys("1", 10_000).await;
    assert_eq!(
        (worth(&second), fared(&second)[0].1),
        (100, pb::NotFiredReason::BudgetExhausted)
    );
    let back = shop
        .record("back", brought_back("1", &[("1", 6_000)]))
        .await
        .activity
        .unwrap();
    let charge = &back.decision.as_ref().unwrap().charges[0];
    assert_eq!(
        (
            charge.minor_units,
            charge.standing_minor_units,
            charge.starts_on.as_str()
        ),
        (-60, 40, "2026-01-01")
    );
    assert_eq!(usage(&shop.program, "spring").await, (40, 0, 60));
    assert_eq!(worth(&others[1].buys("1", 6_000).await), 120);
    assert_eq!(worth(&others[2].buys("1", 1_000).await), 10);
    assert_eq!(usage(&shop.program, "spring").await, (100, 0, 0));
}

#[tokio::test]
async fn what_is_spent_of_a_part_is_spent_of_the_whole() {
    let shop = Shop::open().await;
    publish(&shop.program, budget("year", 250)).await;
    for channel in ["online", "offline"] {
        let month = pb::Budget {
            parent: "year".to_owned(),
            period: pb::BudgetPeriod::Month.into(),
            ..budget(channel, 150)
        };
        publish(&shop.program, month).await;
    }
    let online = funded(pb::OnShortage::Partial, "online");
    publish_campaign(&shop.program, "c-1", online).await.unwrap();
    assert_eq!(worth(&shop.buys("1", 20_000).await), 200 + 150);
    assert_eq!(worth(&shop.buys("2", 20_000).await), 200);
    shop.program.advance_to("2026-02-01T04:59:59Z").await;
    assert_eq!(worth(&shop.buys("3", 20_000).await), 200);
    shop.program.advance_to("2026-02-01T05:00:00Z").await;
    assert_eq!(worth(&shop.buys("4", 20_000).await), 200 + 100);
    assert_eq!(usage(&shop.program, "year").await, (250, 0, 0));
    assert_eq!(usage(&shop.program, "online").await, (100, 0, 0));
    // What is given back of January is January's, and the year's.
    shop.record("back", brought_back("1", &[])).await;
    assert_eq!(usage(&shop.program, "year").await, (100, 0, 150));
    let january = &standing(&shop.program, "online").await.usage[1];
    assert_eq!(
        (january.starts_on.as_str(), january.spent_minor_units),
        ("2026-01-01", 0)
    );
    // What another part has of the whole and does not need is got from it.
    publish_campaign(&shop.program, "c-2", funded(pb::OnShortage::Partial, "offline"))
        .await
        .unwrap();
    assert_eq!(worth(&shop.buys("5", 20_000).await), 200 + 150);
    assert_eq!(usage(&shop.program, "year").await, (250, 0, 0));
}

#[tokio::test]
async fn a_campaign_that_must_not_be_cut_has_the_activity_refused() {
    let shop = shop(budget("spring", 50), pb::OnShortage::Reject).await;
    assert_eq!(worth(&shop.buys("1", 4_000).await), 80);
    let refused = refusal(shop.try_record("2", bought("2", 4_000)).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::FailedPrecondition, "BUDGET_EXHAUSTED")
    );
    assert_eq!(
        (
            refused.metadata["budget"].as_str(),
            refused.metadata["campaign"].as_str()
        ),
        ("spring", "double")
    );
    assert_eq!(
        (usage(&shop.program, "spring").await, shop.available().await),
        ((40, 0, 10), 80)
    );
}

#[tokio::test]
async fn what_was_promised_is_kept_and_told_apart() {
    let shop = shop(budget("spring", 50), pb::OnShortage::Allow).await;
    assert_eq!(worth(&shop.buys("1", 8_000).await), 160);
    assert_eq!(worth(&shop.buys("2", 1_000).await), 20);
    assert_eq!(usage(&shop.program, "spring").await, (50, 40, 0));
    shop.record("back", brought_back("1", &[("1", 4_000)])).await;
    assert_eq!(usage(&shop.program, "spring").await, (40, 10, 10));
}

#[tokio::test]
async fn a_preview_and_a_second_decision_say_the_same() {
    let shop = shop(budget("spring", 70), pb::OnShortage::Partial).await;
    let preview = shop
        .try_preview(bought("1", 10_000))
        .await
        .unwrap()
        .into_inner()
        .decision
        .unwrap();
    let recorded = shop.buys("1", 10_000).await;
    assert_eq!(
        (preview.awards, worth(&recorded)),
        (recorded.decision.as_ref().unwrap().awards.clone(), 170)
    );
    let back = shop
        .record("back", brought_back("1", &[("1", 5_000)]))
        .await
        .activity
        .unwrap();
    for activity in [recorded, back] {
        let request = pb::VerifyDecisionRequest {
            member_id: shop.member_id.clone(),
            activity_id: activity.activity_id.clone(),
        };
        let verified = shop
            .program
            .activities()
            .verify_decision(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (verified.outcome(), verified.decided_again),
            (pb::VerifyOutcome::Same, activity.decision)
        );
    }
}

#[tokio::test]
async fn a_budget_that_is_raised_is_spent_further_and_one_that_is_lowered_no_more() {
    let shop = shop(budget("spring", 100), pb::OnShortage::Partial).await;
    assert_eq!(worth(&shop.buys("1", 10_000).await), 200);
    publish(&shop.program, budget("spring", 130)).await;
    assert_eq!(worth(&shop.buys("2", 10_000).await), 130);
    publish(&shop.program, budget("spring", 90)).await;
    assert_eq!(worth(&shop.buys("3", 10_000).await), 100);
    assert_eq!(usage(&shop.program, "spring").await, (130, 0, 0));
}

#[tokio::test]
async fn what_shards_have_left_is_taken_back_when_a_cap_is_lowered() {
    let shop = shop(budget("spring", 100_000), pb::OnShortage::Partial).await;
    assert_eq!(worth(&shop.buys("1", 10_000).await), 200);
    publish(&shop.program, budget("spring", 120)).await;
    assert_eq!(worth(&shop.buys("2", 10_000).await), 120);
    assert_eq!(usage(&shop.program, "spring").await, (120, 0, 0));
}

#[tokio::test]
async fn an_activity_that_needs_two_parts_of_a_budget_takes_nothing_from_itself() {
    let shop = Shop::open().await;
    publish(&shop.program, budget("year", 150)).await;
    for (code, priority) in [("online", 1), ("offline", 0)] {
        let part = pb::Budget {
            parent: "year".to_owned(),
            ..budget(code, 150)
        };
        publish(&shop.program, part).await;
        let campaign = pb::Campaign {
            code: code.to_owned(),
            priority,
            ..funded(pb::OnShortage::Partial, code)
        };
        publish_campaign(&shop.program, code, campaign).await.unwrap();
    }
    assert_eq!(worth(&shop.buys("1", 10_000).await), 100 + 150);
    assert_eq!(usage(&shop.program, "year").await, (150, 0, 0));
}

#[tokio::test]
async fn a_budget_that_makes_no_sense_is_refused_with_every_reason() {
    let shop = Shop::open().await;
    let nowhere = pb::Budget {
        parent: "year".to_owned(),
        ..budget("spring", 1)
    };
    let refused = refusal(try_publish(&shop.program, "b-1", nowhere).await);
    assert_eq!(
        (refused.code, refused.reason.as_str()),
        (Code::NotFound, "BUDGET_NOT_FOUND")
    );
    publish(&shop.program, budget("year", 100)).await;
    publish(&shop.program, budget("spring", 1)).await;
    let moved = pb::Budget {
        parent: "year".to_owned(),
        period: pb::BudgetPeriod::Always.into(),
        ..budget("spring", 1)
    };
    let refused = refusal(try_publish(&shop.program, "b-2", moved).await);
    let fields: Vec<&str> = refused.fields.iter().map(String::as_str).collect();
    assert_eq!(
        (refused.reason.as_str(), fields),
        (
            "BUDGET_INVALID",
            vec!["budget.period", "budget.parent", "budget.period"]
        )
    );

    let unknown = refusal(publish_campaign(&shop.program, "c-1", funded(pb::OnShortage::Partial, "winter")).await);
    assert_eq!(
        (unknown.code, unknown.reason.as_str()),
        (Code::NotFound, "BUDGET_NOT_FOUND")
    );
    let mut costless = funded(pb::OnShortage::Partial, "spring");
    costless.effects[0].cost_per_point = None;
    let refused = refusal(publish_campaign(&shop.program, "c-2", costless).await);
    assert_eq!(
        (refused.reason.as_str(), refused.fields[0].as_str()),
        ("CAMPAIGN_INVALID", "campaign.effects[0].cost_per_point")
    );
}

/// Four replicas and 128 callers at once, some of whom go away before they are answered, and returns among them: what receipts say and what is counted are the same, and
/// never more than the cap.
#[tokio::test]
async fn four_replicas_and_128_callers_never_overdraw_a_budget() {
    const CAP: i64 = 4_000;
    let suite = Suite::start(&[]);
    let replicas = [suite.replica(&[]), suite.replica(&[]), suite.replica(&[])];
    let shop = Shop::of(suite.program().await).await;
    publish(&shop.program, budget("spring", CAP)).await;
    publish_campaign(&shop.program, "c-1", funded(pb::OnShortage::Partial, "spring"))
        .await
        .unwrap();
    let channels: Vec<_> = [&suite].into_iter().chain(&replicas).map(Suite::channel).collect();
    let members = members(&shop, 24).await;

    let calls = (0..400usize).map(|number| {
        let member = Shop {
            program: members[number % 24].program.at(channels[number % 4].clone()),
            member_id: members[number % 24].member_id.clone(),
        };
        async move {
            let order_id = format!("order-{number}");
            let bought = member.try_record(&order_id, bought(&order_id, 1_000 + 100 * (number as i64 % 7)));
            if number % 9 == 0 {
                let _ = tokio::time::timeout(std::time::Duration::from_millis(3), bought).await;
            } else if bought.await.is_ok() && number % 5 == 0 {
                let _ = member
                    .try_record(&format!("back-{number}"), brought_back(&order_id, &[("1", 500)]))
                    .await;
            }
        }
    });
    stream::iter(calls).for_each_concurrent(128, |call| call).await;

    let mut charged = 0;
    for member in &members {
        let request = pb::ListActivitiesRequest {
            member_id: member.member_id.clone(),
            page_size: 1_000,
            page_token: String::new(),
        };
        let listed = member
            .program
            .activities()
            .list_activities(request)
            .await
            .unwrap()
            .into_inner();
        let decisions = listed
            .activities
            .iter()
            .filter_map(|activity| activity.decision.as_ref());
        charged += decisions
            .flat_map(|decision| &decision.charges)
            .map(|charge| charge.minor_units)
            .sum::<i64>();
    }
    let (spent, over, available) = usage(&shop.program, "spring").await;
    assert_eq!((spent, over, spent + available), (charged, 0, CAP));
    // What returns gave back at the end may be left, and whoever comes next gets all of it.
    let last = worth(&members[0].buys("last", 1_000_000).await) - 10_000;
    assert_eq!((last, usage(&shop.program, "spring").await), (available, (CAP, 0, 0)));
}

#[tokio::test]
async fn budgets_of_a_program_that_is_not_there_are_not_there() {
    let nowhere = Program::unmade(suite().channel());
    let listed = nowhere.budgets().list_budgets(pb::ListBudgetsRequest {}).await;
    assert_eq!(refusal(listed).reason, "PROGRAM_NOT_FOUND");
}
