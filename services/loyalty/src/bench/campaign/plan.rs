//! A marketing plan of any size, all of it running at once.
//!
//! The first fifty are for more or less everyone: of ten of them one is for every order, one for large orders, one for two levels, one for a channel, two are for a store each,
//! three for a category or a brand each, and one is for a first purchase. What a plan has beyond that is for single stores, categories and brands, as it grows with
//! what a retailer has: about two for each. A third has a limit, and those for categories compete in a group.

use proto::{
    campaign::{
        Accrual, AddPointsEffect, Campaign, Composition, Condition, Conditions, DiscountBase, EarnBase, EarnRate,
        EarnStep, Effect, FirstPurchaseCondition, Group, GroupMode, LevelCondition, Limit, LimitPeriod, LineFilter,
        MultiplyEffect, NamesCondition, OrderCondition, Purchase, PurchaseLine, PurchaseTrigger, Trigger,
        condition::Condition as Of, effect::Effect as Does, trigger,
    },
    value::{Ratio, Rounding},
};

/// How many campaigns are for more or less everyone.
const FOR_EVERYONE: usize = 50;

/// How many stores, categories and brands there are for so many campaigns.
fn many_of(campaigns: usize) -> usize {
    campaigns.div_ceil(5)
}

/// One point for a full dollar.
pub fn accrual() -> Accrual {
    Accrual {
        code: "base".to_owned(),
        wallet: crate::bench::setup::WALLET.to_owned(),
        rate: Some(EarnRate {
            per_minor_units: 100,
            points: 1,
            step: EarnStep::FullSteps.into(),
            ..EarnRate::default()
        }),
        base: Some(EarnBase {
            discount: DiscountBase::After.into(),
            ..EarnBase::default()
        }),
        ladder: "status".to_owned(),
        composition: Composition::Additive.into(),
        rounding: Rounding::Floor.into(),
        max_points_per_order: 0,
        terms: None,
        prospects_earn: false,
    }
}

/// The group in which campaigns for categories compete.
pub fn group() -> Group {
    Group {
        code: "categories".to_owned(),
        display_name: "Categories".to_owned(),
        mode: GroupMode::BestForMember.into(),
        ..Group::default()
    }
}

/// So many running campaigns.
pub fn campaigns(many: usize) -> Vec<Campaign> {
    (0..many).map(|number| campaign(number, many_of(many))).collect()
}

fn campaign(number: usize, of: usize) -> Campaign {
    let names = |what: &str, number: usize| {
        Some(NamesCondition {
            names: vec![format!("{what}-{}", number % of)],
        })
    };
    let categories = |number: usize| LineFilter {
        categories: vec![format!("category-{}", number % of)],
        ..LineFilter::default()
    };
    let brands = |number: usize| LineFilter {
        brands: vec![format!("brand-{}", number % of)],
        ..LineFilter::default()
    };
    let kind = if number < FOR_EVERYONE {
        number % 10
    } else {
        4 + number % 5
    };
    let (condition, does) = match kind {
        0 => (None, add(1)),
        1 => (Some(from(10_000)), multiply(6, None)),
        2 => (
            Some(both(on_levels(&["gold", "diamond"]), from(2_000))),
            multiply(7, None),
        ),
        3 => (names("channel", 0).map(Of::Channel), add(5)),
        4 | 5 => (names("store", number).map(Of::Store), multiply(6, None)),
        6 | 7 => (None, multiply(10, Some(categories(number)))),
        8 => (None, multiply(15, Some(brands(number)))),
        _ => (Some(Of::FirstPurchase(FirstPurchaseCondition {})), add(50)),
    };
    let limit = Limit {
        period: LimitPeriod::Month.into(),
        times: 0,
        points: 10_0000,
    };
    Campaign {
        code: format!("campaign-{number}"),
        display_name: format!("Campaign no. {number}"),
        trigger: Some(Trigger {
            trigger: Some(trigger::Trigger::Purchase(PurchaseTrigger {})),
        }),
        condition: condition.map(|condition| Condition {
            condition: Some(condition),
        }),
        effects: vec![Effect {
            accrual: "base".to_owned(),
            effect: Some(does),
            max_points: 0,
            cost_per_point: None,
            terms: None,
        }],
        limits: if number.is_multiple_of(3) {
            vec![limit]
        } else {
            Vec::new()
        },
        group: if matches!(kind, 6 | 7) {
            "categories".to_owned()
        } else {
            String::new()
        },
        ..Campaign::default()
    }
}

fn add(points: i64) -> Does {
    Does::AddPoints(AddPointsEffect {
        points,
        ..AddPointsEffect::default()
    })
}

/// Multiplies by fifths: 6 is a fifth more.
fn multiply(fifths: i64, lines: Option<LineFilter>) -> Does {
    Does::Multiply(MultiplyEffect {
        factor: Some(Ratio { num: fifths, den: 5 }),
        lines,
    })
}

fn from(at_least_minor_units: i64) -> Of {
    Of::Order(OrderCondition {
        at_least_minor_units,
        ..OrderCondition::default()
    })
}

fn on_levels(levels: &[&str]) -> Of {
    Of::Level(LevelCondition {
        ladder: "status".to_owned(),
        levels: levels.iter().map(|level| (*level).to_owned()).collect(),
    })
}

fn both(one: Of, other: Of) -> Of {
    let conditions = [one, other].map(|of| Condition { condition: Some(of) });
    Of::All(Conditions {
        conditions: conditions.into(),
    })
}

/// An order of three lines: of other categories, brands and prices for every number.
pub fn purchase(number: usize, campaigns: usize) -> Purchase {
    let of = many_of(campaigns);
    let line = |at: usize| {
        let drawn = number.wrapping_mul(31).wrapping_add(at.wrapping_mul(7));
        PurchaseLine {
            line_id: at.to_string(),
            sku: format!("sku-{drawn}"),
            quantity: 1 + (drawn % 3) as i32,
            gross_minor_units: 500 + (drawn % 90) as i64 * 100,
            discount_minor_units: (drawn % 5) as i64 * 50,
            categories: vec![format!("category-{}", drawn % of)],
            brand: format!("brand-{}", (drawn / 3) % of),
            ..PurchaseLine::default()
        }
    };
    Purchase {
        order_id: format!("order-{number}"),
        currency_code: "USD".to_owned(),
        lines: (1..=3).map(line).collect(),
        ..Purchase::default()
    }
}

/// The store and the channel of an order.
pub fn place(number: usize, campaigns: usize) -> (String, String) {
    (
        format!("store-{}", number % many_of(campaigns)),
        format!("channel-{}", number % 3),
    )
}
