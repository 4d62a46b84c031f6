//! Activities that are not about an order.

use super::*;

fn reviews(code: &str, kind: &str, number: i64) -> Campaign {
    Campaign {
        trigger: Trigger::Custom { kind: kind.into() },
        ..campaign(code, add(number))
    }
}

#[test]
fn campaigns_of_the_kind_add_their_points_and_others_do_not() {
    let capped = Accrual {
        max_points_per_order: Some(points(5)),
        ..accrual()
    };
    let campaigns = vec![
        reviews("review", "review", 20),
        reviews("share", "share", 50),
        campaign("double", multiply(2, 1)),
    ];
    let custom = Custom {
        kind: "review".into(),
        reference: "sku-1".into(),
    };
    let rules = rules(vec![capped], campaigns);
    let decision = decide_custom(&occasion("1997-01-15T12:00:00Z"), &custom, facts(ratio(2, 1)), &rules).unwrap();
    assert_eq!(
        decision.awards,
        [Award {
            wallet: "points".into(),
            points: 20
        }]
    );
    let fared: Vec<_> = decision.accruals[0]
        .campaigns
        .iter()
        .map(|campaign| campaign.not_fired)
        .collect();
    assert_eq!(
        fared,
        [Some(NotFired::OtherTrigger), None, Some(NotFired::OtherTrigger)]
    );
    let metrics = MetricDeltas {
        spend_minor_units: 0,
        orders: 0,
        points_earned: 20,
        counted_at: "1997-01-15T12:00:00Z".parse().unwrap(),
    };
    assert_eq!(decision.metrics, metrics);
}

#[test]
fn an_activity_that_no_campaign_is_about_earns_nothing() {
    let custom = Custom {
        kind: "survey".into(),
        reference: String::new(),
    };
    let rules = rules(vec![accrual()], vec![reviews("review", "review", 20)]);
    let decision = decide_custom(&occasion("1997-01-15T12:00:00Z"), &custom, facts(Ratio::ONE), &rules).unwrap();
    assert_eq!(decision.awards, []);
}
