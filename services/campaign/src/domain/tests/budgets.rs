//! What budgets do to campaigns that they have not enough for.

use super::*;

/// A purchase of 100.00 that earns 100 points, and as many again of a campaign that a budget pays for, at one minor unit a point.
fn bought(available_minor_units: i64, on_shortage: OnShortage) -> Order {
    let double = paid_by("spring", on_shortage, Ratio::ONE, campaign("double", multiply(2, 1)));
    with_money(
        "spring",
        available_minor_units,
        order_of(10_000, rules(vec![accrual()], vec![double])),
    )
}

/// What a decision awards, what it costs the budget, what it costs beyond that, and how its campaign fared.
fn outcome(order: &Order) -> (i64, i64, i64, Option<NotFired>) {
    let decision = decided(order);
    let cost = decision
        .charges
        .first()
        .map(|charge| charge.standing)
        .unwrap_or_default();
    let fared = fared(&decision)[0].1;
    (
        decision.metrics.points_earned,
        cost.minor_units,
        cost.over_minor_units,
        fared,
    )
}

#[test]
fn what_there_is_enough_for_is_paid_whatever_the_policy() {
    for on_shortage in [
        OnShortage::Partial,
        OnShortage::BaseOnly,
        OnShortage::Reject,
        OnShortage::Allow,
    ] {
        assert_eq!(
            outcome(&bought(100, on_shortage)),
            (200, 100, 0, None),
            "{on_shortage:?}"
        );
    }
}

#[test]
fn a_shortage_is_met_as_the_campaign_says() {
    assert_eq!(outcome(&bought(60, OnShortage::Partial)), (160, 60, 0, None));
    assert_eq!(
        outcome(&bought(60, OnShortage::BaseOnly)),
        (100, 0, 0, Some(NotFired::BudgetExhausted))
    );
    assert_eq!(outcome(&bought(60, OnShortage::Allow)), (200, 60, 40, None));
    let short = |order: &Order| decide_purchase(&mut order.clone()).unwrap().shortages;
    let refused = short(&bought(60, OnShortage::Reject));
    assert_eq!((refused[0].refuses, refused[0].missing_minor_units), (true, 40));
    assert!(short(&bought(100, OnShortage::Reject)).is_empty());
}

#[test]
fn campaigns_of_one_budget_are_paid_in_the_order_in_which_they_are_considered() {
    let funded = |code, points, on_shortage| paid_by("spring", on_shortage, ratio(1, 2), campaign(code, add(points)));
    let campaigns = vec![
        funded("a", 11, OnShortage::Partial),
        funded("b", 100, OnShortage::BaseOnly),
        funded("c", 30, OnShortage::Partial),
    ];
    let decision = decided(&with_money(
        "spring",
        20,
        order_of(0, rules(vec![accrual()], campaigns)),
    ));
    let brought = decision.accruals[0]
        .contributions
        .iter()
        .map(|of| (of.campaign.as_str(), of.points.get()));
    // 11 points at half a minor unit cost 6: a started one is one.
    assert_eq!(brought.collect::<Vec<_>>(), [("a", 11), ("c", 28)]);
    assert_eq!(decision.charges[0].standing.minor_units, 20);
    assert_eq!(fared(&decision)[1], ("b", Some(NotFired::BudgetExhausted)));
}

#[test]
fn a_return_gives_money_back_to_the_time_of_the_purchase_and_never_takes_more() {
    let mut order = bought(60, OnShortage::Partial);
    let back = take_back(&mut order, &[("1", 5_000)]);
    assert_eq!((back.metrics.points_earned, back.charges[0].by.minor_units), (-60, -10));
    assert_eq!(back.charges[0].starts_on.to_string(), "1997-01-01");
    let back = take_back(&mut order, &[]);
    assert_eq!(
        (back.metrics.points_earned, back.charges[0].by.minor_units),
        (-100, -50)
    );

    let mut too_dear = bought(60, OnShortage::BaseOnly);
    let back = take_back(&mut too_dear, &[("1", 5_000)]);
    assert_eq!((back.metrics.points_earned, back.charges.len()), (-50, 0));
}

#[test]
fn what_was_spent_beyond_a_budget_comes_off_first() {
    let mut order = bought(60, OnShortage::Allow);
    let back = take_back(&mut order, &[("1", 5_000)]);
    let by = back.charges[0].by;
    assert_eq!((by.minor_units, by.over_minor_units), (-10, -40));
}

#[test]
fn a_receipt_names_no_budget_that_was_not_needed() {
    let order = with_money("summer", 500, bought(100, OnShortage::Partial));
    let facts = decided(&order).facts.budgets;
    assert_eq!(
        facts.iter().map(|fact| fact.budget.as_str()).collect::<Vec<_>>(),
        ["spring"]
    );
}

#[test]
fn rounding_that_makes_less_cost_more_does_not_take_a_whole_campaign_away() {
    let accrual = Accrual {
        rate: Some(EarnRate {
            step: EarnStep::ProRata,
            ..one_point_per(100)
        }),
        ..accrual()
    };
    let half_more = paid_by(
        "spring",
        OnShortage::BaseOnly,
        Ratio::ONE,
        campaign("half", multiply(3, 2)),
    );
    let mut order = with_money("spring", 1_000, order_of(301_00, rules(vec![accrual], vec![half_more])));
    assert_eq!(outcome(&order), (451, 150, 0, None));
    // 300.70 make 451 with the campaign and 300 without: 151 for it, where the whole had cost 150.
    let back = take_back(&mut order, &[("1", 30)]);
    assert_eq!(
        (back.metrics.points_earned, back.charges[0].standing.minor_units),
        (-1, 150)
    );
}

#[test]
fn what_budgets_have_nothing_for_keeps_nothing_from_others() {
    let grouped_campaign = |campaign: Campaign| Campaign {
        group: Some("best".into()),
        ..campaign
    };
    let best = Group {
        code: "best".into(),
        display_name: "best".into(),
        parent: None,
        mode: GroupMode::BestForMember,
        priority: 0,
    };
    for on_shortage in [OnShortage::BaseOnly, OnShortage::Partial] {
        let triple = paid_by("spring", on_shortage, Ratio::ONE, campaign("triple", multiply(3, 1)));
        let campaigns = vec![
            grouped_campaign(triple),
            grouped_campaign(campaign("double", multiply(2, 1))),
        ];
        let rules = grouped(vec![accrual()], campaigns, vec![best.clone()]);
        let decision = decided(&with_money("spring", 0, order_of(10_000, rules)));
        assert_eq!(decision.metrics.points_earned, 200);
        assert_eq!(
            fared(&decision),
            [("double", None), ("triple", Some(NotFired::BudgetExhausted))]
        );
    }
}

#[test]
fn a_campaign_that_must_not_be_cut_is_paid_when_what_comes_before_it_is_left_out() {
    let before = paid_by("spring", OnShortage::BaseOnly, Ratio::ONE, campaign("a", add(120)));
    let must = paid_by("spring", OnShortage::Reject, Ratio::ONE, campaign("b", add(80)));
    let order = with_money("spring", 100, order_of(0, rules(vec![accrual()], vec![before, must])));
    let decided = decide_purchase(&mut order.clone()).unwrap();
    assert!(decided.shortages.iter().all(|short| !short.refuses));
    assert_eq!(decided.decision.metrics.points_earned, 80);
}

#[test]
fn what_a_return_needs_again_is_taken_of_what_there_is() {
    let small = Campaign {
        condition: Some(Condition::Any(vec![
            order_from(10_000),
            Condition::Is(Test::Order {
                base: EarnBase::paid(),
                at_least_minor_units: 0,
                below_minor_units: Some(4_000),
            }),
        ])),
        ..paid_by("spring", OnShortage::Partial, Ratio::ONE, campaign("either", add(30)))
    };
    let mut order = with_money("spring", 100, order_of(10_000, rules(vec![accrual()], vec![small])));
    take_back(&mut order, &[("1", 5_000)]);
    assert_eq!(order.charges[0].by.minor_units, -30);
    let again = |spare: i64| {
        let (_, decided) = decide_return(&order, ActivityId::new(), &returned(&[("1", 2_000)]), |_| spare).unwrap();
        let by = decided
            .decision
            .charges
            .first()
            .map_or(0, |charge| charge.by.minor_units);
        (decided.decision.metrics.points_earned, by, decided.shortages.len())
    };
    assert_eq!(again(i64::MAX), (-20 + 30, 30, 0));
    assert_eq!(again(12), (-20 + 12, 12, 1));
    assert_eq!(again(0), (-20, 0, 1));
}

#[test]
fn a_budget_with_more_money_than_points_can_be_held_pays_like_any_other() {
    let cheap = paid_by(
        "all",
        OnShortage::BaseOnly,
        ratio(1, 1_000),
        campaign("cheap", multiply(2, 1)),
    );
    let order = with_money("all", i64::MAX, order_of(100_00, rules(vec![accrual()], vec![cheap])));
    assert_eq!(earned(&order), 200);
}
