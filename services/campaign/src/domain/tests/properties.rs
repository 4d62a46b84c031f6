//! What must hold for every order, every set of rules and every sequence of returns.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn any_accrual(code: &'static str) -> impl Strategy<Value = Accrual> {
    let rate = (
        1i64..2_000,
        1i64..20,
        prop_oneof![Just(EarnStep::FullSteps), Just(EarnStep::ProRata)],
    )
        .prop_map(|(per_minor_units, points, step)| EarnRate {
            per_minor_units,
            points,
            step,
        });
    let base = (
        prop_oneof![Just(DiscountBase::Before), Just(DiscountBase::After)],
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(discount, with_tax, with_freight)| EarnBase {
            discount,
            with_tax,
            with_freight,
        });
    let composition = prop_oneof![
        Just(Composition::Additive),
        Just(Composition::Multiplicative),
        Just(Composition::Max)
    ];
    let rounding = prop_oneof![Just(Rounding::Floor), Just(Rounding::HalfEven), Just(Rounding::Ceil)];
    (rate, base, composition, rounding, option::weighted(0.3, 0i64..400)).prop_map(
        move |(rate, base, composition, rounding, cap)| Accrual {
            code: code.into(),
            wallet: code.into(),
            rate,
            base,
            ladder: Some("status".into()),
            composition,
            rounding,
            max_points_per_order: cap.map(points),
        },
    )
}

fn any_campaign() -> impl Strategy<Value = Campaign> {
    let factor = (1i64..12).prop_flat_map(|den| (den..4 * den, Just(den)));
    let effect = prop_oneof![3 => factor.prop_map(|(num, den)| multiply(num, den)), 1 => (1i64..60).prop_map(add)];
    let parts = (
        effect,
        0i64..3_000,
        option::weighted(0.4, 0i64..80),
        -2i32..3,
        prop_oneof![Just("base"), Just("growth")],
    );
    parts.prop_map(|(effect, min_base_minor_units, cap, priority, accrual)| Campaign {
        accrual: accrual.into(),
        trigger: Trigger::Purchase { min_base_minor_units },
        max_points_per_order: cap.map(points),
        priority,
        ..campaign("", effect)
    })
}

fn any_rules() -> impl Strategy<Value = Arc<Rules>> {
    (any_accrual("base"), any_accrual("growth"), vec(any_campaign(), 0..6)).prop_map(|(base, growth, campaigns)| {
        let named = campaigns.into_iter().enumerate();
        let campaigns = named.map(|(at, campaign)| Campaign {
            code: format!("campaign-{at}"),
            ..campaign
        });
        rules(vec![base, growth], campaigns.collect())
    })
}

fn any_purchase() -> impl Strategy<Value = Purchase> {
    let money = prop_oneof![1 => Just(0), 6 => 1i64..3_000].prop_flat_map(|gross| (Just(gross), 0..=gross, 0i64..500));
    (vec(money, 1..5), 0i64..300).prop_map(|(lines, freight)| {
        let lines = lines.into_iter().enumerate();
        let lines = lines.map(|(at, (gross, discount, tax))| line(&at.to_string(), gross, discount, tax));
        Purchase::new("17".into(), lines.collect(), freight).unwrap()
    })
}

fn any_order() -> impl Strategy<Value = Order> {
    let factor = (0i64..40, 1i64..20).prop_map(|(num, den)| ratio(num, den));
    (any_purchase(), factor, any_rules()).prop_map(|(purchase, factor, rules)| order(purchase, facts(factor), rules))
}

/// Returns of parts of lines: which line, and which part of what is left of it, in thousandths.
fn any_returns() -> impl Strategy<Value = Vec<(usize, i64)>> {
    vec((0usize..5, 1i64..=1_000), 0..12)
}

/// Takes parts of lines back one after another, and tells what that came to in points, spend and orders.
fn take_back_all(order: &mut Order, returns: &[(String, i64)]) -> (Vec<i64>, i64, i64) {
    let (mut points, mut spend, mut orders) = (Vec::new(), 0, 0);
    for (line_id, gross) in returns {
        let decision = take_back(order, &[(line_id, *gross)]);
        points.extend(decision.awards.iter().map(|award| award.points));
        spend += decision.metrics.spend_minor_units;
        orders += decision.metrics.orders;
    }
    (points, spend, orders)
}

/// Makes returns concrete against an order: amounts that add up to no more than each line has. Only a line that cost nothing comes back at 0.
fn concrete(order: &Order, parts: &[(usize, i64)]) -> Vec<(String, i64)> {
    let mut left: Vec<Option<i64>> = order
        .purchase
        .lines()
        .iter()
        .map(|line| Some(line.money.gross_minor_units))
        .collect();
    let mut returns = Vec::new();
    for (at, thousandths) in parts {
        let at = at % left.len();
        let Some(of_line) = left[at] else { continue };
        let gross = (of_line * thousandths + 999) / 1_000;
        left[at] = (gross < of_line).then_some(of_line - gross);
        returns.push((order.purchase.lines()[at].line_id.clone(), gross));
    }
    returns
}

/// An order in which only the kept goods were ever bought.
fn of_only_what_is_kept(order: &Order) -> Option<Order> {
    let lines: Vec<_> = order.kept.lines(&order.purchase);
    let lines: Vec<_> = lines
        .into_iter()
        .map(|kept| PurchaseLine {
            line_id: kept.line_id,
            money: kept.money,
            ..line("", 0, 0, 0)
        })
        .collect();
    let purchase = Purchase::new("17".into(), lines, order.purchase.freight_minor_units()).ok()?;
    Some(Order {
        kept: Kept::everything(&purchase),
        purchase,
        ..order.clone()
    })
}

fn points_of(order: &Order) -> i64 {
    evaluate(order)
        .unwrap()
        .iter()
        .map(|accrual| accrual.points.get())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_returns_end_where_an_order_of_only_the_kept_goods_would_have(order in any_order(), parts in any_returns()) {
        let whole = decide_purchase(&order).unwrap();
        let mut rest = order.clone();
        let returns = concrete(&order, &parts);
        let (points, spend, orders) = take_back_all(&mut rest, &returns);
        let expected = of_only_what_is_kept(&rest).map(|only| decide_purchase(&only).unwrap());
        let metrics = expected.as_ref().map(|decision| decision.metrics);
        prop_assert_eq!(whole.metrics.points_earned + points.iter().sum::<i64>(), metrics.map_or(0, |metrics| metrics.points_earned));
        prop_assert_eq!(whole.metrics.spend_minor_units + spend, metrics.map_or(0, |metrics| metrics.spend_minor_units));
        prop_assert_eq!(whole.metrics.orders + orders, metrics.map_or(0, |metrics| metrics.orders));
        if let Some(expected) = expected {
            prop_assert_eq!(evaluate(&rest).unwrap(), expected.accruals);
        }
    }

    #[test]
    fn the_order_of_returns_does_not_matter(
        (order, parts, other) in (any_order(), any_returns()).prop_flat_map(|(order, parts)| {
            let returns = concrete(&order, &parts);
            (Just(order), Just(returns.clone()), Just(returns).prop_shuffle())
        })
    ) {
        let (mut one, mut two) = (order.clone(), order);
        let (one_total, two_total) = (take_back_all(&mut one, &parts), take_back_all(&mut two, &other));
        prop_assert_eq!(&one.kept, &two.kept);
        prop_assert_eq!(one_total.0.iter().sum::<i64>(), two_total.0.iter().sum::<i64>());
        prop_assert_eq!((one_total.1, one_total.2), (two_total.1, two_total.2));
    }

    #[test]
    fn no_return_ever_gives_points(order in any_order(), parts in any_returns()) {
        let mut rest = order.clone();
        let (points, spend, orders) = take_back_all(&mut rest, &concrete(&order, &parts));
        prop_assert!(points.iter().all(|points| *points < 0));
        prop_assert!(spend <= 0 && (-1..=0).contains(&orders));
    }

    #[test]
    fn everything_back_is_everything_taken_back(order in any_order(), parts in any_returns()) {
        let whole = decide_purchase(&order).unwrap();
        let mut rest = order.clone();
        let (points, spend, orders) = take_back_all(&mut rest, &concrete(&order, &parts));
        if !rest.kept.is_nothing() {
            let last = take_back(&mut rest, &[]);
            prop_assert_eq!(whole.metrics.points_earned + points.iter().sum::<i64>() + last.metrics.points_earned, 0);
            prop_assert_eq!(whole.metrics.spend_minor_units + spend + last.metrics.spend_minor_units, 0);
            prop_assert_eq!(whole.metrics.orders + orders + last.metrics.orders, 0);
        }
        prop_assert_eq!(points_of(&rest), 0);
    }

    #[test]
    fn one_more_campaign_never_earns_less(order in any_order(), more in any_campaign()) {
        let mut campaigns: Vec<_> = ["base", "growth"].iter().flat_map(|code| order.rules.campaigns_of(code).cloned()).collect();
        campaigns.push(first_version(Campaign { code: "more".into(), ..more }));
        let with_more = Order { rules: Arc::new(Rules::new(order.rules.accruals().to_vec(), campaigns)), ..order.clone() };
        prop_assert!(points_of(&order) <= points_of(&with_more));
    }

    #[test]
    fn no_cap_is_ever_exceeded_and_every_receipt_adds_up(order in any_order()) {
        for (judged, accrual) in evaluate(&order).unwrap().iter().zip(order.rules.accruals()) {
            let rule = &accrual.rule;
            prop_assert!(rule.max_points_per_order.is_none_or(|cap| judged.points <= cap));
            let total = judged.rounded_points.get() + judged.added_points.get();
            prop_assert_eq!(total, judged.points.get() + judged.capped_points.get());
            let (mut raised, mut added, mut capped) = (0, 0, false);
            for (fared, campaign) in judged.campaigns.iter().zip(order.rules.campaigns_of(&rule.code)) {
                prop_assert!(campaign.rule.max_points_per_order.is_none_or(|cap| fared.points <= cap));
                prop_assert!(fared.not_fired.is_none() || (fared.points.is_zero() && fared.capped_points.is_zero()));
                let sum = if matches!(campaign.rule.effect, Effect::Multiply(_)) { &mut raised } else { &mut added };
                *sum += fared.points.get();
                capped |= campaign.rule.max_points_per_order.is_some();
            }
            let of_the_level = judged.base_points.checked_mul(judged.tier_factor).unwrap().round(rule.rounding).unwrap();
            prop_assert_eq!(of_the_level + raised, judged.rounded_points.get());
            prop_assert_eq!(added, judged.added_points.get());
            let of_the_factor = judged.base_points.checked_mul(judged.factor).unwrap().round(rule.rounding).unwrap();
            prop_assert!(capped || of_the_factor == judged.rounded_points.get());
        }
    }

    #[test]
    fn the_same_order_is_always_judged_alike(order in any_order()) {
        let again = Order { activity_id: order.activity_id, ..order.clone() };
        prop_assert_eq!(decide_purchase(&order), decide_purchase(&again));
    }
}
