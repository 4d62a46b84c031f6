//! Activities that are not about an order.

use super::*;

fn reviews(code: &str, kind: &str, number: i64) -> Campaign {
    Campaign {
        trigger: Trigger::Custom(kind.into()),
        ..campaign(code, add(number))
    }
}

fn custom(kind: &str) -> Custom {
    Custom {
        kind: kind.into(),
        reference: "sku-1".into(),
        attributes: Default::default(),
    }
}

fn decide(kind: &str, rules: &Rules) -> Decision {
    let facts = facts(ratio(2, 1));
    decide_custom(&occasion("1997-01-15T12:00:00Z"), &custom(kind), &facts, rules)
        .unwrap()
        .decision
}

#[test]
fn campaigns_of_the_kind_add_their_points_and_others_are_not_considered() {
    let of_orders_only = Accrual {
        max_points_per_order: Some(points(5)),
        ..accrual()
    };
    let campaigns = vec![
        reviews("review", "review", 20),
        reviews("share", "share", 50),
        campaign("double", multiply(2, 1)),
    ];
    let decision = decide("review", &rules(vec![of_orders_only], campaigns));
    assert_eq!(
        decision.awards,
        [Award {
            to: to("points"),
            points: 20
        }]
    );
    assert_eq!(fared(&decision), [("review", None)]);
    let counted_at = "1997-01-15T12:00:00Z".parse().unwrap();
    assert_eq!(
        decision.metrics,
        MetricDeltas {
            spend_minor_units: 0,
            orders: 0,
            points_earned: 20,
            counted_at
        }
    );
}

#[test]
fn an_activity_that_no_campaign_is_about_earns_nothing() {
    assert_eq!(
        decide("survey", &rules(vec![accrual()], vec![reviews("review", "review", 20)])).awards,
        []
    );
}
