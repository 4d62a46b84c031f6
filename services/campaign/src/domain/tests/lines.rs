//! What rules make of single lines.

use super::*;

fn in_category(line_id: &str, gross_minor_units: i64, category: &str, quantity: i32) -> PurchaseLine {
    PurchaseLine {
        categories: vec![category.into()],
        quantity,
        ..line(line_id, gross_minor_units, 0, 0)
    }
}

fn shoes() -> LineFilter {
    LineFilter {
        categories: Names::new(["shoes"]),
        ..LineFilter::default()
    }
}

fn shoes_and_socks(accrual: Accrual, campaigns: Vec<Campaign>) -> Order {
    let lines = vec![
        in_category("1", 45_50, "shoes", 2),
        in_category("2", 30_00, "shoes", 1),
        in_category("3", 25_60, "socks", 5),
    ];
    order(purchase(lines), facts(Ratio::ONE), rules(vec![accrual], campaigns))
}

#[test]
fn a_factor_for_some_lines_raises_what_these_lines_alone_would_make() {
    let double = campaign(
        "shoes",
        Does::Multiply {
            factor: ratio(2, 1),
            lines: Some(shoes()),
        },
    );
    let mut order = shoes_and_socks(accrual(), vec![double]);
    // 101 points of 101.10 yuan, and 75 more for shoes of 75.50.
    assert_eq!(earned(&order), 176);
    assert_eq!(take_back(&mut order, &[("1", 45_50)]).metrics.points_earned, -(46 + 45));
    let rest = take_back(&mut order, &[("2", 0)]);
    assert_eq!(rest.metrics.points_earned, -(30 + 30));
    assert_eq!(fared(&rest), [("shoes", Some(NotFired::LinesMissing))]);
}

#[test]
fn steps_are_counted_on_the_order_or_on_each_line() {
    let rate = |scope| Accrual {
        rate: Some(EarnRate {
            scope,
            ..one_point_per(10_00)
        }),
        ..accrual()
    };
    assert_eq!(earned(&shoes_and_socks(rate(EarnScope::Order), vec![])), 10);
    assert_eq!(earned(&shoes_and_socks(rate(EarnScope::Line), vec![])), 4 + 3 + 2);
}

#[test]
fn points_are_added_for_the_order_for_lines_or_for_pieces() {
    let of = |per, lines| {
        campaign(
            "gift",
            Does::AddPoints {
                points: points(10),
                per,
                lines,
            },
        )
    };
    let earned_by = |per, lines| {
        earned(&shoes_and_socks(
            Accrual {
                rate: None,
                ..accrual()
            },
            vec![of(per, lines)],
        ))
    };
    assert_eq!(earned_by(PointsPer::Activity, None), 10);
    assert_eq!(earned_by(PointsPer::Line, None), 30);
    assert_eq!(earned_by(PointsPer::Line, Some(shoes())), 20);
    assert_eq!(earned_by(PointsPer::Piece, None), 80);
    let mut order = shoes_and_socks(
        Accrual {
            rate: None,
            ..accrual()
        },
        vec![of(PointsPer::Piece, Some(shoes()))],
    );
    assert_eq!(earned(&order), 30);
    // A part of one of two shoes came back: the other one is kept whole.
    assert_eq!(take_back(&mut order, &[("1", 10_00)]).metrics.points_earned, -10);
}

#[test]
fn a_campaign_has_a_rate_and_money_of_its_own() {
    let earn = |lines| Does::Earn {
        rate: one_point_per(5_00),
        base: None,
        lines,
    };
    assert_eq!(
        earned(&shoes_and_socks(accrual(), vec![campaign("more", earn(None))])),
        101 + 20
    );
    assert_eq!(
        earned(&shoes_and_socks(
            accrual(),
            vec![campaign("shoes", earn(Some(shoes())))]
        )),
        101 + 15
    );
}

#[test]
fn money_that_was_paid_with_points_earns_none_where_the_base_says_so() {
    let payment = |method: &str, minor_units| Payment {
        method: method.into(),
        minor_units,
    };
    let lines = vec![line("1", 60_00, 0, 0), line("2", 50_00, 10_00, 0)];
    let bought = Purchase::new(
        "17".into(),
        lines,
        0,
        vec![payment("points", 25_00), payment("card", 75_00)],
    )
    .unwrap();
    let base = EarnBase {
        without_payment_methods: Names::new(["points"]),
        ..EarnBase::paid()
    };
    let of = |base| {
        order(
            bought.clone(),
            facts(Ratio::ONE),
            rules(vec![Accrual { base, ..accrual() }], vec![]),
        )
    };
    assert_eq!(earned(&of(EarnBase::paid())), 100);
    let mut order = of(base);
    assert_eq!(earned(&order), 75);
    // The points paid 15 of the first line's 60 yuan.
    assert_eq!(take_back(&mut order, &[("1", 0)]).metrics.points_earned, -45);
}

#[test]
fn a_filter_asks_for_everything_that_is_set() {
    let line = PurchaseLine {
        sku: "sku-1".into(),
        brand: "acme".into(),
        ..in_category("1", 1, "shoes", 1)
    };
    let names = |name: &str| Names::new([name]);
    let filters = [
        (LineFilter::default(), true),
        (
            LineFilter {
                skus: names("sku-1"),
                brands: names("acme"),
                ..shoes()
            },
            true,
        ),
        (
            LineFilter {
                skus: names("sku-2"),
                ..shoes()
            },
            false,
        ),
        (
            LineFilter {
                brands: names("other"),
                ..shoes()
            },
            false,
        ),
        (
            LineFilter {
                except_brands: names("acme"),
                ..shoes()
            },
            false,
        ),
        (
            LineFilter {
                except_categories: names("shoes"),
                ..LineFilter::default()
            },
            false,
        ),
        (
            LineFilter {
                except_categories: names("socks"),
                ..LineFilter::default()
            },
            true,
        ),
    ];
    for (filter, matches) in filters {
        assert_eq!(filter.matches(&line), matches, "{filter:?}");
    }
}
