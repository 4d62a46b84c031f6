//! What must hold for every order, every set of rules and every sequence of returns.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use any::{any_campaign, any_funded_order, any_order, any_plainly_funded_order, any_tangled_order};

mod any;

/// Returns of parts of lines: which line, and which part of what is left of it, in thousandths.
fn any_returns() -> impl Strategy<Value = Vec<(usize, i64)>> {
    vec((0usize..5, 1i64..=1_000), 0..12)
}

/// Takes parts of lines back one after another, and tells what that came to in points, spend and orders.
fn take_back_all(order: &mut Order, returns: &[(String, i64)]) -> (Vec<i64>, i64, i64) {
    let (mut points, mut spend, mut orders) = (Vec::new(), 0, 0);
    for (line_id, gross) in returns {
        let decision = take_back(order, &[(line_id, *gross)]);
        let mut by_wallet: BTreeMap<&str, i64> = BTreeMap::new();
        for award in &decision.awards {
            *by_wallet.entry(&award.to.wallet).or_default() += award.points;
        }
        points.extend(by_wallet.into_values());
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
    let bought = |line_id: &str| {
        order
            .purchase
            .lines()
            .iter()
            .find(|line| line.line_id == line_id)
            .unwrap()
            .clone()
    };
    let lines: Vec<_> = lines
        .into_iter()
        .map(|kept| PurchaseLine {
            money: kept.money,
            ..bought(&kept.line_id)
        })
        .collect();
    let purchase = Purchase::new("17".into(), lines, order.purchase.freight_minor_units(), vec![]).ok()?;
    Some(Order {
        kept: Kept::everything(&purchase),
        purchase,
        ..order.clone()
    })
}

fn points_of(order: &Order) -> i64 {
    evaluate(order)
        .unwrap()
        .accruals
        .iter()
        .map(|accrual| accrual.points.get())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_returns_end_where_an_order_of_only_the_kept_goods_would_have(order in any_tangled_order(0), parts in any_returns()) {
        let mut rest = order.clone();
        let whole = decide_purchase(&mut rest).unwrap().decision;
        let returns = concrete(&order, &parts);
        let (points, spend, orders) = take_back_all(&mut rest, &returns);
        let expected = of_only_what_is_kept(&rest).map(|only| decided(&only));
        let metrics = expected.as_ref().map(|decision| decision.metrics);
        prop_assert_eq!(whole.metrics.points_earned + points.iter().sum::<i64>(), metrics.map_or(0, |metrics| metrics.points_earned));
        prop_assert_eq!(whole.metrics.spend_minor_units + spend, metrics.map_or(0, |metrics| metrics.spend_minor_units));
        prop_assert_eq!(whole.metrics.orders + orders, metrics.map_or(0, |metrics| metrics.orders));
        let given: BTreeSet<_> = expected.iter().flat_map(|decision| &decision.given).map(|of| (of.campaign.clone(), of.grant)).collect();
        let standing: Vec<_> = rest.given.iter().map(|of| (of.given.campaign.clone(), of.given.grant)).collect();
        prop_assert_eq!(standing.len(), given.len());
        prop_assert_eq!(standing.into_iter().collect::<BTreeSet<_>>(), given);
        if let Some(expected) = expected {
            prop_assert_eq!(evaluate(&rest).unwrap().accruals, expected.accruals);
        }
        let worth = |wallet: &str, of: &[Credit]| -> i64 { of.iter().filter(|credit| credit.to.wallet == wallet).map(|credit| credit.points).sum() };
        let judged = evaluate(&rest).unwrap();
        for accrual in &judged.accruals {
            prop_assert_eq!(worth(&accrual.wallet, &rest.standing), accrual.points.get());
        }
        for (to, points) in evaluate::worth(&judged).unwrap() {
            let standing: i64 = rest.standing.iter().filter(|credit| credit.to == *to).map(|credit| credit.points).sum();
            prop_assert_eq!(standing, points, "{:?}", to);
        }
    }

    #[test]
    fn the_order_of_returns_does_not_matter(
        (order, parts, other) in (any_tangled_order(100), any_returns()).prop_flat_map(|(order, parts)| {
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
    fn without_campaigns_for_small_orders_no_return_gives_points(order in any_order(), parts in any_returns()) {
        let mut rest = order.clone();
        let (points, spend, orders) = take_back_all(&mut rest, &concrete(&order, &parts));
        // Of what a cap cut before, a partner may pay more and the program less.
        prop_assert!(points.iter().all(|points| *points <= 0));
        prop_assert!(spend <= 0 && (-1..=0).contains(&orders));
    }

    #[test]
    fn everything_back_is_everything_taken_back(order in any_tangled_order(100), parts in any_returns()) {
        let whole = decided(&order);
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
        let mut campaigns = order.rules.campaigns().to_vec();
        campaigns.push(first_version(Campaign { code: "more".into(), ..more }));
        let with_more = Order { rules: Arc::new(Rules::new(order.rules.accruals().to_vec(), campaigns, vec![])), ..order.clone() };
        prop_assert!(points_of(&order) <= points_of(&with_more));
    }

    #[test]
    fn no_cap_is_ever_exceeded_and_every_receipt_adds_up(order in any_tangled_order(100)) {
        let judged = evaluate(&order).unwrap();
        let effect_of = |of: &Contribution| {
            let campaign = order.rules.campaigns().iter().find(|campaign| campaign.rule.code == of.campaign).unwrap();
            campaign.rule.effects[of.effect].clone()
        };
        for (judged, accrual) in judged.accruals.iter().zip(order.rules.accruals()) {
            let rule = &accrual.rule;
            prop_assert!(rule.max_points_per_order.is_none_or(|cap| judged.points <= cap));
            let total = judged.rounded_points.get() + judged.added_points.get();
            prop_assert_eq!(total, judged.points.get() + judged.capped_points.get());
            let (mut raised, mut added) = (0, 0);
            for of in &judged.contributions {
                let effect = effect_of(of);
                prop_assert!(effect.max_points.is_none_or(|cap| of.points <= cap));
                let sum = if matches!(effect.does, Does::Multiply { .. }) { &mut raised } else { &mut added };
                *sum += of.points.get();
            }
            let of_the_level = judged.base_points.checked_mul(judged.tier_factor).unwrap().round(rule.rounding).unwrap();
            prop_assert_eq!(of_the_level + raised, judged.rounded_points.get());
            prop_assert_eq!(added, judged.added_points.get());
        }
        for campaign in order.rules.campaigns() {
            let of_campaign = judged.accruals.iter().flat_map(|accrual| &accrual.contributions).filter(|of| of.campaign == campaign.rule.code);
            let brought: i64 = of_campaign.map(|of| of.points.get()).sum();
            for limit in &campaign.rule.limits {
                let used = order.facts.used(&campaign.rule.code, limit.period);
                prop_assert!(brought == 0 || limit.points.is_none_or(|most| used.points + brought <= most.get()));
            }
        }
    }

    #[test]
    fn what_a_return_counts_back_is_what_the_purchase_counted(order in any_tangled_order(100), parts in any_returns()) {
        let mut uses = Uses::default();
        let day = "1997-01-15".parse().unwrap();
        let mut rest = order.clone();
        uses.count(&decide_purchase(&mut rest).unwrap().uses, day);
        for (line_id, gross) in concrete(&order, &parts).into_iter().chain([(String::new(), 0)]) {
            let lines: Vec<_> = if line_id.is_empty() { vec![] } else { vec![(line_id.as_str(), gross)] };
            let Ok((left, decided)) = try_take_back(&rest, &lines) else { continue };
            uses.count(&decided.uses, day);
            rest = left;
        }
        for campaign in order.rules.campaigns() {
            prop_assert_eq!(uses.get(&campaign.rule.code, LimitPeriod::Day, day), Used::default());
        }
    }

    /// What was left out could not have applied: judging all campaigns that a rule set has, one by one, finds no other that applies.
    #[test]
    fn the_index_leaves_out_nothing_that_applies(order in any_order()) {
        let judged = evaluate(&order).unwrap();
        for campaign in order.rules.campaigns() {
            let alone = Rules::new(order.rules.accruals().to_vec(), vec![Version { version: 1, rule: Arc::new(Campaign {
                condition: campaign.rule.condition.clone().map(|condition| Condition::Any(vec![condition])),
                ..(*campaign.rule).clone()
            }) }], vec![]);
            let alone = evaluate(&Order { rules: Arc::new(alone), ..order.clone() }).unwrap();
            let applies = |judged: &Judgement| judged.campaigns.iter().any(|of| of.campaign == campaign.rule.code && of.unmet.is_none());
            prop_assert_eq!(applies(&alone), applies(&judged));
        }
    }

    #[test]
    fn an_order_never_costs_budgets_more_than_its_purchase_and_nothing_once_all_is_back(
        order in any_funded_order(), parts in any_returns(), spare in prop_oneof![Just(0), Just(i64::MAX), 0i64..100]
    ) {
        let mut rest = order.clone();
        let mut spent: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let mut count = |decision: &Decision| {
            for charge in &decision.charges {
                let of = spent.entry(charge.budget.clone()).or_default();
                of.0 += charge.by.minor_units;
                of.1 += charge.by.over_minor_units;
                assert_eq!(*of, (charge.standing.minor_units, charge.standing.over_minor_units));
                let available = order.facts.money_of(&charge.budget).left;
                assert!((0..=available).contains(&of.0) && of.1 >= 0, "{of:?} of {available}");
            }
        };
        count(&decide_purchase(&mut rest).unwrap().decision);
        for (line_id, gross) in concrete(&order, &parts).into_iter().chain([(String::new(), 0)]) {
            let lines: Vec<_> = if line_id.is_empty() { vec![] } else { vec![(line_id.as_str(), gross)] };
            let Ok((left, decided)) = decide_return(&rest, ActivityId::new(), &returned(&lines), |_| spare) else { continue };
            prop_assert!(decided.decision.charges.iter().all(|charge| charge.by.minor_units <= spare));
            for charge in &left.charges {
                let of = left.bought.iter().find(|bought| bought.budget == charge.budget).unwrap().standing;
                prop_assert!(charge.standing.minor_units <= of.minor_units && charge.standing.over_minor_units <= of.over_minor_units);
            }
            count(&decided.decision);
            rest = left;
        }
        prop_assert!(spent.values().all(|of| *of == (0, 0)), "{spent:?}");
    }

    #[test]
    fn the_order_of_returns_does_not_matter_to_budgets_either(
        (order, parts, other) in (any_funded_order(), any_returns()).prop_flat_map(|(order, parts)| {
            let returns = concrete(&order, &parts);
            (Just(order), Just(returns.clone()), Just(returns).prop_shuffle())
        })
    ) {
        let (mut one, mut two) = (order.clone(), order);
        let (one_total, two_total) = (take_back_all(&mut one, &parts), take_back_all(&mut two, &other));
        prop_assert_eq!(one_total.0.iter().sum::<i64>(), two_total.0.iter().sum::<i64>());
        let standing = |order: &Order| order.charges.iter().map(|charge| (charge.budget.clone(), charge.standing)).filter(|(_, cost)| *cost != Cost::default()).collect::<Vec<_>>();
        prop_assert_eq!(standing(&one), standing(&two));
    }

    #[test]
    fn any_returns_end_where_an_order_of_only_the_kept_goods_would_have_with_as_much_money(order in any_plainly_funded_order(), parts in any_returns()) {
        let mut rest = order.clone();
        let whole = decide_purchase(&mut rest).unwrap().decision;
        let (points, ..) = take_back_all(&mut rest, &concrete(&order, &parts));
        // Where rounding makes a smaller order cost more than the whole did, it gets no more than that.
        prop_assume!(rest.facts.budgets == rest.money);
        let only = of_only_what_is_kept(&rest).map(|only| decided(&Order { facts: order.facts.clone(), ..only }));
        let expected = only.as_ref().map_or(0, |decision| decision.metrics.points_earned);
        prop_assert_eq!(whole.metrics.points_earned + points.iter().sum::<i64>(), expected);
        let cost: i64 = only.iter().flat_map(|decision| &decision.charges).map(|charge| charge.standing.minor_units).sum();
        prop_assert_eq!(rest.charges.iter().map(|charge| charge.standing.minor_units).sum::<i64>(), cost);
    }

    #[test]
    fn the_same_order_is_always_judged_alike(order in any_order()) {
        let again = Order { activity_id: order.activity_id, ..order.clone() };
        prop_assert_eq!(decided(&order), decided(&again));
    }
}
