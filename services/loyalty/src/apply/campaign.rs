//! `[[campaign]]`: what changes how activities earn, for a time and for an audience.

use common::time;
use proto::campaign::{
    Audience, Campaign, CustomTrigger, Effect, LastWeekendSchedule, OnceSchedule, PurchaseTrigger, Schedule, Trigger,
    effect, schedule, trigger,
};

use super::{
    amounts::{factor, instant, money, spell_factor, spell_instant},
    sheet::{Item, Table},
    words::{Facts, Frame},
};

const TRIGGER: &str = r#""purchase", { purchase_from = "50.00" } or { custom = "check-in" }"#;
const SCHEDULE: &str = r#""always", "last weekend" or { start = 1997-06-01, end = 1997-07-01 }"#;
const EFFECT: &str = r#"{ multiply = "2" } or { add_points = 100 }"#;

/// Reads a campaign.
pub fn read(table: &Table<'_>, frame: &Frame) -> Campaign {
    let trigger = table
        .need("trigger", "trigger", r#""purchase""#)
        .and_then(|item| read_trigger(&item, frame));
    let schedule = table
        .need("schedule", "schedule", r#""last weekend""#)
        .and_then(|item| read_schedule(&item, frame));
    let effect = table.need("effect", "effect", r#"{ multiply = "2" }"#);
    Campaign {
        code: table.text("code", "code", r#""summer""#),
        display_name: table.text("name", "display_name", r#""Double points in summer""#),
        accrual: table.text("accrual", "accrual", r#""base""#),
        trigger: Some(Trigger { trigger }),
        schedule: Some(Schedule { schedule }),
        audience: table
            .find("audience", "audience")
            .and_then(|item| item.table("a table", read_audience)),
        effect: Some(Effect {
            effect: effect.and_then(|item| item.table(EFFECT, read_effect)?),
        }),
        max_points_per_order: table
            .find("max_points_per_order", "max_points_per_order")
            .map_or(0, |item| item.whole()),
        priority: table.find("priority", "priority").map_or(0, |item| item.small()),
        paused: table.flag("paused", "paused"),
    }
}

fn read_trigger(item: &Item<'_>, frame: &Frame) -> Option<trigger::Trigger> {
    if let Some(text) = item.as_text() {
        if text != "purchase" {
            item.wrong(format_args!("must be {TRIGGER}"));
        }
        return Some(trigger::Trigger::Purchase(PurchaseTrigger::default()));
    }
    item.table(TRIGGER, |table| {
        if let Some(kind) = table.find("custom", "custom.kind") {
            return Some(trigger::Trigger::Custom(CustomTrigger { kind: kind.text() }));
        }
        let Some(from) = table.find("purchase_from", "purchase.min_base_minor_units") else {
            table.wrong(format_args!("must be {TRIGGER}"));
            return None;
        };
        let min_base_minor_units = money(&from, &frame.currency, 0);
        Some(trigger::Trigger::Purchase(PurchaseTrigger { min_base_minor_units }))
    })?
}

fn read_schedule(item: &Item<'_>, frame: &Frame) -> Option<schedule::Schedule> {
    match item.as_text() {
        Some("always") => Some(schedule::Schedule::Once(OnceSchedule::default())),
        Some("last weekend") => Some(schedule::Schedule::LastWeekend(LastWeekendSchedule {})),
        Some(_) => {
            item.wrong(format_args!("must be {SCHEDULE}"));
            None
        }
        None => item.table(SCHEDULE, |table| {
            let at = |key, field| {
                table
                    .find(key, field)
                    .and_then(|item| instant(&item, &frame.zone))
                    .map(time::to_wire)
            };
            let (start, end) = (at("start", "once.start"), at("end", "once.end"));
            if !table.has("start") && !table.has("end") {
                table.wrong(format_args!("must be {SCHEDULE}"));
            }
            schedule::Schedule::Once(OnceSchedule { start, end })
        }),
    }
}

fn read_audience(table: &Table<'_>) -> Audience {
    Audience {
        levels: table
            .find("levels", "levels")
            .map(|item| item.texts())
            .unwrap_or_default(),
        first_purchase: table.flag("first_purchase", "first_purchase"),
        channels: table
            .find("channels", "channels")
            .map(|item| item.texts())
            .unwrap_or_default(),
    }
}

fn read_effect(table: &Table<'_>) -> Option<effect::Effect> {
    if let Some(multiply) = table.find("multiply", "multiply") {
        return factor(&multiply).map(effect::Effect::Multiply);
    }
    let Some(add_points) = table.find("add_points", "add_points") else {
        table.wrong(format_args!("must be {EFFECT}"));
        return None;
    };
    Some(effect::Effect::AddPoints(add_points.whole()))
}

/// Describes a campaign.
pub fn facts(campaign: &Campaign, frame: &Frame) -> Facts {
    let Campaign {
        code: _,
        display_name,
        accrual,
        trigger,
        schedule,
        audience,
        effect,
        max_points_per_order,
        priority,
        paused,
    } = campaign;
    let Audience {
        levels,
        first_purchase,
        channels,
    } = audience.clone().unwrap_or_default();
    Facts::default()
        .with("name", display_name)
        .with("accrual", accrual)
        .with("trigger", spell_trigger(trigger.as_ref(), frame))
        .with("schedule", spell_schedule(schedule.as_ref(), frame))
        .with_list("audience: levels", &levels)
        .with_flag("audience: first_purchase", first_purchase)
        .with_list("audience: channels", &channels)
        .with("effect", spell_effect(effect.as_ref()))
        .with_number("max_points_per_order", *max_points_per_order)
        .with_number("priority", *priority)
        .with_flag("paused", *paused)
}

fn spell_trigger(trigger: Option<&Trigger>, frame: &Frame) -> String {
    match trigger.and_then(|trigger| trigger.trigger.as_ref()) {
        None
        | Some(trigger::Trigger::Purchase(PurchaseTrigger {
            min_base_minor_units: 0,
        })) => "purchase".to_owned(),
        Some(trigger::Trigger::Purchase(PurchaseTrigger { min_base_minor_units })) => {
            format!("purchase from {}", frame.currency.spell(*min_base_minor_units))
        }
        Some(trigger::Trigger::Custom(CustomTrigger { kind })) => format!("custom {kind}"),
    }
}

fn spell_schedule(schedule: Option<&Schedule>, frame: &Frame) -> String {
    match schedule.and_then(|schedule| schedule.schedule) {
        Some(schedule::Schedule::LastWeekend(LastWeekendSchedule {})) => "last weekend".to_owned(),
        None | Some(schedule::Schedule::Once(OnceSchedule { start: None, end: None })) => "always".to_owned(),
        Some(schedule::Schedule::Once(OnceSchedule { start, end })) => {
            let spell = |word: &str, at: Option<_>| at.map(|at| format!("{word} {}", spell_instant(at, &frame.zone)));
            [spell("from", start), spell("until", end)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        }
    }
}

fn spell_effect(effect: Option<&Effect>) -> String {
    match effect.and_then(|effect| effect.effect) {
        None => "nothing".to_owned(),
        Some(effect::Effect::Multiply(ratio)) => format!("multiply by {}", spell_factor(&ratio)),
        Some(effect::Effect::AddPoints(points)) => format!("add {points} points"),
    }
}
