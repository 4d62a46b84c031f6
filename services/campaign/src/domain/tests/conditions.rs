//! What must hold for a campaign to apply, and which part of it did not.

use super::*;

fn when(condition: Condition) -> Arc<Rules> {
    let gift = Campaign {
        condition: Some(condition),
        ..campaign("gift", add(5))
    };
    rules(vec![accrual()], vec![gift])
}

fn is(test: Test) -> Condition {
    Condition::Is(test)
}

fn names(names: &[&str]) -> Names {
    Names::new(names.iter().copied())
}

/// Which part did not hold, and why. A condition within another keeps the campaign from being left out before.
fn unmet(condition: Condition, order: impl FnOnce(Arc<Rules>) -> Order) -> Option<(u16, NotFired)> {
    let decision = decided(&order(when(Condition::Any(vec![condition]))));
    decision.campaigns[0].unmet.map(|unmet| (unmet.part, unmet.reason))
}

fn web(rules: Arc<Rules>) -> Order {
    order_of(100_00, rules)
}

#[test]
fn each_test_says_what_did_not_hold() {
    let unmet_by_web = |test| unmet(is(test), web).map(|(_, reason)| reason);
    let order = |at_least_minor_units, below_minor_units| Test::Order {
        base: EarnBase::paid(),
        at_least_minor_units,
        below_minor_units,
    };
    let lines = |filter, at_least_minor_units, at_least_quantity| Test::Lines {
        filter,
        at_least_minor_units,
        at_least_quantity,
    };
    let level = |level: &str| Test::Level {
        ladder: "status".into(),
        levels: names(&[level]),
    };
    let brand = LineFilter {
        brands: names(&["acme"]),
        ..LineFilter::default()
    };
    assert_eq!(unmet_by_web(level("diamond")), None);
    assert_eq!(unmet_by_web(level("gold")), Some(NotFired::OtherLevel));
    assert_eq!(unmet_by_web(Test::FirstPurchase), Some(NotFired::NotFirstPurchase));
    assert_eq!(unmet_by_web(Test::Channel(names(&["app", "web"]))), None);
    assert_eq!(
        unmet_by_web(Test::Channel(names(&["app"]))),
        Some(NotFired::OtherChannel)
    );
    assert_eq!(unmet_by_web(Test::Store(names(&["12"]))), Some(NotFired::OtherStore));
    assert_eq!(
        unmet_by_web(Test::PaymentMethod(names(&["card"]))),
        Some(NotFired::OtherPaymentMethod)
    );
    assert_eq!(unmet_by_web(order(100_00, Some(100_01))), None);
    assert_eq!(unmet_by_web(order(100_01, None)), Some(NotFired::BelowMinimum));
    assert_eq!(unmet_by_web(order(0, Some(100_00))), Some(NotFired::AboveMaximum));
    assert_eq!(unmet_by_web(lines(LineFilter::default(), 100_00, 1)), None);
    assert_eq!(
        unmet_by_web(lines(LineFilter::default(), 100_01, 0)),
        Some(NotFired::LinesMissing)
    );
    assert_eq!(
        unmet_by_web(lines(LineFilter::default(), 0, 2)),
        Some(NotFired::LinesMissing)
    );
    assert_eq!(unmet_by_web(lines(brand, 0, 0)), Some(NotFired::LinesMissing));
    // Enrolled on 1 December, 45 and a half days before.
    assert_eq!(unmet_by_web(Test::EnrolledWithinDays(46)), None);
    assert_eq!(
        unmet_by_web(Test::EnrolledWithinDays(45)),
        Some(NotFired::EnrolledTooLongAgo)
    );
}

#[test]
fn conditions_nest_and_the_part_that_did_not_hold_is_told() {
    let (holds, fails) = (
        || is(Test::Channel(names(&["web"]))),
        || is(Test::Store(names(&["12"]))),
    );
    let nested = Condition::All(vec![
        Condition::Any(vec![fails(), holds()]),
        Condition::None(vec![fails()]),
        fails(),
    ]);
    // Any is part 1; within it all is 2, any 3 with 4 and 5, none 6 with 7, and the last test 8.
    assert_eq!(unmet(nested, web), Some((8, NotFired::OtherStore)));
    assert_eq!(
        unmet(Condition::Any(vec![fails(), fails()]), web),
        Some((2, NotFired::NoneOfSeveral))
    );
    assert_eq!(
        unmet(Condition::None(vec![fails(), holds()]), web),
        Some((4, NotFired::Excluded))
    );
    assert_eq!(
        unmet(Condition::None(vec![Condition::All(vec![holds(), fails()])]), web),
        None
    );
}

#[test]
fn a_member_without_a_level_is_on_none() {
    let newcomer = |rules| {
        let nothing = LevelFact {
            discount_per_mille: 0,
            ladder: "status".into(),
            level: None,
            accrual_factor: Ratio::ONE,
        };
        let facts = Facts {
            levels: vec![nothing],
            enrolled_at: None,
            ..facts(Ratio::ONE)
        };
        order(purchase(vec![line("1", 100_00, 0, 0)]), facts, rules)
    };
    assert_eq!(
        unmet(on_levels(&["diamond"]), newcomer),
        Some((2, NotFired::OtherLevel))
    );
    assert_eq!(
        unmet(is(Test::EnrolledWithinDays(1)), newcomer),
        Some((2, NotFired::EnrolledTooLongAgo))
    );
}

#[test]
fn an_order_of_which_goods_came_back_is_a_smaller_order() {
    let small = is(Test::Order {
        base: EarnBase::paid(),
        at_least_minor_units: 0,
        below_minor_units: Some(50_00),
    });
    let not_large = Condition::None(vec![order_from(50_00)]);
    for condition in [small, not_large] {
        let mut order = order_of(60_00, when(condition));
        assert_eq!(earned(&order), 60);
        let decision = take_back(&mut order, &[("1", 11_00)]);
        assert_eq!(decision.metrics.points_earned, -6);
        assert_eq!(fared(&decision), [("gift", None)]);
        let last = take_back(&mut order, &[]);
        assert_eq!(last.metrics.points_earned, -54);
    }
}

#[test]
fn what_a_return_gives_stands_beside_what_was_earned_and_is_taken_back_first() {
    let small = is(Test::Order {
        base: EarnBase::paid(),
        at_least_minor_units: 0,
        below_minor_units: Some(50_00),
    });
    let gift = Campaign {
        condition: Some(small),
        ..campaign("gift", add(30))
    };
    let mut order = order_of(60_00, rules(vec![accrual()], vec![gift]));
    let given = take_back(&mut order, &[("1", 11_00)]);
    assert_eq!(given.metrics.points_earned, 19);
    let standing: Vec<i64> = order.standing.iter().map(|credit| credit.points).collect();
    assert_eq!((given.returned.unwrap().reversed, standing), (vec![], vec![60, 19]));
    let back = take_back(&mut order, &[("1", 20_00)]).returned.unwrap();
    let reversed: Vec<i64> = back.reversed.iter().map(|credit| credit.points).collect();
    assert_eq!(reversed, [19, 1]);
}

#[test]
fn a_condition_that_is_too_large_is_refused() {
    let deep = (0..8).fold(order_from(1), |within, _| Condition::All(vec![within]));
    let wide = Condition::Any(vec![order_from(1); 200]);
    let fits = Condition::Any(vec![
        (0..6).fold(order_from(1), |within, _| Condition::All(vec![within]));
        20
    ]);
    let refused = |condition| {
        let campaign = Campaign {
            condition: Some(condition),
            ..campaign("c", add(1))
        };
        campaign.contradictions(&[&accrual()]).len()
    };
    assert_eq!([refused(deep), refused(wide), refused(fits)], [1, 1, 0]);
}

#[test]
fn attributes_are_asked_for_as_texts_and_as_numbers() {
    let quiz = |is| {
        let condition = Condition::Is(Test::Attribute {
            name: "score".into(),
            is,
        });
        let campaign = Campaign {
            trigger: Trigger::Custom("quiz".into()),
            condition: Some(condition),
            ..campaign("quiz", add(5))
        };
        let custom = Custom {
            kind: "quiz".into(),
            reference: String::new(),
            attributes: [("score".to_owned(), "80".to_owned())].into(),
        };
        let decided = decide_custom(
            &occasion("1997-01-15T12:00:00Z"),
            &custom,
            &facts(Ratio::ONE),
            &rules(vec![accrual()], vec![campaign]),
        );
        decided.unwrap().decision.metrics.points_earned
    };
    let all = [
        AttributeIs::AtLeast(80),
        AttributeIs::AtLeast(81),
        AttributeIs::AtMost(80),
        AttributeIs::AtMost(79),
        AttributeIs::OneOf(names(&["80"])),
    ];
    assert_eq!(all.map(quiz), [5, 0, 5, 0, 5]);
}
