//! `[[campaign]]`: what changes how activities earn, for a time and for an audience.

use proto::campaign::{
    Campaign, Condition, Conditions, CustomTrigger, OrderCondition, PurchaseTrigger, ReportedKind, ReportedTrigger,
    Trigger, condition, trigger,
};

use super::{
    amounts::{money, unit_cost},
    budget, condition as conditions, discount, effect, grant, schedule,
    sheet::{Item, Table},
    streak,
    words::{Facts, Frame, Words, spell},
};

const TRIGGER: &str = r#""purchase", "enrolment", "activation", "level change", "birthday", "points expiring", "referral", "referred", { purchase_from = "50.00" } or { custom = "check-in" }"#;
const REPORTED: Words<ReportedKind> = &[
    ("enrolment", ReportedKind::Enrolment),
    ("activation", ReportedKind::Activation),
    ("level change", ReportedKind::LevelChange),
    ("birthday", ReportedKind::Birthday),
    ("points expiring", ReportedKind::PointsExpiring),
    ("referral", ReportedKind::Referral),
    ("referred", ReportedKind::Referred),
];

/// Reads a campaign.
pub fn read(table: &Table<'_>, frame: &Frame) -> Campaign {
    let trigger = table
        .need("trigger", "trigger", r#""purchase""#)
        .and_then(|item| read_trigger(&item, frame));
    let (trigger, from) = trigger.map_or((None, None), |(trigger, from)| (Some(trigger), from));
    let accrual = table.find("accrual", "").map(|item| item.text()).unwrap_or_default();
    let cost_per_point = table
        .find("cost_per_point", "")
        .and_then(|item| unit_cost(&item, &frame.currency));
    let discounts = table.find("discount", "discounts");
    let grants = table.find("gives", "grants");
    let effects = match (&discounts, &grants) {
        (Some(_), _) | (_, Some(_)) => table.find("effect", "effects"),
        (None, None) => table.need("effect", "effects", r#"{ multiply = "2" }"#),
    };
    let condition = table
        .find("condition", "condition")
        .and_then(|item| conditions::read(&item, frame));
    Campaign {
        code: table.text("code", "code", r#""summer""#),
        display_name: table.text("name", "display_name", r#""Double points in summer""#),
        trigger: Some(Trigger { trigger }),
        schedule: table
            .find("schedule", "schedule")
            .and_then(|item| schedule::read(&item, frame)),
        condition: both(from, condition),
        effects: effects
            .map(|item| effect::read(&item, (&accrual, cost_per_point), frame))
            .unwrap_or_default(),
        limits: table
            .find("limits", "limits")
            .map(|item| effect::read_limits(&item))
            .unwrap_or_default(),
        priority: table.find("priority", "priority").map_or(0, |item| item.small()),
        group: table.find("group", "group").map(|item| item.text()).unwrap_or_default(),
        exclusive_tags: table
            .find("exclusive_tags", "exclusive_tags")
            .map(|item| item.texts())
            .unwrap_or_default(),
        paused: table.flag("paused", "paused"),
        funding: budget::read_funding(table),
        discounts: discounts.map(|item| discount::read(&item, frame)).unwrap_or_default(),
        make_up: table
            .find("make_up", "make_up")
            .and_then(|item| streak::read_make_up(&item)),
        grants: grants.map(|item| grant::read(&item, frame)).unwrap_or_default(),
        archived: false,
    }
}

/// Reads a trigger, and the order that it asks for where it asks for one.
fn read_trigger(item: &Item<'_>, frame: &Frame) -> Option<(trigger::Trigger, Option<Condition>)> {
    let purchase = trigger::Trigger::Purchase(PurchaseTrigger {});
    if let Some(text) = item.as_text() {
        if text == "purchase" {
            return Some((purchase, None));
        }
        let reported = REPORTED.iter().find(|(word, _)| *word == text);
        if reported.is_none() {
            item.wrong(format_args!("must be {TRIGGER}"));
        }
        let kind = reported.map_or(ReportedKind::Unspecified, |(_, kind)| *kind).into();
        return Some((trigger::Trigger::Reported(ReportedTrigger { kind }), None));
    }
    item.table(TRIGGER, |table| {
        if let Some(kind) = table.find("custom", "custom.kind") {
            return Some((trigger::Trigger::Custom(CustomTrigger { kind: kind.text() }), None));
        }
        let Some(from) = table.find("purchase_from", "") else {
            table.wrong(format_args!("must be {TRIGGER}"));
            return None;
        };
        let order = OrderCondition {
            at_least_minor_units: money(&from, &frame.currency, 0),
            ..OrderCondition::default()
        };
        let condition = Some(condition::Condition::Order(order));
        Some((purchase, Some(Condition { condition })))
    })?
}

fn both(one: Option<Condition>, other: Option<Condition>) -> Option<Condition> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let all = Conditions {
                conditions: vec![one, other],
            };
            let condition = Some(condition::Condition::All(all));
            Some(Condition { condition })
        }
        (one, other) => one.or(other),
    }
}

/// Describes a campaign.
pub fn facts(campaign: &Campaign, frame: &Frame) -> Facts {
    let Campaign {
        code: _,
        display_name,
        trigger,
        schedule,
        condition,
        effects,
        limits,
        priority,
        group,
        exclusive_tags,
        paused,
        funding,
        discounts,
        make_up,
        grants,
        archived: _,
    } = campaign;
    let effects: Vec<String> = effects.iter().map(|of| effect::words(of, frame)).collect();
    let discounts: Vec<String> = discounts.iter().map(|of| discount::words(of, frame)).collect();
    let gives: Vec<String> = grants.iter().map(|of| grant::words(of, frame)).collect();
    let limits: Vec<String> = limits.iter().map(effect::words_of_limit).collect();
    Facts::default()
        .with("name", display_name)
        .with("trigger", spell_trigger(trigger.as_ref()))
        .with("schedule", schedule::words(schedule.as_ref(), frame))
        .with_some(
            "condition",
            condition.as_ref().map(|condition| conditions::words(condition, frame)),
        )
        .with_some("effect", (!effects.is_empty()).then(|| effects.join("; ")))
        .with_some("discount", (!discounts.is_empty()).then(|| discounts.join("; ")))
        .with_some("gives", (!gives.is_empty()).then(|| gives.join("; ")))
        .with_some("limits", (!limits.is_empty()).then(|| limits.join("; ")))
        .with_number("priority", *priority)
        .with_some("group", (!group.is_empty()).then_some(group))
        .with_list("exclusive_tags", exclusive_tags)
        .with_flag("paused", *paused)
        .with_some("make_up", make_up.as_ref().map(streak::words_of_make_up))
        .with_some("budget", funding.as_ref().map(budget::words_of_funding))
}

fn spell_trigger(trigger: Option<&Trigger>) -> String {
    match trigger.and_then(|trigger| trigger.trigger.as_ref()) {
        None | Some(trigger::Trigger::Purchase(PurchaseTrigger {})) => "purchase".to_owned(),
        Some(trigger::Trigger::Custom(CustomTrigger { kind })) => format!("custom {kind}"),
        Some(trigger::Trigger::Reported(ReportedTrigger { kind })) => spell(*kind, REPORTED),
    }
}
