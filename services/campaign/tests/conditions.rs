//! What campaigns ask for, through the contract.

use harness::refusal;
use proto::campaign::{self as pb, activity_input::Activity as Did};
use tonic_types::StatusExt as _;

use crate::support::{Shop, add_points, did, double, fared, line, order, publish_campaign, thanks_for, when, worth};

#[tokio::test]
async fn a_campaign_for_some_lines_raises_these_alone() {
    let shop = Shop::open().await;
    let shoes = pb::LineFilter {
        categories: vec!["shoes".to_owned()],
        ..pb::LineFilter::default()
    };
    let effect = pb::effect::Effect::Multiply(pb::MultiplyEffect {
        factor: Some(proto::value::Ratio { num: 3, den: 1 }),
        lines: Some(shoes),
    });
    let mut triple = double("shoes");
    triple.effects[0].effect = Some(effect);
    publish_campaign(&shop.program, "c-1", triple).await.unwrap();
    let in_category = |line_id: &str, category: &str| pb::PurchaseLine {
        categories: vec![category.to_owned()],
        ..line(line_id, 5_000)
    };
    let bought = Did::Purchase(order("1", vec![in_category("1", "shoes"), in_category("2", "socks")]));
    assert_eq!(worth(&shop.record("1", bought).await.activity.unwrap()), 50 + 3 * 50);
    let socks = Did::Purchase(order("2", vec![in_category("1", "socks")]));
    let without = shop.record("2", socks).await.activity.unwrap();
    assert_eq!((worth(&without), fared(&without)), (50, vec![]));
}

#[tokio::test]
async fn a_quiz_earns_by_its_score() {
    let shop = Shop::open().await;
    let passed = pb::condition::Condition::Attribute(pb::AttributeCondition {
        name: "score".to_owned(),
        is: Some(pb::attribute_condition::Is::AtLeast(80)),
    });
    publish_campaign(&shop.program, "c-1", when(passed, thanks_for("quiz", 30)))
        .await
        .unwrap();
    let scored = |score: &str| {
        let Did::Custom(quiz) = did("quiz") else {
            unreachable!("it is a custom activity")
        };
        Did::Custom(pb::CustomActivity {
            attributes: [("score".to_owned(), score.to_owned())].into(),
            ..quiz
        })
    };
    let mut points = Vec::new();
    for score in ["79", "80", "a lot"] {
        points.push(worth(&shop.record(score, scored(score)).await.activity.unwrap()));
    }
    assert_eq!(points, [0, 30, 0]);
}

#[tokio::test]
async fn newcomers_earn_more_for_as_long_as_they_are() {
    let shop = Shop::open().await;
    let newcomer = pb::condition::Condition::Enrolled(pb::EnrolledCondition { within_days: 30 });
    let gift = pb::Campaign {
        effects: vec![add_points(7)],
        ..double("newcomer")
    };
    publish_campaign(&shop.program, "c-1", when(newcomer, gift))
        .await
        .unwrap();
    assert_eq!(worth(&shop.buys("1", 10_000).await), 107);
    shop.program.advance_to("2026-01-31T05:00:01Z").await;
    let late = shop.buys("2", 10_000).await;
    assert_eq!(
        (worth(&late), fared(&late)),
        (
            100,
            vec![("newcomer".to_owned(), pb::NotFiredReason::EnrolledTooLongAgo)]
        )
    );
}

#[tokio::test]
async fn of_campaigns_that_share_a_tag_one_applies() {
    let shop = Shop::open().await;
    let tagged = |code: &str, priority| pb::Campaign {
        exclusive_tags: vec!["summer".to_owned()],
        priority,
        ..double(code)
    };
    publish_campaign(&shop.program, "c-1", tagged("a", 1)).await.unwrap();
    publish_campaign(&shop.program, "c-2", tagged("b", 2)).await.unwrap();
    let bought = shop.buys("1", 10_000).await;
    assert_eq!(worth(&bought), 200);
    let expected = [
        ("b".to_owned(), pb::NotFiredReason::Unspecified),
        ("a".to_owned(), pb::NotFiredReason::ExclusiveTag),
    ];
    assert_eq!(fared(&bought), expected);
}

#[tokio::test]
async fn a_campaign_in_one_store_and_at_one_time_of_day() {
    let shop = Shop::open().await;
    let in_store = pb::condition::Condition::Store(pb::NamesCondition {
        names: vec!["12".to_owned()],
    });
    let evening = pb::Schedule {
        times: vec![pb::DayTime {
            from_minute: 18 * 60,
            until_minute: 20 * 60,
        }],
        ..pb::Schedule::default()
    };
    let happy = pb::Campaign {
        schedule: Some(evening),
        ..when(in_store, double("happy-hour"))
    };
    publish_campaign(&shop.program, "c-1", happy).await.unwrap();
    // Seven in the evening in New York.
    shop.program.advance_to("2026-01-02T00:00:00Z").await;
    let mut points = Vec::new();
    for (request_id, store) in [("1", "12"), ("2", "13"), ("3", "")] {
        let input = pb::ActivityInput {
            store: store.to_owned(),
            ..shop.input(crate::support::bought(request_id, 10_000))
        };
        let recorded = shop.try_input(request_id, input).await.unwrap().into_inner();
        points.push(worth(&recorded.activity.unwrap()));
    }
    assert_eq!(points, [200, 100, 100]);
}

fn so(expression: &str) -> pb::condition::Condition {
    pb::condition::Condition::Expression(pb::ExpressionCondition {
        expression: expression.to_owned(),
    })
}

#[tokio::test]
async fn an_expression_says_what_else_cannot_be_said_and_is_judged_by_what_is_kept() {
    let shop = Shop::open().await;
    let formula = pb::effect::Effect::Formula(pb::FormulaEffect {
        points: "sum(order.lines.map(l, l.quantity)) * 10".to_owned(),
    });
    let mut dearest = when(
        so("order.lines.exists(l, l.price * 2 > order.spend)"),
        double("dearest"),
    );
    dearest.effects[0].effect = Some(formula);
    let refused = refusal(publish_campaign(&shop.program, "c-0", dearest.clone()).await);
    assert_eq!(
        refused.fields,
        ["campaign.condition.expression"],
        "it goes through all lines for every line"
    );

    dearest.condition = Some(pb::Condition {
        condition: Some(so("order.lines.exists(l, l.price > 3000)")),
    });
    publish_campaign(&shop.program, "c-1", dearest).await.unwrap();
    let bought = Did::Purchase(order("1", vec![line("1", 5_000), line("2", 2_000)]));
    let bought = shop.record("1", bought).await.activity.unwrap();
    assert_eq!(worth(&bought), 70 + 20);
    let back = Did::Return(pb::Return {
        order_id: "1".to_owned(),
        lines: vec![pb::ReturnedLine {
            line_id: "1".to_owned(),
            gross_minor_units: 0,
        }],
    });
    let back = shop.record("2", back).await.activity.unwrap();
    assert_eq!(worth(&back), -50 - 20);
    assert_eq!(
        fared(&back),
        [("dearest".to_owned(), pb::NotFiredReason::OtherExpression)]
    );
    for activity in [bought, back] {
        let request = pb::VerifyDecisionRequest {
            member_id: shop.member_id.clone(),
            activity_id: activity.activity_id,
        };
        let verified = shop.program.activities().verify_decision(request).await.unwrap();
        assert_eq!(verified.into_inner().outcome(), pb::VerifyOutcome::Same);
    }
}

#[tokio::test]
async fn mistakes_in_expressions_are_told_all_at_once_each_at_its_place() {
    let shop = Shop::open().await;
    let all = [
        "order.spend >",
        "true",
        &format!("{}1", "!".repeat(900)),
        "order.weight == 1",
    ];
    let all = pb::Conditions {
        conditions: all
            .map(|expression| pb::Condition {
                condition: Some(so(expression)),
            })
            .into(),
    };
    let mut wrong = when(pb::condition::Condition::All(all), double("wrong"));
    wrong.effects[0].effect = Some(pb::effect::Effect::Formula(pb::FormulaEffect {
        points: "1.5".to_owned(),
    }));
    let status = publish_campaign(&shop.program, "c-1", wrong).await.unwrap_err();
    assert!(
        status
            .get_error_details()
            .bad_request()
            .unwrap()
            .field_violations
            .iter()
            .any(|violation| { violation.description.contains("character 7 is nothing that order has") })
    );
    assert_eq!(
        refusal::<()>(Err(status)).fields,
        [
            "campaign.condition.all.conditions[0].expression",
            "campaign.condition.all.conditions[2].expression",
            "campaign.condition.all.conditions[3].expression",
            "campaign.effects[0].formula.points",
        ]
    );
}
