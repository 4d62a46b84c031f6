//! The vectors of the requirements: two rates that contradict each other, three ways to compose factors, a double day, a first purchase.

use super::*;

/// What 100 yuan, which make 100 base points, earn at a level of a factor, with a campaign or without.
fn earned_of_100_yuan(composition: Composition, tier_factor: Ratio, campaigns: Vec<Campaign>) -> i64 {
    let rules = rules(
        vec![Accrual {
            composition,
            ..accrual()
        }],
        campaigns,
    );
    earned(&order(
        purchase(vec![line("1", 100_00, 0, 0)]),
        facts(tier_factor),
        rules,
    ))
}

fn double_day() -> Vec<Campaign> {
    vec![campaign("double-day", multiply(2, 1))]
}

#[test]
fn both_rates_of_the_requirements_are_a_matter_of_configuration() {
    let earned_at = |per_minor_units, points, step, gross_minor_units| {
        let rate = Some(EarnRate {
            points,
            step,
            ..one_point_per(per_minor_units)
        });
        earned(&order_of(
            gross_minor_units,
            rules(vec![Accrual { rate, ..accrual() }], vec![]),
        ))
    };
    assert_eq!(earned_at(10_00, 1, EarnStep::FullSteps, 105_00), 10);
    assert_eq!(earned_at(100_00, 100, EarnStep::FullSteps, 250_00), 200);
    assert_eq!(earned_at(100_00, 100, EarnStep::ProRata, 250_00), 250);
}

#[test]
fn diamond_earns_160_by_addition_172_compounded_and_200_doubled() {
    assert_eq!(earned_of_100_yuan(Composition::Additive, ratio(8, 5), vec![]), 160);
    assert_eq!(
        earned_of_100_yuan(Composition::Multiplicative, ratio(216, 125), vec![]),
        172
    );
    assert_eq!(earned_of_100_yuan(Composition::Additive, ratio(2, 1), vec![]), 200);
}

#[test]
fn a_double_day_makes_260_or_320_or_200_of_diamonds_160() {
    assert_eq!(
        earned_of_100_yuan(Composition::Additive, ratio(8, 5), double_day()),
        260
    );
    assert_eq!(
        earned_of_100_yuan(Composition::Multiplicative, ratio(8, 5), double_day()),
        320
    );
    assert_eq!(earned_of_100_yuan(Composition::Max, ratio(8, 5), double_day()), 200);
}

#[test]
fn a_first_purchase_earns_a_tenth_more() {
    let condition = Some(Condition::Is(Test::FirstPurchase));
    let rules = rules(
        vec![accrual()],
        vec![Campaign {
            condition,
            ..campaign("welcome", multiply(11, 10))
        }],
    );
    let first = Facts {
        purchases_before: 0,
        ..facts(Ratio::ONE)
    };
    assert_eq!(
        earned(&order(purchase(vec![line("1", 100_00, 0, 0)]), first, rules.clone())),
        110
    );
    assert_eq!(earned(&order_of(100_00, rules)), 100);
}

#[test]
fn ten_small_returns_take_back_as_much_as_one_large_return() {
    let rate = Some(one_point_per(10_00));
    let rules = rules(vec![Accrual { rate, ..accrual() }], vec![]);
    let taken_back = |returns: &[i64]| -> i64 {
        let mut order = order_of(100_00, rules.clone());
        assert_eq!(earned(&order), 10);
        returns
            .iter()
            .map(|gross| take_back(&mut order, &[("1", *gross)]).metrics.points_earned)
            .sum()
    };
    assert_eq!(taken_back(&[10_00; 10]), -10);
    assert_eq!(taken_back(&[100_00]), -10);
    assert_eq!(taken_back(&[1_00; 10]), -1);
}
