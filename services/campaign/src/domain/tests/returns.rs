//! Returns, and what they refuse.

use super::*;

fn two_lines() -> Order {
    let lines = vec![line("1", 100_00, 10_00, 7_00), line("gift", 0, 0, 0)];
    order(
        purchase(lines),
        facts(ratio(6, 5)),
        rules(vec![accrual()], vec![campaign("thanks", add(5))]),
    )
}

fn more_than_left(line_id: &str, left_minor_units: i64, asked_minor_units: i64) -> DecideError {
    DecideError::MoreThanLeft {
        line_id: line_id.into(),
        left_minor_units,
        asked_minor_units,
    }
}

#[test]
fn a_return_tells_what_is_kept_and_takes_back_the_rest() {
    let mut order = two_lines();
    assert_eq!(earned(&order), 108 + 5);
    let decision = take_back(&mut order, &[("1", 50_00)]);
    assert_eq!(
        decision.awards,
        [Award {
            to: to("points"),
            points: -54
        }]
    );
    assert_eq!(
        (decision.metrics.spend_minor_units, decision.metrics.orders),
        (-45_00, 0)
    );
    assert_eq!(decision.metrics.counted_at, order.occasion.occurred_at);
    let about = decision.returned.unwrap();
    assert_eq!(about.purchase_activity_id, order.activity_id);
    let half = LineMoney {
        gross_minor_units: 50_00,
        discount_minor_units: 5_00,
        tax_minor_units: 3_50,
    };
    let kept = |line_id: &str, money| KeptLine {
        line_id: line_id.into(),
        money,
    };
    assert_eq!(about.kept, [kept("1", half), kept("gift", LineMoney::default())]);
}

#[test]
fn added_points_and_the_order_go_with_the_last_line_even_one_that_cost_nothing() {
    let mut order = two_lines();
    let first = take_back(&mut order, &[("1", 0)]);
    assert_eq!((first.metrics.points_earned, first.metrics.orders), (-108, 0));
    let last = take_back(&mut order, &[("gift", 0)]);
    assert_eq!(
        (
            last.metrics.points_earned,
            last.metrics.orders,
            last.metrics.spend_minor_units
        ),
        (-5, -1, 0)
    );
    assert_eq!(last.returned.unwrap().kept, []);
}

#[test]
fn the_whole_of_what_is_left_comes_back_once() {
    let mut order = two_lines();
    take_back(&mut order, &[("1", 10_00)]);
    let rest = take_back(&mut order, &[]);
    assert_eq!((rest.metrics.spend_minor_units, rest.metrics.orders), (-81_00, -1));
    assert_eq!(try_take_back(&order, &[]).map(|_| ()), Err(more_than_left("", 0, 0)));
}

#[test]
fn more_than_is_left_never_comes_back() {
    let mut order = two_lines();
    take_back(&mut order, &[("1", 30_00)]);
    assert_eq!(
        try_take_back(&order, &[("1", 70_01)]).map(|_| ()),
        Err(more_than_left("1", 70_00, 70_01))
    );
    assert_eq!(
        try_take_back(&order, &[("1", 50_00), ("1", 30_00)]).map(|_| ()),
        Err(more_than_left("1", 20_00, 30_00))
    );
    assert_eq!(
        try_take_back(&order, &[("1", 0), ("1", 0)]).map(|_| ()),
        Err(more_than_left("1", 0, 0))
    );
    assert_eq!(
        try_take_back(&order, &[("gift", 1)]).map(|_| ()),
        Err(more_than_left("gift", 0, 1))
    );
}

#[test]
fn a_line_that_the_order_has_not_cannot_come_back() {
    let refused = try_take_back(&two_lines(), &[("1", 0), ("2", 0)]).map(|_| ());
    assert_eq!(refused, Err(DecideError::LineNotFound { line_id: "2".into() }));
}

#[test]
fn an_order_of_no_value_comes_back_once() {
    let mut order = order_of(0, rules(vec![accrual()], vec![]));
    let decision = take_back(&mut order, &[]);
    assert_eq!((decision.awards.len(), decision.metrics.orders), (0, -1));
    assert_eq!(try_take_back(&order, &[]).map(|_| ()), Err(more_than_left("", 0, 0)));
}

#[test]
fn freight_is_kept_until_nothing_is_left() {
    let base = EarnBase {
        with_freight: true,
        ..accrual().base
    };
    let bought = Purchase::new(
        "17".into(),
        vec![line("1", 10_00, 0, 0), line("2", 10_00, 0, 0)],
        5_00,
        vec![],
    )
    .unwrap();
    let mut order = order(
        bought,
        facts(Ratio::ONE),
        rules(vec![Accrual { base, ..accrual() }], vec![]),
    );
    assert_eq!(earned(&order), 25);
    assert_eq!(take_back(&mut order, &[("2", 0)]).metrics.points_earned, -10);
    assert_eq!(take_back(&mut order, &[("1", 0)]).metrics.points_earned, -15);
}

#[test]
fn a_campaign_is_lost_when_what_is_left_falls_below_its_minimum() {
    let double = Campaign {
        condition: Some(order_from(100_00)),
        ..campaign("double", multiply(2, 1))
    };
    let mut order = order_of(120_00, rules(vec![accrual()], vec![double]));
    assert_eq!(earned(&order), 240);
    assert_eq!(take_back(&mut order, &[("1", 20_00)]).metrics.points_earned, -40);
    let below = take_back(&mut order, &[("1", 1_00)]);
    assert_eq!(below.metrics.points_earned, -101);
    assert_eq!(fared(&below), [("double", Some(NotFired::BelowMinimum))]);
}

#[test]
fn what_is_kept_can_be_written_down_and_read_again() {
    let mut order = two_lines();
    let read = |order: &Order| {
        let lines = order.kept.lines(&order.purchase);
        Kept::of_lines(
            &order.purchase,
            lines
                .iter()
                .map(|line| (line.line_id.as_str(), line.money.gross_minor_units)),
        )
    };
    assert_eq!(read(&order), Some(order.kept.clone()));
    take_back(&mut order, &[("gift", 0), ("1", 1)]);
    assert_eq!(read(&order), Some(order.kept.clone()));
    for nonsense in [("1", 0), ("1", 100_01), ("1", -1), ("gift", 1), ("2", 0)] {
        assert_eq!(Kept::of_lines(&order.purchase, [nonsense]), None, "{nonsense:?}");
    }
}

/// Rules that were published once, all in version 1.
struct Published(Arc<Rules>, i32);

impl FindRules for Published {
    fn accrual(&self, code: &str, version: i32) -> Option<Arc<Accrual>> {
        let found = self
            .0
            .accruals()
            .iter()
            .find(|of| of.rule.code == code && of.version == version);
        found.map(|of| of.rule.clone())
    }

    fn campaign(&self, code: &str, version: i32) -> Option<Arc<Campaign>> {
        let found = self
            .0
            .campaigns()
            .iter()
            .find(|of| of.rule.code == code && version == self.1);
        found.map(|of| of.rule.clone())
    }

    fn group(&self, code: &str, version: i32) -> Option<Arc<Group>> {
        let found = self
            .0
            .groups()
            .iter()
            .find(|of| of.rule.code == code && of.version == version);
        found.map(|of| of.rule.clone())
    }
}

#[test]
fn a_return_is_judged_by_the_rules_of_its_purchase() {
    let group = Group {
        code: "g".into(),
        display_name: "g".into(),
        parent: None,
        mode: GroupMode::StackAll,
        priority: 0,
    };
    let double = Campaign {
        group: Some("g".into()),
        ..campaign("double", multiply(2, 1))
    };
    let order = order_of(100_00, grouped(vec![accrual()], vec![double], vec![group]));
    let decision = decided(&order);
    let found = |campaign_version| Rules::of_decision(&decision, &Published(order.rules.clone(), campaign_version));
    assert_eq!(found(1).as_ref(), Some(&*order.rules));
    assert_eq!(found(2), None);
}
