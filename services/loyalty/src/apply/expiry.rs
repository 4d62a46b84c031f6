//! When points lapse.

use proto::points::{
    ActivityKind, ExpiryAfterDays, ExpiryAfterInactivity, ExpiryAtPeriodEnd, ExpiryOnDates, ExpiryPolicy, MonthDay,
    NoExpiry, Period, expiry_policy::Policy,
};

use super::{
    sheet::{Item, Table},
    words::{Words, spell},
};

/// The periods.
pub const PERIOD: Words<Period> = &[
    ("day", Period::Day),
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("half-year", Period::HalfYear),
    ("year", Period::Year),
];
const ACTIVITY: Words<ActivityKind> = &[("earn", ActivityKind::Earn), ("spend", ActivityKind::Spend)];
const FORMS: &str = r#""never", { after_days = 365 }, { end_of = "year", after_months = 12 }, { on = ["03-31"] } or { inactive_days = 365, kept_alive_by = ["earn"] }"#;

/// Reads when points lapse.
pub fn read(item: &Item<'_>) -> Option<ExpiryPolicy> {
    let policy = match item.as_text() {
        Some("never") => Some(Policy::None(NoExpiry {})),
        Some(_) => {
            item.wrong(format_args!("must be {FORMS}"));
            None
        }
        None => item.table(FORMS, table)?,
    };
    Some(ExpiryPolicy { policy })
}

fn table(table: &Table<'_>) -> Option<Policy> {
    let small = |key, field| table.find(key, field).map_or(0, |item| item.small());
    if table.has("end_of") {
        return Some(Policy::AtPeriodEnd(ExpiryAtPeriodEnd {
            period: table.find("end_of", "at_period_end.period")?.word(PERIOD),
            after_months: small("after_months", "at_period_end.after_months"),
            after_days: small("after_days", "at_period_end.after_days"),
        }));
    }
    if table.has("on") {
        let dates = table.every("on", "on_dates.dates").iter().map(month_day).collect();
        let after_months = small("after_months", "on_dates.after_months");
        return Some(Policy::OnDates(ExpiryOnDates { dates, after_months }));
    }
    if let Some(days) = table.find("inactive_days", "after_inactivity.days") {
        let kinds = table.every("kept_alive_by", "after_inactivity.kinds");
        return Some(Policy::AfterInactivity(ExpiryAfterInactivity {
            days: days.small(),
            kinds: kinds.iter().map(|kind| kind.word(ACTIVITY)).collect(),
        }));
    }
    if let Some(days) = table.find("after_days", "after_days.days") {
        return Some(Policy::AfterDays(ExpiryAfterDays { days: days.small() }));
    }
    table.wrong(format_args!("must be {FORMS}"));
    None
}

/// Reads a day of the year, `"03-31"`.
fn month_day(item: &Item<'_>) -> MonthDay {
    let text = item.text();
    let parts = text.split_once('-');
    let read = parts.and_then(|(month, day)| {
        Some(MonthDay {
            month: month.parse().ok()?,
            day: day.parse().ok()?,
        })
    });
    read.unwrap_or_else(|| {
        item.wrong(r#"must be the month and the day: "03-31""#);
        MonthDay { month: 1, day: 1 }
    })
}

/// Describes when points lapse.
pub fn describe(expiry: Option<&ExpiryPolicy>) -> String {
    match expiry.and_then(|expiry| expiry.policy.as_ref()) {
        None | Some(Policy::None(NoExpiry {})) => "never".to_owned(),
        Some(Policy::AfterDays(ExpiryAfterDays { days })) => format!("after {days} days"),
        Some(Policy::AtPeriodEnd(ExpiryAtPeriodEnd {
            period,
            after_months,
            after_days,
        })) => {
            let later = later(*after_months, *after_days);
            format!("end of the {}{later}", spell(*period, PERIOD))
        }
        Some(Policy::OnDates(ExpiryOnDates { dates, after_months })) => {
            let date = |date: &MonthDay| format!("{:02}-{:02}", date.month, date.day);
            let dates: Vec<String> = dates.iter().map(date).collect();
            format!("on {}{}", dates.join(", "), later(*after_months, 0))
        }
        Some(Policy::AfterInactivity(ExpiryAfterInactivity { days, kinds })) => {
            let kinds: Vec<String> = kinds.iter().map(|kind| spell(*kind, ACTIVITY)).collect();
            format!("after {days} days without {}", kinds.join(" or "))
        }
    }
}

fn later(months: i32, days: i32) -> String {
    match (months, days) {
        (0, 0) => String::new(),
        (months, 0) => format!(" after {months} months"),
        (0, days) => format!(" after {days} days"),
        (months, days) => format!(" after {months} months and {days} days"),
    }
}
