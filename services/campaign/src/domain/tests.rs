//! Stories about decisions. The builders below say only what a story is not about.

#![allow(clippy::inconsistent_digit_grouping, reason = "prices are written as yuan and fen")]

use std::collections::BTreeMap;
use std::sync::Arc;

use common::ids::ActivityId;
use common::points::Points;
use common::ratio::{Ratio, Rounding};
use common::zone::Zone;
use jiff::Timestamp;

use super::*;

mod budgets;
mod campaigns;
mod conditions;
mod custom;
mod descriptions;
mod explanation;
mod expressions;
mod given;
mod golden;
mod groups;
mod histories;
mod limits;
mod lines;
mod lints;
mod members;
mod messages;
mod properties;
mod quotes;
mod returns;
mod streaks;

/// One point for a full yuan after discounts, on a ladder, additive, rounded down.
pub(crate) fn accrual() -> Accrual {
    Accrual {
        code: "base".into(),
        wallet: "points".into(),
        rate: Some(one_point_per(100)),
        base: EarnBase::paid(),
        ladder: Some("status".into()),
        composition: Composition::Additive,
        rounding: Rounding::Floor,
        max_points_per_order: None,
        terms: Terms::default(),
        prospects_earn: false,
    }
}

/// A point for so much money, in full steps of the order.
fn one_point_per(per_minor_units: i64) -> EarnRate {
    EarnRate {
        per_minor_units,
        points: 1,
        step: EarnStep::FullSteps,
        scope: EarnScope::Order,
    }
}

/// A campaign on every purchase, always.
fn campaign(code: &str, does: Does) -> Campaign {
    Campaign {
        code: code.into(),
        display_name: code.into(),
        trigger: Trigger::Purchase,
        schedule: Schedule::default(),
        condition: None,
        effects: vec![on_base(does)],
        discounts: Vec::new(),
        limits: Vec::new(),
        priority: 0,
        group: None,
        exclusive_tags: Names::default(),
        paused: false,
        funding: None,
        make_up: None,
        grants: Vec::new(),
    }
}

fn on_base(does: Does) -> Effect {
    Effect {
        accrual: "base".into(),
        does,
        max_points: None,
        cost_per_point: None,
        terms: None,
    }
}

/// The next level on the ladder for 90 days.
fn one_up(cost_minor_units: i64) -> Grant {
    Grant {
        gives: Gives::Level(LevelGrant {
            ladder: "status".into(),
            to: ToLevel::Up(1),
            lasts_days: Some(90),
        }),
        cost_minor_units,
    }
}

/// The same campaign, of which every point costs so much of a budget.
fn paid_by(budget: &str, on_shortage: OnShortage, cost: Ratio, campaign: Campaign) -> Campaign {
    let effects = campaign.effects.into_iter().map(|effect| Effect {
        cost_per_point: Some(cost),
        ..effect
    });
    Campaign {
        effects: effects.collect(),
        funding: Some(Funding {
            budget: budget.into(),
            on_shortage,
        }),
        ..campaign
    }
}

/// The same order, where a budget has so much left.
fn with_money(budget: &str, available_minor_units: i64, order: Order) -> Order {
    let mut order = order;
    order.facts.budgets.push(BudgetFact {
        budget: budget.into(),
        starts_on: "1997-01-01".parse().unwrap(),
        available_minor_units,
        is_held: false,
    });
    order
}

/// The same campaign, with a cap on what its effects add.
fn capped(number: i64, campaign: Campaign) -> Campaign {
    let capped = |effect| Effect {
        max_points: Some(points(number)),
        ..effect
    };
    Campaign {
        effects: campaign.effects.into_iter().map(capped).collect(),
        ..campaign
    }
}

fn multiply(num: i64, den: i64) -> Does {
    Does::Multiply {
        factor: ratio(num, den),
        lines: None,
    }
}

fn add(number: i64) -> Does {
    Does::AddPoints {
        points: points(number),
        per: PointsPer::Activity,
        lines: None,
    }
}

fn order_from(at_least_minor_units: i64) -> Condition {
    Condition::Is(Test::Order {
        base: EarnBase::paid(),
        at_least_minor_units,
        below_minor_units: None,
    })
}

fn on_levels(levels: &[&str]) -> Condition {
    Condition::Is(Test::Level {
        ladder: "status".into(),
        levels: Names::new(levels.iter().copied()),
    })
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
    grouped(accruals, campaigns, Vec::new())
}

fn grouped(accruals: Vec<Accrual>, campaigns: Vec<Campaign>, groups: Vec<Group>) -> Arc<Rules> {
    let accruals = accruals.into_iter().map(first_version).collect();
    let groups = groups.into_iter().map(first_version).collect();
    Arc::new(Rules::new(
        accruals,
        campaigns.into_iter().map(first_version).collect(),
        groups,
    ))
}

/// A member on a level of that factor, who has bought before.
fn facts(accrual_factor: Ratio) -> Facts {
    let level = LevelFact {
        ladder: "status".into(),
        level: Some("diamond".into()),
        accrual_factor,
        discount_per_mille: 0,
    };
    Facts {
        levels: vec![level],
        purchases_before: 7,
        zone: Zone::find("Asia/Shanghai").unwrap(),
        enrolled_at: Some("1996-12-01T00:00:00Z".parse().unwrap()),
        is_prospect: false,
        uses: Vec::new(),
        budgets: Vec::new(),
        histories: Vec::new(),
        streaks: Vec::new(),
        samples: Vec::new(),
        is_counted: false,
        birthday_on: None,
    }
}

/// A purchase by some member.
fn bought_at(at: Timestamp) -> FactsOf<'static> {
    FactsOf {
        member_id: common::ids::MemberId::nil(),
        trigger: &Trigger::Purchase,
        at,
    }
}

/// Points of a wallet that the program pays for and that are available at once.
fn to(wallet: &str) -> Destination {
    Destination {
        wallet: wallet.into(),
        ..Destination::default()
    }
}

fn occasion(occurred_at: &str) -> Occasion {
    Occasion {
        occurred_at: occurred_at.parse().unwrap(),
        channel: "web".into(),
        store: String::new(),
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
        categories: Vec::new(),
        brand: String::new(),
    }
}

fn purchase(lines: Vec<PurchaseLine>) -> Purchase {
    Purchase::new("17".into(), lines, 0, vec![]).unwrap()
}

fn order(purchase: Purchase, facts: Facts, rules: Arc<Rules>) -> Order {
    let kept = Kept::everything(&purchase);
    Order {
        activity_id: ActivityId::new(),
        occasion: occasion("1997-01-15T12:00:00Z"),
        purchase,
        facts,
        rules,
        standing: Vec::new(),
        given: Vec::new(),
        money: Vec::new(),
        bought: Vec::new(),
        charges: Vec::new(),
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

fn decided(order: &Order) -> Decision {
    decide_purchase(&mut order.clone()).unwrap().decision
}

fn earned(order: &Order) -> i64 {
    decided(order).metrics.points_earned
}

/// How each campaign that was considered fared.
fn fared(decision: &Decision) -> Vec<(&str, Option<NotFired>)> {
    let fared = decision.campaigns.iter();
    fared
        .map(|of| (of.campaign.as_str(), of.unmet.map(|unmet| unmet.reason)))
        .collect()
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

/// Takes goods back, and answers with what that changes. What the order had earned stands, if nothing came back before.
fn take_back(order: &mut Order, lines: &[(&str, i64)]) -> Decision {
    let (rest, decided) = try_take_back(order, lines).unwrap();
    *order = rest;
    decided.decision
}

fn try_take_back(order: &Order, lines: &[(&str, i64)]) -> Result<(Order, Decided), DecideError> {
    let mut order = order.clone();
    if order.kept == Kept::everything(&order.purchase) && order.standing.is_empty() {
        decide_purchase(&mut order)?;
    }
    decide_return(&order, ActivityId::new(), &returned(lines), |_| i64::MAX)
}
