//! `[forecast]`: what a plan is expected to meet, from which `loyalty apply` tells what it would cost before any of it runs.
//!
//! It is a matter of the command line alone and never sent to a service. What it comes to is decided by the campaign service's own rules and functions (`judge.rs`), so
//! that a forecast and what happens later cannot differ in how they count.

mod budgets;
mod check;
mod figures;
mod judge;
mod levels;
mod outlook;
mod sources;
mod spread;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use campaign::domain::DecideError;
use jiff::civil::Date;
use thiserror::Error;

use super::{
    amounts::{day, money},
    manifest::Manifest,
    mistakes::{Mistake, Mistakes},
    sheet::{Item, Table},
    words::Frame,
};

pub use check::check;
pub(super) use judge::versions;
pub use outlook::Outlook;

use spread::Spread;

/// How often anything may be expected: so often that what it costs in `i64` each, added up, is held by `i128`.
const MOST_TIMES: i64 = 1_000_000_000_000;

/// What a plan is expected to meet.
#[derive(Clone, Debug)]
pub struct Forecast {
    days: (Date, Date),
    budget: String,
    members: i64,
    spend_per_member_minor_units: i64,
    order_minor_units: i64,
    enrolments: Option<Spread>,
    first_purchase_per_mille: i64,
    activities: Vec<Expected>,
    costs: Vec<OtherCost>,
}

/// What members do besides buying, and how often.
#[derive(Clone, Debug)]
struct Expected {
    kind: String,
    attributes: BTreeMap<String, String>,
    spread: Spread,
}

/// What costs money outside of what the campaigns of the file give.
#[derive(Clone, Debug)]
struct OtherCost {
    name: String,
    each_minor_units: i64,
    times: i64,
    taken_up_per_mille: i64,
}

/// Why it cannot be told what a plan would cost.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum Untold {
    /// A number that cannot be held.
    #[error("comes to more than can be counted; one of its numbers is too large")]
    TooLarge,
    /// What the rules refuse to decide.
    #[error("cannot be told: {0}")]
    Undecided(#[from] DecideError),
    /// What the campaign service could not read.
    #[error("cannot be told: {0}")]
    Unreadable(String),
}

impl Forecast {
    /// Returns the code of the budget that all of it is held against.
    pub fn budget(&self) -> &str {
        &self.budget
    }
}

/// Tells what the plan of a file would cost; nothing for a file without a forecast.
pub fn look_ahead(manifest: &Manifest) -> Result<Option<Outlook>, Mistakes> {
    let outlook = manifest
        .forecast
        .as_ref()
        .map(|forecast| outlook::of(forecast, manifest));
    outlook.transpose().map_err(|untold| {
        let mistake = Mistake {
            line: manifest.marks.find("forecast").map_or(1, |mark| mark.line),
            key: "forecast".to_owned(),
            what: untold.to_string(),
        };
        Mistakes::new(&manifest.file, vec![mistake])
    })
}

/// Reads what a plan is expected to meet.
pub fn read(table: &Table<'_>, frame: &Frame) -> Forecast {
    let amount = |key, field, example| {
        let item = table.need(key, field, example);
        item.map_or(0, |item| money(&item, &frame.currency, 1))
    };
    let days = (
        need_day(table, "from", "2026-01-01"),
        need_day(table, "until", "2027-01-01"),
    );
    let enrolments = table.find("enrolments", "enrolments");
    let enrolments = enrolments.and_then(|item| read_enrolments(&item, days));
    let every = |key| table.every(key, key);
    Forecast {
        budget: table.text("budget", "budget", r#""year""#),
        members: need_count(table, "members", "2_000_000"),
        spend_per_member_minor_units: amount("spend_per_member", "spend_per_member", r#""700.00""#),
        order_minor_units: amount("order", "order", r#""100.00""#),
        first_purchase_per_mille: enrolments.map_or(0, |(_, per_mille)| per_mille),
        enrolments: enrolments.map(|(spread, _)| spread),
        activities: tables(&every("activity"), |table| read_activity(table, days)),
        costs: tables(&every("cost"), |table| read_cost(table, frame)),
        days,
    }
}

fn read_enrolments(item: &Item<'_>, days: (Date, Date)) -> Option<(Spread, i64)> {
    item.table(
        r#"{ times = 1_000_000, from = 2026-01-01, until = 2026-04-01 }"#,
        |table| (read_spread(table, days), per_mille(table, "first_purchase_per_mille")),
    )
}

fn read_activity(table: &Table<'_>, days: (Date, Date)) -> Expected {
    let attribute = |table: &Table<'_>| {
        (
            table.text("name", "name", r#""score""#),
            table.text("value", "value", r#""100""#),
        )
    };
    let attributes = table
        .find("attributes", "attributes")
        .map(|item| tables(&item.one_or_more(), attribute));
    Expected {
        kind: table.text("kind", "kind", r#""share""#),
        attributes: attributes.unwrap_or_default().into_iter().collect(),
        spread: read_spread(table, days),
    }
}

fn read_cost(table: &Table<'_>, frame: &Frame) -> OtherCost {
    let each = table.need("each", "each", r#""100.00""#);
    OtherCost {
        name: table.text("name", "name", r#""Welcome pack""#),
        each_minor_units: each.map_or(0, |item| money(&item, &frame.currency, 0)),
        times: need_count(table, "times", "1_000_000"),
        taken_up_per_mille: per_mille(table, "taken_up_per_mille"),
    }
}

/// Reads how often something happens, and in which days: in all of them unless it says otherwise.
fn read_spread(table: &Table<'_>, (first, end): (Date, Date)) -> Spread {
    let at = |key, otherwise| table.find(key, key).map_or(Some(otherwise), |item| day(&item));
    Spread {
        times: need_count(table, "times", "1_000_000"),
        from: at("from", first).unwrap_or(first),
        until: at("until", end).unwrap_or(end),
    }
}

fn need_day(table: &Table<'_>, key: &'static str, example: &str) -> Date {
    let item = table.need(key, key, example);
    item.and_then(|item| day(&item)).unwrap_or_default()
}

fn need_count(table: &Table<'_>, key: &'static str, example: &str) -> i64 {
    let Some(item) = table.need(key, key, example) else {
        return 0;
    };
    let count = item.whole();
    if item.value.is_integer() && !(1..=MOST_TIMES).contains(&count) {
        item.wrong(format_args!("must be between 1 and {MOST_TIMES}"));
    }
    count
}

/// Reads thousandths: all of them where it does not say.
fn per_mille(table: &Table<'_>, key: &'static str) -> i64 {
    let Some(item) = table.find(key, key) else {
        return 1000;
    };
    let per_mille = item.whole();
    if !(0..=1000).contains(&per_mille) {
        item.wrong("must be between 0 and 1000");
    }
    per_mille
}

fn tables<T>(items: &[Item<'_>], read: impl Fn(&Table<'_>) -> T) -> Vec<T> {
    items.iter().filter_map(|item| item.table("a table", &read)).collect()
}
