//! Orders, rules and returns of every kind.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::*;

fn any_accrual(code: &'static str) -> impl Strategy<Value = Accrual> {
    let step = prop_oneof![Just(EarnStep::FullSteps), Just(EarnStep::ProRata)];
    let scope = prop_oneof![Just(EarnScope::Order), Just(EarnScope::Line)];
    let rate = (1i64..2_000, 1i64..20, step, scope).prop_map(|(per_minor_units, points, step, scope)| EarnRate {
        per_minor_units,
        points,
        step,
        scope,
    });
    let discount = prop_oneof![Just(DiscountBase::Before), Just(DiscountBase::After)];
    let base = (discount, any::<bool>(), any::<bool>()).prop_map(|(discount, with_tax, with_freight)| EarnBase {
        discount,
        with_tax,
        with_freight,
        without_payment_methods: Names::default(),
    });
    let composition = prop_oneof![
        Just(Composition::Additive),
        Just(Composition::Multiplicative),
        Just(Composition::Max)
    ];
    let rounding = prop_oneof![Just(Rounding::Floor), Just(Rounding::HalfEven), Just(Rounding::Ceil)];
    let rate = option::weighted(0.9, rate);
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
            terms: Terms::default(),
            prospects_earn: false,
        },
    )
}

fn any_lines() -> impl Strategy<Value = Option<LineFilter>> {
    let of = |category: &str| LineFilter {
        categories: Names::new([category]),
        ..LineFilter::default()
    };
    option::weighted(0.3, prop_oneof![Just(of("even")), Just(of("odd"))])
}

fn any_effect() -> impl Strategy<Value = Effect> {
    let factor = (1i64..12).prop_flat_map(|den| (den..4 * den, Just(den)));
    let multiply = (factor, any_lines()).prop_map(|((num, den), lines)| Does::Multiply {
        factor: ratio(num, den),
        lines,
    });
    let per = prop_oneof![Just(PointsPer::Activity), Just(PointsPer::Line)];
    let add = (1i64..60, per, any_lines()).prop_map(|(number, per, lines)| Does::AddPoints {
        points: points(number),
        per,
        lines: if per == PointsPer::Activity { None } else { lines },
    });
    let earn = (1i64..2_000, any_lines()).prop_map(|(per_minor_units, lines)| Does::Earn {
        rate: one_point_per(per_minor_units),
        base: None,
        lines,
    });
    let accrual = prop_oneof![Just("base"), Just("growth")];
    let does = prop_oneof![3 => multiply, 2 => add, 1 => earn];
    let terms = prop_oneof![
        4 => Just(None),
        1 => Just(Some(Terms { funder: Some("acme".into()), availability: Availability::AtOnce })),
        1 => Just(Some(Terms { funder: None, availability: Availability::AfterDays(14) })),
    ];
    (accrual, does, option::weighted(0.4, 0i64..80), terms).prop_map(|(accrual, does, cap, terms)| Effect {
        accrual: accrual.into(),
        does,
        max_points: cap.map(points),
        cost_per_point: None,
        terms,
    })
}

/// A campaign of which an order of only the kept goods cannot tell that goods came back.
pub fn any_campaign() -> impl Strategy<Value = Campaign> {
    (vec(any_effect(), 1..3), option::of(0i64..3_000), -2i32..3).prop_map(|(effects, from, priority)| Campaign {
        effects,
        condition: from.map(order_from),
        priority,
        ..campaign("", add(1))
    })
}

/// Any campaign: also one that asks for less than something, has limits, lies in a group or shares a tag.
fn any_tangled_campaign() -> impl Strategy<Value = Campaign> {
    let limit = (option::of(1i64..3), option::of(1i64..60)).prop_map(|(times, most)| Limit {
        period: LimitPeriod::Day,
        times,
        points: most.map(points),
    });
    let small = option::weighted(0.3, 1i64..6_000);
    let group = option::weighted(0.6, prop_oneof![Just("outer"), Just("inner"), Just("once")]);
    let parts = (
        any_campaign(),
        small,
        vec(limit, 0..2),
        group,
        option::weighted(0.3, Just("tag")),
        vec(Just(one_up(0)), 0..3),
    );
    parts.prop_map(|(campaign, below, limits, group, tag, grants)| {
        let below = below.map(|below| {
            Condition::Is(Test::Order {
                base: EarnBase::paid(),
                at_least_minor_units: 0,
                below_minor_units: Some(below),
            })
        });
        let all: Vec<_> = campaign.condition.clone().into_iter().chain(below).collect();
        Campaign {
            condition: (!all.is_empty()).then_some(Condition::All(all)),
            limits,
            exclusive_tags: Names::new(tag),
            group: group.map(Into::into),
            grants,
            ..campaign
        }
    })
}

/// A group within another that goes by points, and one that chooses once.
fn any_groups() -> impl Strategy<Value = Vec<Group>> {
    let by_points = || {
        prop_oneof![
            Just(GroupMode::StackAll),
            Just(GroupMode::BestForMember),
            Just(GroupMode::Top(2))
        ]
    };
    let once = prop_oneof![Just(GroupMode::FirstMatch), Just(GroupMode::BestForMerchant)];
    (by_points(), by_points(), once).prop_map(|(outer, inner, once)| {
        let group = |code: &str, parent: Option<&str>, mode| Group {
            code: code.into(),
            display_name: code.into(),
            parent: parent.map(Into::into),
            mode,
            priority: 0,
        };
        vec![
            group("outer", None, outer),
            group("inner", Some("outer"), inner),
            group("once", None, once),
        ]
    })
}

/// A campaign that one of two budgets pays for, or none.
fn any_funded(campaign: impl Strategy<Value = Campaign>) -> impl Strategy<Value = Campaign> {
    let on_shortage = prop_oneof![
        Just(OnShortage::Partial),
        Just(OnShortage::BaseOnly),
        Just(OnShortage::Allow)
    ];
    let cost = (0i64..5, 1i64..4).prop_map(|(num, den)| ratio(num, den));
    let budget = option::weighted(0.7, prop_oneof![Just("one"), Just("two")]);
    let parts = (campaign, budget, on_shortage, cost, 0i64..100);
    parts.prop_map(|(mut campaign, budget, on_shortage, cost, of_grant)| {
        let Some(budget) = budget else { return campaign };
        for grant in &mut campaign.grants {
            grant.cost_minor_units = of_grant;
        }
        paid_by(budget, on_shortage, cost, campaign)
    })
}

/// An order under any rules, some of which have budgets.
pub fn any_funded_order() -> impl Strategy<Value = Order> {
    let rules = (
        any_accrual("base"),
        any_accrual("growth"),
        vec(any_funded(any_tangled_campaign()), 0..8),
        any_groups(),
    );
    let parts = (any_purchase(), any_factor(), rules, 0i64..400, 0i64..400);
    parts.prop_map(|(purchase, factor, (base, growth, campaigns, groups), one, two)| {
        let order = order(
            purchase,
            facts(factor),
            grouped(vec![base, growth], named(campaigns), groups),
        );
        with_money("two", two, with_money("one", one, order))
    })
}

/// An order under rules that give more for more, each point of which costs one minor unit.
pub fn any_plainly_funded_order() -> impl Strategy<Value = Order> {
    (any_order(), 0i64..400).prop_map(|(of, money)| {
        let campaigns = of.rules.campaigns().iter().map(|campaign| (*campaign.rule).clone());
        let funded = campaigns.map(|campaign| paid_by("one", OnShortage::Partial, Ratio::ONE, campaign));
        let accruals = of.rules.accruals().iter().map(|accrual| (*accrual.rule).clone());
        with_money(
            "one",
            money,
            order(of.purchase, of.facts, rules(accruals.collect(), funded.collect())),
        )
    })
}

fn named(campaigns: Vec<Campaign>) -> Vec<Campaign> {
    let named = campaigns.into_iter().enumerate();
    let named = named.map(|(at, campaign)| Campaign {
        code: format!("campaign-{at}"),
        ..campaign
    });
    named.collect()
}

fn any_rules() -> impl Strategy<Value = Arc<Rules>> {
    let parts = (any_accrual("base"), any_accrual("growth"), vec(any_campaign(), 0..6));
    parts.prop_map(|(base, growth, campaigns)| rules(vec![base, growth], named(campaigns)))
}

fn any_tangled_rules() -> impl Strategy<Value = Arc<Rules>> {
    let parts = (
        any_accrual("base"),
        any_accrual("growth"),
        vec(any_tangled_campaign(), 0..8),
        any_groups(),
    );
    parts.prop_map(|(base, growth, campaigns, groups)| grouped(vec![base, growth], named(campaigns), groups))
}

fn any_purchase() -> impl Strategy<Value = Purchase> {
    let money = prop_oneof![1 => Just(0), 6 => 1i64..3_000].prop_flat_map(|gross| (Just(gross), 0..=gross, 0i64..500));
    (vec(money, 1..5), 0i64..300).prop_map(|(lines, freight)| {
        let lines = lines.into_iter().enumerate();
        let lines = lines.map(|(at, (gross, discount, tax))| PurchaseLine {
            categories: vec![if at % 2 == 0 { "even" } else { "odd" }.to_owned()],
            ..line(&at.to_string(), gross, discount, tax)
        });
        Purchase::new("17".into(), lines.collect(), freight, vec![]).unwrap()
    })
}

fn any_factor() -> impl Strategy<Value = Ratio> {
    (0i64..40, 1i64..20).prop_map(|(num, den)| ratio(num, den))
}

pub fn any_order() -> impl Strategy<Value = Order> {
    let parts = (any_purchase(), any_factor(), any_rules());
    parts.prop_map(|(purchase, factor, rules)| order(purchase, facts(factor), rules))
}

/// An order under any rules, of which up to so many hundredths are paid with points that earn none, by a member for whom campaigns have applied before.
pub fn any_tangled_order(most_paid: i64) -> impl Strategy<Value = Order> {
    let used = vec((0usize..8, 0i64..3, 0i64..60), 0..4);
    let parts = (any_purchase(), 0..=most_paid, any_factor(), used, any_tangled_rules());
    parts.prop_map(|(purchase, paid, factor, used, rules)| {
        let goods: i64 = purchase.lines().iter().map(|line| line.money.price_minor_units()).sum();
        let paid = vec![Payment {
            method: "points".into(),
            minor_units: goods * paid / 100,
        }];
        let purchase = Purchase::new(
            "17".into(),
            purchase.lines().to_vec(),
            purchase.freight_minor_units(),
            paid,
        )
        .unwrap();
        let accruals = rules.accruals().iter().map(|accrual| Accrual {
            base: EarnBase {
                without_payment_methods: Names::new(["points"]),
                ..accrual.rule.base.clone()
            },
            ..(*accrual.rule).clone()
        });
        let campaigns = rules
            .campaigns()
            .iter()
            .map(|campaign| (*campaign.rule).clone())
            .collect();
        let groups = rules.groups().iter().map(|group| (*group.rule).clone()).collect();
        let uses = used.into_iter().map(|(at, times, points)| UseFact {
            campaign: format!("campaign-{at}"),
            period: LimitPeriod::Day,
            used: Used { times, points },
        });
        let facts = Facts {
            uses: uses.collect(),
            ..facts(factor)
        };
        order(purchase, facts, grouped(accruals.collect(), campaigns, groups))
    })
}
