//! When campaigns apply, and what the receipt says of them.

use super::*;

fn fared(order: &Order) -> Vec<(String, Option<NotFired>, i64, i64)> {
    let decision = decide_purchase(order).unwrap();
    let fared = |campaign: &CampaignDecision| {
        (
            campaign.campaign.clone(),
            campaign.not_fired,
            campaign.points.get(),
            campaign.capped_points.get(),
        )
    };
    decision.accruals[0].campaigns.iter().map(fared).collect()
}

#[test]
fn the_receipt_names_the_first_reason_why_a_campaign_did_not_apply() {
    let off = |code| campaign(code, multiply(2, 1));
    let audience = |levels: &[&str], first_purchase, channels: &[&str]| Audience {
        levels: levels.iter().map(|level| (*level).to_owned()).collect(),
        first_purchase,
        channels: channels.iter().map(|channel| (*channel).to_owned()).collect(),
    };
    let over = Schedule::Once {
        start: None,
        end: Some("1997-01-15T12:00:00Z".parse().unwrap()),
    };
    let cases = [
        (
            Campaign {
                paused: true,
                schedule: over.clone(),
                ..off("a")
            },
            NotFired::Paused,
        ),
        (
            Campaign {
                trigger: Trigger::Custom { kind: "review".into() },
                schedule: over.clone(),
                ..off("b")
            },
            NotFired::OtherTrigger,
        ),
        (
            Campaign {
                schedule: over,
                audience: audience(&["gold"], false, &[]),
                ..off("c")
            },
            NotFired::OutsideSchedule,
        ),
        (
            Campaign {
                audience: audience(&["gold", "silver"], true, &[]),
                ..off("d")
            },
            NotFired::OtherLevel,
        ),
        (
            Campaign {
                audience: audience(&["diamond"], true, &["store"]),
                ..off("e")
            },
            NotFired::NotFirstPurchase,
        ),
        (
            Campaign {
                audience: audience(&[], false, &["store"]),
                ..off("f")
            },
            NotFired::OtherChannel,
        ),
        (
            Campaign {
                trigger: Trigger::Purchase {
                    min_base_minor_units: 100_01,
                },
                ..off("g")
            },
            NotFired::BelowMinimum,
        ),
    ];
    let expected: Vec<_> = cases
        .iter()
        .map(|(campaign, reason)| (campaign.code.clone(), Some(*reason), 0, 0))
        .collect();
    let order = order_of(
        100_00,
        rules(
            vec![accrual()],
            cases.into_iter().map(|(campaign, _)| campaign).collect(),
        ),
    );
    assert_eq!(fared(&order), expected);
    assert_eq!(earned(&order), 100);
}

#[test]
fn a_campaign_applies_where_all_of_its_audience_is_met() {
    let audience = Audience {
        levels: vec!["diamond".into()],
        first_purchase: false,
        channels: vec!["store".into(), "web".into()],
    };
    let trigger = Trigger::Purchase {
        min_base_minor_units: 100_00,
    };
    let rules = rules(
        vec![accrual()],
        vec![Campaign {
            audience,
            trigger,
            ..campaign("vip", multiply(3, 1))
        }],
    );
    assert_eq!(fared(&order_of(100_00, rules)), [("vip".into(), None, 200, 0)]);
}

#[test]
fn a_member_without_a_level_is_on_none_of_a_campaigns_levels() {
    let audience = Audience {
        levels: vec!["diamond".into()],
        ..Audience::default()
    };
    let rules = rules(
        vec![accrual()],
        vec![Campaign {
            audience,
            ..campaign("vip", multiply(3, 1))
        }],
    );
    let newcomer = Facts {
        levels: vec![LevelFact {
            ladder: "status".into(),
            level: None,
            accrual_factor: Ratio::ONE,
        }],
        ..facts(Ratio::ONE)
    };
    let order = order(purchase(vec![line("1", 100_00, 0, 0)]), newcomer, rules);
    assert_eq!(fared(&order), [("vip".into(), Some(NotFired::OtherLevel), 0, 0)]);
}

#[test]
fn factors_come_before_added_points_and_the_cap_on_the_order_comes_last() {
    let capped = Campaign {
        max_points_per_order: Some(points(30)),
        priority: 5,
        ..campaign("half-more", multiply(3, 2))
    };
    let gift = Campaign {
        max_points_per_order: Some(points(40)),
        ..campaign("gift", add(50))
    };
    let accrual = Accrual {
        max_points_per_order: Some(points(165)),
        ..accrual()
    };
    let order = order_of(100_00, rules(vec![accrual], vec![gift, capped]));
    assert_eq!(
        fared(&order),
        [("half-more".into(), None, 30, 20), ("gift".into(), None, 40, 10)]
    );
    let decision = decide_purchase(&order).unwrap();
    let judged = &decision.accruals[0];
    let amounts = [
        judged.rounded_points,
        judged.added_points,
        judged.capped_points,
        judged.points,
    ]
    .map(Points::get);
    assert_eq!(amounts, [130, 40, 5, 165]);
    assert_eq!((judged.base_points, judged.factor), (ratio(100, 1), ratio(3, 2)));
    assert_eq!(
        decision.awards,
        [Award {
            wallet: "points".into(),
            points: 165
        }]
    );
}

#[test]
fn each_accrual_has_its_own_money_campaigns_and_wallet() {
    let growth = Accrual {
        code: "growth".into(),
        wallet: "growth".into(),
        base: EarnBase {
            discount: DiscountBase::Before,
            with_tax: true,
            with_freight: true,
        },
        ladder: None,
        ..accrual()
    };
    let bought = Purchase::new("17".into(), vec![line("1", 100_00, 10_00, 7_00)], 5_00).unwrap();
    let order = order(
        bought,
        facts(ratio(2, 1)),
        rules(vec![growth, accrual()], vec![campaign("double", multiply(2, 1))]),
    );
    let decision = decide_purchase(&order).unwrap();
    let award = |wallet: &str, points| Award {
        wallet: wallet.into(),
        points,
    };
    assert_eq!(decision.awards, [award("growth", 112), award("points", 270)]);
    assert_eq!(decision.metrics.spend_minor_units, 90_00);
    assert_eq!(decision.metrics.points_earned, 382);
}

#[test]
fn an_order_of_no_value_counts_and_earns_nothing() {
    let decision = decide_purchase(&order_of(
        0,
        rules(vec![accrual()], vec![campaign("double", multiply(2, 1))]),
    ))
    .unwrap();
    assert_eq!(decision.awards, []);
    assert_eq!((decision.metrics.orders, decision.metrics.spend_minor_units), (1, 0));
}

#[test]
fn an_award_that_no_wallet_can_take_is_refused() {
    let rate = EarnRate {
        per_minor_units: 1,
        points: 2,
        step: EarnStep::FullSteps,
    };
    let order = order_of(
        Purchase::MAX_AMOUNT_MINOR_UNITS,
        rules(vec![Accrual { rate, ..accrual() }], vec![]),
    );
    assert_eq!(decide_purchase(&order), Err(DecideError::AwardOutOfRange));
}
