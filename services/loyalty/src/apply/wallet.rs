//! `[[wallet]]`: a kind of value that members collect.

use proto::points::{
    ExpiryAfterDays, ExpiryAtPeriodEnd, ExpiryPolicy, NoExpiry, OverdraftPolicy, Period, Wallet, expiry_policy::Policy,
};

use super::{
    sheet::{Item, Table},
    words::{Facts, Words, spell},
};

const OVERDRAFT: Words<OverdraftPolicy> = &[
    ("forbid", OverdraftPolicy::Forbid),
    ("carry debt", OverdraftPolicy::CarryDebt),
];
const PERIOD: Words<Period> = &[
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("year", Period::Year),
];
const EXPIRY: &str = r#""never", { after_days = 365 } or { end_of = "year", after_months = 12 }"#;

/// Reads a wallet.
pub fn read(table: &Table<'_>) -> Wallet {
    Wallet {
        code: table.text("code", "code", r#""points""#),
        display_name: table.text("name", "display_name", r#""Points""#),
        unit: table.text("unit", "unit", r#""point""#),
        scale: table.find("scale", "scale").map_or(0, |item| item.small()),
        expiry: table
            .need("expiry", "expiry", "{ after_days = 365 }")
            .and_then(|item| expiry(&item)),
        overdraft: table.word("overdraft", "overdraft", OVERDRAFT),
    }
}

fn expiry(item: &Item<'_>) -> Option<ExpiryPolicy> {
    let policy = match item.as_text() {
        Some("never") => Some(Policy::None(NoExpiry {})),
        Some(_) => {
            item.wrong(format_args!("must be {EXPIRY}"));
            None
        }
        None => item.table(EXPIRY, expiry_table)?,
    };
    Some(ExpiryPolicy { policy })
}

fn expiry_table(table: &Table<'_>) -> Option<Policy> {
    if let Some(days) = table.find("after_days", "after_days.days") {
        return Some(Policy::AfterDays(ExpiryAfterDays { days: days.small() }));
    }
    if !table.has("end_of") {
        table.wrong(format_args!("must be {EXPIRY}"));
    }
    let period = table.find("end_of", "at_period_end.period")?.word(PERIOD);
    let after_months = table.need("after_months", "at_period_end.after_months", "12")?.small();
    Some(Policy::AtPeriodEnd(ExpiryAtPeriodEnd { period, after_months }))
}

/// Describes a wallet.
pub fn facts(wallet: &Wallet) -> Facts {
    let Wallet {
        code: _,
        display_name,
        unit,
        scale,
        expiry,
        overdraft,
    } = wallet;
    Facts::default()
        .with("name", display_name)
        .with("unit", unit)
        .with_number("scale", *scale)
        .with("expiry", spell_expiry(expiry.as_ref()))
        .with("overdraft", spell(*overdraft, OVERDRAFT))
}

fn spell_expiry(expiry: Option<&ExpiryPolicy>) -> String {
    match expiry.and_then(|expiry| expiry.policy.as_ref()) {
        None | Some(Policy::None(NoExpiry {})) => "never".to_owned(),
        Some(Policy::AfterDays(ExpiryAfterDays { days })) => format!("after {days} days"),
        Some(Policy::AtPeriodEnd(ExpiryAtPeriodEnd { period, after_months })) => {
            format!("end of the {} after {after_months} months", spell(*period, PERIOD))
        }
    }
}
