//! When campaigns apply, and what the receipt says of them.

use super::*;

/// What the effects of campaigns did to the base accrual: whose, points, and what was taken off.
fn contributed(decision: &Decision) -> Vec<(&str, i64, i64)> {
    let contributions = decision.accruals[0].contributions.iter();
    contributions
        .map(|of| (of.campaign.as_str(), of.points.get(), of.capped_points.get()))
        .collect()
}

#[test]
fn only_campaigns_that_are_on_run_and_are_for_such_activities_are_considered() {
    let double = |code| campaign(code, multiply(2, 1));
    let over = Schedule {
        end: Some("1997-01-15T12:00:00Z".parse().unwrap()),
        ..Schedule::default()
    };
    let campaigns = vec![
        Campaign {
            paused: true,
            ..double("off")
        },
        Campaign {
            schedule: over,
            ..double("over")
        },
        Campaign {
            trigger: Trigger::Custom("review".into()),
            ..campaign("reviews", add(1))
        },
        Campaign {
            condition: Some(on_levels(&["gold"])),
            ..double("for-gold")
        },
        double("for-all"),
    ];
    let decision = decided(&order_of(100_00, rules(vec![accrual()], campaigns)));
    assert_eq!(fared(&decision), [("for-all", None)]);
    assert_eq!(decision.metrics.points_earned, 200);
}

#[test]
fn the_order_of_consideration_is_priority_and_then_code() {
    let of = |code, priority| Campaign {
        priority,
        ..campaign(code, add(1))
    };
    let campaigns = vec![of("b", 1), of("c", 9), of("a", 1), of("d", -1)];
    let decision = decided(&order_of(100_00, rules(vec![accrual()], campaigns)));
    let considered: Vec<_> = fared(&decision).into_iter().map(|(code, _)| code).collect();
    assert_eq!(considered, ["c", "a", "b", "d"]);
}

#[test]
fn factors_come_before_added_points_and_the_cap_on_the_order_comes_last() {
    let half_more = Campaign {
        priority: 5,
        ..capped(30, campaign("half-more", multiply(3, 2)))
    };
    let accrual = Accrual {
        max_points_per_order: Some(points(165)),
        ..accrual()
    };
    let order = order_of(
        100_00,
        rules(vec![accrual], vec![capped(40, campaign("gift", add(50))), half_more]),
    );
    let decision = decided(&order);
    assert_eq!(contributed(&decision), [("half-more", 30, 20), ("gift", 40, 10)]);
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
            to: to("points"),
            points: 165
        }]
    );
}

#[test]
fn each_accrual_has_its_own_money_campaigns_and_wallet() {
    let base = EarnBase {
        discount: DiscountBase::Before,
        with_tax: true,
        with_freight: true,
        without_payment_methods: Names::default(),
    };
    let growth = Accrual {
        code: "growth".into(),
        wallet: "growth".into(),
        base,
        ladder: None,
        ..accrual()
    };
    let bought = Purchase::new("17".into(), vec![line("1", 100_00, 10_00, 7_00)], 5_00, vec![]).unwrap();
    let order = order(
        bought,
        facts(ratio(2, 1)),
        rules(vec![growth, accrual()], vec![campaign("double", multiply(2, 1))]),
    );
    let decision = decided(&order);
    let award = |wallet: &str, points| Award { to: to(wallet), points };
    assert_eq!(decision.awards, [award("growth", 112), award("points", 270)]);
    assert_eq!(decision.metrics.spend_minor_units, 90_00);
    assert_eq!(decision.metrics.points_earned, 382);
}

#[test]
fn one_campaign_may_change_several_accruals() {
    let growth = Accrual {
        code: "growth".into(),
        wallet: "growth".into(),
        rate: None,
        ..accrual()
    };
    let both = Campaign {
        effects: vec![
            on_base(multiply(2, 1)),
            Effect {
                accrual: "growth".into(),
                ..on_base(add(7))
            },
        ],
        ..campaign("both", add(1))
    };
    let decision = decided(&order_of(100_00, rules(vec![growth, accrual()], vec![both])));
    let award = |wallet: &str, points| Award { to: to(wallet), points };
    assert_eq!(decision.awards, [award("growth", 7), award("points", 200)]);
}

#[test]
fn an_order_of_no_value_counts_and_earns_nothing() {
    let decision = decided(&order_of(
        0,
        rules(vec![accrual()], vec![campaign("double", multiply(2, 1))]),
    ));
    assert_eq!(decision.awards, []);
    assert_eq!((decision.metrics.orders, decision.metrics.spend_minor_units), (1, 0));
}

#[test]
fn an_award_that_no_wallet_can_take_is_refused() {
    let rate = EarnRate {
        points: 2,
        ..one_point_per(1)
    };
    let order = order_of(
        Purchase::MAX_AMOUNT_MINOR_UNITS,
        rules(
            vec![Accrual {
                rate: Some(rate),
                ..accrual()
            }],
            vec![],
        ),
    );
    assert_eq!(decide_purchase(&mut order.clone()), Err(DecideError::AwardOutOfRange));
}

#[test]
fn what_is_impossible_in_a_campaign_is_told_all_at_once() {
    let fields = |wrong: &Campaign, accrual: &Accrual| -> Vec<String> {
        let accruals = vec![accrual; wrong.effects.len()];
        wrong.contradictions(&accruals).into_iter().map(|of| of.field).collect()
    };
    assert_eq!(fields(&campaign("double", multiply(2, 1)), &accrual()), [""; 0]);
    let custom = Campaign {
        trigger: Trigger::Custom("review".into()),
        condition: Some(Condition::Is(Test::FirstPurchase)),
        effects: vec![
            on_base(multiply(1, 2)),
            on_base(Does::Earn {
                rate: one_point_per(1),
                base: None,
                lines: None,
            }),
        ],
        limits: vec![Limit {
            period: LimitPeriod::Day,
            times: None,
            points: None,
        }],
        ..campaign("reviews", add(1))
    };
    let custom_fields = [
        "condition.first_purchase",
        "effects[0].multiply",
        "effects[0].multiply.factor",
        "effects[1].earn",
        "limits[0]",
    ];
    assert_eq!(fields(&custom, &accrual()), custom_fields);
    let noon = Some(Timestamp::UNIX_EPOCH);
    let day = |text: &str| text.parse().unwrap();
    let schedule = Schedule {
        start: noon,
        end: noon,
        days: vec![Days {
            on: On::Yearly(vec![(2, 29), (2, 30)]),
            lasts_days: 1,
        }],
        times: vec![DayTime {
            from_minute: 60,
            until_minute: 60,
        }],
        except: vec![(day("2026-01-02"), day("2026-01-01"))],
    };
    let never = Campaign {
        schedule,
        ..campaign("never", multiply(2, 1))
    };
    let unearning = Accrual {
        rate: None,
        ..accrual()
    };
    let never_fields = [
        "schedule.end",
        "schedule.days[0].yearly.days[1]",
        "schedule.times[0].until_minute",
        "schedule.except[0].last",
        "effects[0].multiply",
    ];
    assert_eq!(fields(&never, &unearning), never_fields);
}
