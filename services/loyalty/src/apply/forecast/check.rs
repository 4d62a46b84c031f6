//! What a forecast says that cannot be, told with everything else that is wrong with the file.

use std::collections::BTreeSet;

use campaign::domain::{Campaign, Trigger};
use jiff::civil::Date;

use crate::apply::{manifest::Manifest, references::refer, sheet::Sheet};

use super::spread::{Spread, days_between};

/// How many days a forecast may look at: each of them is judged.
const MOST_DAYS: i64 = 3660;

/// Notes everything in a forecast that contradicts itself, or that it needs and the file has not.
pub fn check(sheet: &Sheet, manifest: &Manifest) {
    let Some(forecast) = &manifest.forecast else { return };
    for (index, wallet) in manifest.wallets.iter().enumerate() {
        let is_earned = manifest.accruals.iter().any(|accrual| accrual.wallet == wallet.code);
        if is_earned && wallet.value.is_none() {
            sheet.wrong(
                &format!("wallet[{index}].value"),
                r#"needs for the forecast what its points are worth; write for example: value = { points = 100, worth = "1.00" }"#,
            );
        }
    }
    let kinds = kinds(manifest);
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    for (index, activity) in forecast.activities.iter().enumerate() {
        let field = format!("forecast.activity[{index}].kind");
        refer(sheet, &field, "activity that a campaign is for", &activity.kind, &kinds);
    }
    // A day that could not be read has no place before or after another.
    if sheet.is_wrong("forecast.from") || sheet.is_wrong("forecast.until") {
        return;
    }
    let (from, until) = forecast.days;
    if until <= from {
        sheet.wrong("forecast.until", "must be after from");
        return;
    }
    if days_between(from, until) > MOST_DAYS {
        sheet.wrong(
            "forecast.until",
            format_args!("must be at most {MOST_DAYS} days after from"),
        );
    }
    if let Some(spread) = &forecast.enrolments {
        check_spread(sheet, "forecast.enrolments", spread, forecast.days);
    }
    for (index, activity) in forecast.activities.iter().enumerate() {
        let path = format!("forecast.activity[{index}]");
        check_spread(sheet, &path, &activity.spread, forecast.days);
    }
}

/// Returns the kinds of activities that campaigns are for, purchases aside.
fn kinds(manifest: &Manifest) -> BTreeSet<String> {
    let rules = manifest
        .campaigns
        .iter()
        .filter_map(|wire| campaign::campaign_from_wire(wire).ok());
    let kind = |rule: Campaign| match rule.trigger {
        Trigger::Custom(kind) => Some(kind),
        Trigger::Purchase => None,
    };
    rules.filter_map(kind).collect()
}

fn check_spread(sheet: &Sheet, path: &str, spread: &Spread, (from, until): (Date, Date)) {
    let outside = "must be within the time of the forecast";
    if spread.from < from || spread.from >= until {
        sheet.wrong(&format!("{path}.from"), outside);
    } else if spread.until > until {
        sheet.wrong(&format!("{path}.until"), outside);
    } else if spread.until <= spread.from {
        sheet.wrong(&format!("{path}.until"), "must be after from");
    }
}
