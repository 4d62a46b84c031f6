//! Quotes: the vectors of the requirements, caps, floors, and what the lines of an order have of a discount.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn off(per_mille: i64) -> Discount {
    Discount {
        off: Off::PerMille(per_mille),
        lines: None,
        max_minor_units: None,
    }
}

fn sale(code: &str, discount: Discount) -> Campaign {
    Campaign {
        effects: vec![],
        discounts: vec![discount],
        ..campaign(code, add(1))
    }
}

/// 20 % off by the level, and 5 % for a birthday.
fn level_and_birthday() -> Vec<Campaign> {
    let level = Discount {
        off: Off::Level("status".into()),
        ..off(0)
    };
    vec![sale("a-level", level), sale("birthday", off(50))]
}

fn stacked(stacking: Stacking) -> DiscountPolicy {
    DiscountPolicy {
        stacking,
        ..DiscountPolicy::default()
    }
}

/// What 1,000 yuan come to, in yuan, for a member whose level takes 20 % off.
fn price(campaigns: Vec<Campaign>, groups: Vec<Group>, policy: DiscountPolicy) -> i64 {
    let rules = grouped(vec![accrual()], campaigns, groups);
    let mut order = order_of(1_000_00, rules);
    order.facts.levels[0].discount_per_mille = 200;
    paid(&quote(&order, policy, &[]).unwrap()) / 100
}

fn paid(quote: &Quote) -> i64 {
    quote
        .purchase
        .lines()
        .iter()
        .map(|line| line.money.price_minor_units())
        .sum()
}

#[test]
fn diamond_and_birthday_on_1000_yuan_are_760_or_750() {
    assert_eq!(price(level_and_birthday(), vec![], stacked(Stacking::Running)), 760);
    assert_eq!(price(level_and_birthday(), vec![], stacked(Stacking::Initial)), 750);
}

#[test]
fn with_a_festival_they_are_608_950_or_800() {
    let all = |group: Option<&str>| {
        let all = level_and_birthday().into_iter().chain([sale("festival", off(200))]);
        let all = all.map(|campaign| Campaign {
            group: group.map(Into::into),
            ..campaign
        });
        all.collect::<Vec<_>>()
    };
    assert_eq!(price(all(None), vec![], stacked(Stacking::Running)), 608);
    let one = |mode| {
        let group = Group {
            code: "one".into(),
            display_name: "one".into(),
            parent: None,
            mode,
            priority: 0,
        };
        price(all(Some("one")), vec![group], stacked(Stacking::Running))
    };
    assert_eq!(one(GroupMode::BestForMerchant), 950);
    assert_eq!(one(GroupMode::BestForMember), 800);
}

#[test]
fn no_more_is_taken_off_than_the_policy_allows() {
    let sales = vec![sale("a", off(300)), sale("b", off(300))];
    let most = DiscountPolicy {
        max_total_per_mille: 400,
        ..DiscountPolicy::default()
    };
    let order = order_of(1_000, rules(vec![accrual()], sales.clone()));
    let quoted = quote(&order, most, &[]).unwrap();
    let off: Vec<_> = quoted
        .discounts
        .iter()
        .map(|of| (of.of_lines[0], of.capped_minor_units))
        .collect();
    assert_eq!(off, [(300, 0), (100, 110)]);
    let floor = DiscountPolicy {
        floor_per_mille: 650,
        ..DiscountPolicy::default()
    };
    assert_eq!(paid(&quote(&order, floor, &[]).unwrap()), 650);
    assert_eq!(paid(&quote(&order, floor, &[900]).unwrap()), 900);
}

#[test]
fn what_a_floor_keeps_from_one_line_is_for_the_others() {
    let amount = Discount {
        off: Off::MinorUnits(100),
        ..off(0)
    };
    let lines = vec![line("1", 100, 0, 0), line("2", 100, 0, 0), line("3", 100, 0, 0)];
    let order = order(
        purchase(lines),
        facts(Ratio::ONE),
        rules(vec![accrual()], vec![sale("a", amount)]),
    );
    let quoted = |floors: &[i64]| {
        quote(&order, DiscountPolicy::default(), floors)
            .unwrap()
            .discounts
            .remove(0)
    };
    assert_eq!(quoted(&[]).of_lines, [34, 33, 33]);
    assert_eq!(quoted(&[90, 0, 0]).of_lines, [10, 45, 45]);
    let all = quoted(&[90, 90, 90]);
    assert_eq!((all.of_lines, all.capped_minor_units), (vec![10, 10, 10], 70));
}

#[test]
fn a_discount_is_for_its_lines_and_has_a_cap() {
    let books = Discount {
        lines: Some(LineFilter {
            categories: Names::new(["books"]),
            ..LineFilter::default()
        }),
        max_minor_units: Some(150),
        ..off(500)
    };
    let book = PurchaseLine {
        categories: vec!["books".into()],
        ..line("1", 400, 0, 0)
    };
    let order = order(
        purchase(vec![book, line("2", 400, 0, 0)]),
        facts(Ratio::ONE),
        rules(
            vec![accrual()],
            vec![
                sale("a", books),
                sale(
                    "b",
                    Discount {
                        lines: Some(LineFilter {
                            brands: Names::new(["acme"]),
                            ..LineFilter::default()
                        }),
                        ..off(100)
                    },
                ),
            ],
        ),
    );
    let quoted = quote(&order, DiscountPolicy::default(), &[]).unwrap();
    assert_eq!(quoted.discounts[0].of_lines, [150, 0]);
    let unmet: Vec<_> = quoted
        .campaigns
        .iter()
        .map(|of| of.unmet.map(|unmet| unmet.reason))
        .collect();
    // The other one is filed under the brand that it is for, and is not even looked at.
    assert_eq!(unmet, [None]);
    // A receipt of points says nothing of campaigns that only take off prices.
    assert!(decided(&order).campaigns.is_empty());
}

#[test]
fn the_points_are_those_of_what_is_paid() {
    let order = order_of(1_000_00, rules(vec![accrual()], vec![sale("a", off(300))]));
    let quoted = quote(&order, DiscountPolicy::default(), &[]).unwrap();
    let paid = Order {
        kept: Kept::everything(&quoted.purchase),
        purchase: quoted.purchase,
        ..order
    };
    assert_eq!(earned(&paid), 700);
}

fn any_discount() -> impl Strategy<Value = Discount> {
    let off = prop_oneof![
        (0i64..=1_000).prop_map(Off::PerMille),
        (0i64..3_000).prop_map(Off::MinorUnits)
    ];
    let lines = option::weighted(
        0.3,
        Just(LineFilter {
            skus: Names::new(["even"]),
            ..LineFilter::default()
        }),
    );
    (off, lines, option::weighted(0.3, 0i64..500)).prop_map(|(off, lines, max_minor_units)| Discount {
        off,
        lines,
        max_minor_units,
    })
}

proptest! {
    #[test]
    fn no_line_goes_below_its_floor_and_what_discounts_take_adds_up(
        prices in vec((0i64..2_000, 0i64..2_000), 1..6),
        discounts in vec(any_discount(), 0..6),
        running in any::<bool>(),
        max_total_per_mille in 0i64..=1_000,
        floor_per_mille in 0i64..=1_000,
    ) {
        let lines = prices.iter().enumerate().map(|(at, (gross, _))| PurchaseLine {
            sku: if at % 2 == 0 { "even" } else { "odd" }.into(),
            ..line(&at.to_string(), *gross, 0, 0)
        });
        let floors: Vec<i64> = prices.iter().map(|(_, floor)| *floor).collect();
        let sales = discounts.into_iter().enumerate().map(|(at, discount)| sale(&format!("sale-{at}"), discount));
        let order = order(purchase(lines.collect()), facts(Ratio::ONE), rules(vec![accrual()], sales.collect()));
        let stacking = if running { Stacking::Running } else { Stacking::Initial };
        let policy = DiscountPolicy { stacking, max_total_per_mille, floor_per_mille };
        let quoted = quote(&order, policy, &floors).unwrap();
        let whole: i64 = prices.iter().map(|(gross, _)| gross).sum();
        let mut total = 0;
        for (at, line) in quoted.purchase.lines().iter().enumerate() {
            let taken: i64 = quoted.discounts.iter().map(|of| of.of_lines[at]).sum();
            prop_assert_eq!(taken, line.money.discount_minor_units);
            prop_assert!(quoted.discounts.iter().all(|of| of.of_lines[at] >= 0));
            let floor = floors[at].max((line.money.gross_minor_units * floor_per_mille + 999) / 1_000);
            prop_assert!(taken == 0 || line.money.price_minor_units() >= floor);
            total += taken;
        }
        prop_assert!(total * 1_000 <= whole * max_total_per_mille);
        prop_assert!(quoted.discounts.iter().all(|of| of.capped_minor_units >= 0));
    }
}
