//! Stories about decisions. The builders below say only what a story is not about.

#![allow(clippy::inconsistent_digit_grouping, reason = "prices are written as yuan and fen")]

use std::sync::Arc;

use common::ids::ActivityId;
use common::points::Points;
use common::ratio::{Ratio, Rounding};
use common::zone::Zone;
use jiff::Timestamp;

use super::*;

mod campaigns;
mod custom;
mod explanation;
mod golden;
mod members;
mod properties;
mod returns;

/// One point for a full yuan after discounts, on a ladder, additive, rounded down.
pub(crate) fn accrual() -> Accrual {
    Accrual {
        code: "base".into(),
        wallet: "points".into(),
        rate: EarnRate {
            per_minor_units: 100,
            points: 1,
            step: EarnStep::FullSteps,
        },
        base: EarnBase {
            discount: DiscountBase::After,
            with_tax: false,
            with_freight: false,
        },
        ladder: Some("status".into()),
        composition: Composition::Additive,
        rounding: Rounding::Floor,
        max_points_per_order: None,
    }
}

/// A campaign on every purchase, always.
pub(crate) fn campaign(code: &str, effect: Effect) -> Campaign {
    Campaign {
        code: code.into(),
        display_name: code.into(),
        accrual: "base".into(),
        trigger: Trigger::Purchase {
            min_base_minor_units: 0,
        },
        schedule: Schedule::Once { start: None, end: None },
        audience: Audience::default(),
        effect,
        max_points_per_order: None,
        priority: 0,
        paused: false,
    }
}

fn multiply(num: i64, den: i64) -> Effect {
    Effect::Multiply(ratio(num, den))
}

fn add(number: i64) -> Effect {
    Effect::AddPoints(points(number))
}

fn ratio(num: i64, den: i64) -> Ratio {
    Ratio::new(num, den).unwrap()
}

fn points(number: i64) -> Points {
    Points::new(number).unwrap()
}

fn first_version<T>(rule: T) -> Version<T> {
    Version {
        version: 1,
        rule: Arc::new(rule),
    }
}

fn rules(accruals: Vec<Accrual>, campaigns: Vec<Campaign>) -> Arc<Rules> {
    let accruals = accruals.into_iter().map(first_version).collect();
    Arc::new(Rules::new(accruals, campaigns.into_iter().map(first_version).collect()))
}

/// A member on a level of that factor, who has bought before.
fn facts(accrual_factor: Ratio) -> Facts {
    let level = LevelFact {
        ladder: "status".into(),
        level: Some("diamond".into()),
        accrual_factor,
    };
    Facts {
        levels: vec![level],
        purchases_before: 7,
        zone: Zone::find("Asia/Shanghai").unwrap(),
    }
}

fn occasion(occurred_at: &str) -> Occasion {
    Occasion {
        occurred_at: occurred_at.parse().unwrap(),
        channel: "web".into(),
    }
}

fn line(line_id: &str, gross_minor_units: i64, discount_minor_units: i64, tax_minor_units: i64) -> PurchaseLine {
    let money = LineMoney {
        gross_minor_units,
        discount_minor_units,
        tax_minor_units,
    };
    PurchaseLine {
        line_id: line_id.into(),
        sku: String::new(),
        quantity: 1,
        money,
    }
}

fn purchase(lines: Vec<PurchaseLine>) -> Purchase {
    Purchase::new("17".into(), lines, 0).unwrap()
}

fn order(purchase: Purchase, facts: Facts, rules: Arc<Rules>) -> Order {
    let kept = Kept::everything(&purchase);
    Order {
        activity_id: ActivityId::new(),
        occasion: occasion("1997-01-15T12:00:00Z"),
        purchase,
        facts,
        rules,
        kept,
    }
}

/// An order of one line at that price by a member without a factor.
fn order_of(gross_minor_units: i64, rules: Arc<Rules>) -> Order {
    order(
        purchase(vec![line("1", gross_minor_units, 0, 0)]),
        facts(Ratio::ONE),
        rules,
    )
}

fn earned(order: &Order) -> i64 {
    decide_purchase(order).unwrap().metrics.points_earned
}

fn returned(lines: &[(&str, i64)]) -> Return {
    let line = |(line_id, gross): &(&str, i64)| ReturnedLine {
        line_id: (*line_id).into(),
        gross_minor_units: (*gross > 0).then_some(*gross),
    };
    Return {
        order_id: "17".into(),
        lines: lines.iter().map(line).collect(),
    }
}

/// Takes goods back, and answers with what that changes.
fn take_back(order: &mut Order, lines: &[(&str, i64)]) -> Decision {
    let (kept, decision) = decide_return(order, &returned(lines)).unwrap();
    order.kept = kept;
    decision
}
