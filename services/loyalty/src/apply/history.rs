//! Conditions on what the member has done, and on the part of the members that a campaign is for, in the words of the file.

use jiff::civil::Date;
use proto::campaign::{HistoryCondition, HistoryMeasure, LimitPeriod, SampleCondition, history_condition::Window};

use super::{
    amounts::money,
    effect::PERIOD,
    sheet::{Item, Table},
    words::{Frame, Words, spell},
};

const WINDOW: &str = r#"one of last_days = 30, per = "month" and since = "2026-03-01""#;
const COUNT: Words<HistoryMeasure> = &[
    ("times", HistoryMeasure::Times),
    ("days", HistoryMeasure::Days),
    ("spend", HistoryMeasure::Spend),
];

/// Reads what the member must have done.
pub fn read(table: &Table<'_>, frame: &Frame) -> HistoryCondition {
    let measure = table.word("count", "", COUNT);
    let number = |item: Item<'_>| match measure == i32::from(HistoryMeasure::Spend) {
        true => money(&item, &frame.currency, 0),
        false => item.whole(),
    };
    HistoryCondition {
        kind: table.text("of", "", r#""purchase""#),
        measure,
        window: read_window(table),
        at_least: table.find("at_least", "").map_or(0, number),
        at_most: table.find("at_most", "").map(number),
    }
}

fn read_window(table: &Table<'_>) -> Option<Window> {
    let last_days = table.find("last_days", "").map(|item| Window::LastDays(item.small()));
    let period = table.find("per", "").map(|item| Window::Period(item.word(PERIOD)));
    let since = table.find("since", "").map(|item| {
        let day = item.text();
        if day.parse::<Date>().is_err() {
            item.wrong(r#"must be a day in quotation marks, such as "2026-03-01""#);
        }
        Window::Since(day)
    });
    let mut windows = [last_days, period, since].into_iter().flatten();
    let window = windows.next();
    if window.is_none() || windows.next().is_some() {
        table.wrong(format_args!("must say in which time: {WINDOW}"));
    }
    window
}

/// Reads which part of the members it is for.
pub fn read_sample(table: &Table<'_>) -> SampleCondition {
    SampleCondition {
        sample: table.text("of", "", r#""pilot""#),
        from_per_mille: table.find("from", "").map_or(0, |item| item.small()),
        until_per_mille: table.find("until", "").map_or(1000, |item| item.small()),
    }
}

/// Describes what the member must have done.
pub fn words(history: &HistoryCondition, frame: &Frame) -> String {
    let HistoryCondition {
        kind,
        measure,
        window,
        at_least,
        at_most,
    } = history;
    let number = |number: i64| match *measure == i32::from(HistoryMeasure::Spend) {
        true => frame.currency.spell(number),
        false => number.to_string(),
    };
    let window = match window {
        None => "no time".to_owned(),
        Some(Window::LastDays(days)) => format!("the last {days} days"),
        Some(Window::Period(period)) => format!("the {}", spell(*period, PERIOD)),
        Some(Window::Since(day)) => format!("the time since {day}"),
    };
    let most = at_most.map(|most| format!(" at most {}", number(most)));
    format!(
        "{kind} {} in {window} at least {}{}",
        spell(*measure, COUNT),
        number(*at_least),
        most.unwrap_or_default()
    )
}

/// Describes which part of the members it is for.
pub fn words_of_sample(sample: &SampleCondition) -> String {
    let SampleCondition {
        sample,
        from_per_mille,
        until_per_mille,
    } = sample;
    format!("sample {sample} from {from_per_mille} until {until_per_mille} of 1000")
}

/// Describes a period that ends a streak.
pub fn words_of_period(period: i32) -> String {
    match period == i32::from(LimitPeriod::Unspecified) {
        true => String::new(),
        false => format!(" within a {}", spell(period, PERIOD)),
    }
}
