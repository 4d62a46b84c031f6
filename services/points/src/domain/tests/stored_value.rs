use common::points::Points;
use proptest::prelude::*;

use crate::domain::{Shares, SpendOrder};

fn shares(principal: i64, bonus: i64) -> Shares {
    Shares {
        principal: Points::new(principal).unwrap(),
        bonus: Points::new(bonus).unwrap(),
    }
}

fn points(number: i64) -> Points {
    Points::new(number).unwrap()
}

fn any_order() -> impl Strategy<Value = SpendOrder> {
    prop_oneof![
        Just(SpendOrder::Proportional),
        Just(SpendOrder::BonusFirst),
        Just(SpendOrder::PrincipalFirst),
    ]
}

#[test]
fn a_payment_is_parted_as_the_order_says() {
    let there = shares(1_000, 500);
    for (order, amount, principal, bonus) in [
        (SpendOrder::Proportional, 300, 200, 100),
        (SpendOrder::Proportional, 100, 66, 34),
        (SpendOrder::BonusFirst, 300, 0, 300),
        (SpendOrder::BonusFirst, 600, 100, 500),
        (SpendOrder::PrincipalFirst, 300, 300, 0),
        (SpendOrder::PrincipalFirst, 1_200, 1_000, 200),
    ] {
        assert_eq!(there.part(order, points(amount)), Some(shares(principal, bonus)));
    }
    assert_eq!(there.part(SpendOrder::Proportional, points(1_501)), None);
    assert_eq!(
        shares(0, 0).part(SpendOrder::Proportional, points(0)),
        Some(shares(0, 0))
    );
}

#[test]
fn what_cannot_be_counted_in_64_bits_is_parted_too() {
    let most = Points::MAX.get();
    let half = shares(most / 2, most / 2)
        .part(SpendOrder::Proportional, points(most / 2))
        .unwrap();
    assert_eq!(half.total(), points(most / 2));
}

#[test]
fn however_it_came_back_before_no_more_comes_back_than_was_asked_for() {
    let paid = shares(50, 50);
    for order in [
        SpendOrder::Proportional,
        SpendOrder::BonusFirst,
        SpendOrder::PrincipalFirst,
    ] {
        for before in [shares(0, 50), shares(50, 0), shares(10, 45)] {
            let back = paid.give_back(order, before, points(10)).unwrap();
            assert_eq!(back.total(), points(10));
            let all = paid.total().saturating_sub(before.total());
            let rest = paid.give_back(order, before, all).unwrap();
            assert_eq!(rest, shares(50 - before.principal.get(), 50 - before.bonus.get()));
        }
    }
}

proptest! {
    #[test]
    fn no_share_is_more_than_is_there(order in any_order(), principal in 0..10_000_i64, bonus in 0..10_000_i64, amount in 0..20_000_i64) {
        let there = shares(principal, bonus);
        match there.part(order, points(amount)) {
            Some(parted) => {
                prop_assert_eq!(parted.total(), points(amount));
                prop_assert!(parted.principal <= there.principal && parted.bonus <= there.bonus);
            }
            None => prop_assert!(amount > principal + bonus),
        }
    }

    #[test]
    fn it_does_not_matter_in_how_many_steps_a_payment_comes_back(
        order in any_order(),
        principal in 0..10_000_i64,
        bonus in 0..10_000_i64,
        steps in prop::collection::vec(1..3_000_i64, 1..8),
    ) {
        let paid = shares(principal, bonus);
        let (mut back, mut amount) = (Shares::default(), 0);
        for step in steps {
            match paid.give_back(order, back, points(step)) {
                Some(some) => {
                    prop_assert_eq!(some.total(), points(step));
                    back = shares(back.principal.get() + some.principal.get(), back.bonus.get() + some.bonus.get());
                    amount += step;
                }
                None => prop_assert!(amount + step > principal + bonus),
            }
        }
        prop_assert_eq!(paid.give_back(order, Shares::default(), points(amount)), Some(back));
    }
}
