//! How campaigns combine.

use super::*;

fn group(mode: GroupMode) -> Group {
    Group {
        code: "festival".into(),
        display_name: "Festival".into(),
        parent: None,
        mode,
        priority: 0,
    }
}

fn member(code: &str, priority: i32, does: Does) -> Campaign {
    Campaign {
        group: Some("festival".into()),
        priority,
        ..campaign(code, does)
    }
}

/// A campaign for orders of 100 yuan that is first in order, and one that brings other points.
fn large_first(mode: GroupMode, large: Does, other: Does) -> Order {
    let large = Campaign {
        condition: Some(order_from(100_00)),
        ..member("large", 9, large)
    };
    order_of(
        120_00,
        grouped(
            vec![accrual()],
            vec![large, member("other", 1, other)],
            vec![group(mode)],
        ),
    )
}

#[test]
fn the_best_for_the_member_is_the_one_that_brings_most_after_its_own_cap() {
    let campaigns = vec![
        capped(10, member("capped", 9, add(500))),
        member("plain", 1, add(11)),
        campaign("beside", add(1)),
    ];
    let order = order_of(
        100_00,
        grouped(vec![accrual()], campaigns, vec![group(GroupMode::BestForMember)]),
    );
    let decision = decided(&order);
    assert_eq!(
        fared(&decision),
        [("capped", Some(NotFired::NotChosen)), ("plain", None), ("beside", None)]
    );
    assert_eq!(decision.campaigns[0].because_of.as_deref(), Some("plain"));
    assert_eq!(decision.metrics.points_earned, 112);
}

#[test]
fn the_best_for_the_merchant_brings_least() {
    let order = large_first(GroupMode::BestForMerchant, multiply(2, 1), add(3));
    assert_eq!(
        fared(&decided(&order)),
        [("large", Some(NotFired::NotChosen)), ("other", None)]
    );
    assert_eq!(earned(&order), 123);
}

#[test]
fn a_group_chooses_for_what_is_kept() {
    for mode in [GroupMode::FirstMatch, GroupMode::BestForMember] {
        let mut order = large_first(mode, add(50), add(5));
        assert_eq!(earned(&order), 170);
        let decision = take_back(&mut order, &[("1", 30_00)]);
        assert_eq!(
            fared(&decision),
            [("large", Some(NotFired::BelowMinimum)), ("other", None)]
        );
        assert_eq!(decision.metrics.points_earned, -75);
    }
}

#[test]
fn of_campaigns_that_share_a_tag_the_first_that_can_applies() {
    let tagged = |code, priority, does, tag: &str| Campaign {
        exclusive_tags: Names::new([tag]),
        priority,
        ..campaign(code, does)
    };
    let first = Campaign {
        condition: Some(order_from(100_00)),
        ..tagged("first", 9, add(50), "summer")
    };
    let campaigns = vec![
        first,
        tagged("second", 1, add(5), "summer"),
        tagged("third", 0, add(1), "winter"),
    ];
    let mut order = order_of(120_00, rules(vec![accrual()], campaigns));
    let decision = decided(&order);
    assert_eq!(
        fared(&decision),
        [
            ("first", None),
            ("second", Some(NotFired::ExclusiveTag)),
            ("third", None)
        ]
    );
    assert_eq!(decision.campaigns[1].because_of.as_deref(), Some("first"));
    assert_eq!(take_back(&mut order, &[("1", 30_00)]).metrics.points_earned, -75);
}

#[test]
fn a_group_chooses_anew_when_a_tag_takes_what_it_chose() {
    let tagged = |campaign: Campaign| Campaign {
        exclusive_tags: Names::new(["summer"]),
        ..campaign
    };
    let campaigns = vec![
        tagged(Campaign {
            priority: 9,
            ..campaign("beside", add(1))
        }),
        tagged(member("best", 1, add(50))),
        member("second", 0, add(20)),
    ];
    let order = order_of(
        100_00,
        grouped(vec![accrual()], campaigns, vec![group(GroupMode::BestForMember)]),
    );
    let decision = decided(&order);
    assert_eq!(
        fared(&decision),
        [
            ("beside", None),
            ("best", Some(NotFired::ExclusiveTag)),
            ("second", None)
        ]
    );
    assert_eq!(decision.metrics.points_earned, 121);
}
