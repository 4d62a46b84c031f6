//! `[[budget]]`: how much money campaigns may cost in a time. And what of a campaign says who pays for it.

use proto::campaign::{Budget, BudgetPeriod, Funding, OnShortage};

use super::{
    amounts::money,
    sheet::Table,
    words::{Facts, Frame, Words, spell},
};

/// The periods.
pub const PERIOD: Words<BudgetPeriod> = &[
    ("always", BudgetPeriod::Always),
    ("year", BudgetPeriod::Year),
    ("quarter", BudgetPeriod::Quarter),
    ("month", BudgetPeriod::Month),
];
const ON_SHORTAGE: Words<OnShortage> = &[
    ("partial", OnShortage::Partial),
    ("base only", OnShortage::BaseOnly),
    ("reject", OnShortage::Reject),
    ("allow", OnShortage::Allow),
];

/// Reads a budget.
pub fn read(table: &Table<'_>, frame: &Frame) -> Budget {
    let cap = table.need("cap", "cap_minor_units", r#""10000000.00""#);
    Budget {
        code: table.text("code", "code", r#""spring""#),
        display_name: table.text("name", "display_name", r#""Spring campaigns""#),
        parent: table
            .find("parent", "parent")
            .map(|item| item.text())
            .unwrap_or_default(),
        period: table.word("period", "period", PERIOD),
        cap_minor_units: cap.map_or(0, |item| money(&item, &frame.currency, 0)),
        reserve_per_mille: table
            .find("reserve_per_mille", "reserve_per_mille")
            .map_or(0, |item| item.small()),
    }
}

/// Describes a budget.
pub fn facts(budget: &Budget, frame: &Frame) -> Facts {
    let Budget {
        code: _,
        display_name,
        parent,
        period,
        cap_minor_units,
        reserve_per_mille,
    } = budget;
    Facts::default()
        .with("name", display_name)
        .with_some("parent", (!parent.is_empty()).then_some(parent))
        .with("period", spell(*period, PERIOD))
        .with("cap", frame.currency.spell(*cap_minor_units))
        .with_number("reserve_per_mille", *reserve_per_mille)
}

/// Reads who pays for a campaign, where it says that.
pub fn read_funding(table: &Table<'_>) -> Option<Funding> {
    let budget = table.find("budget", "funding.budget")?.text();
    Some(Funding {
        budget,
        on_shortage: table.word("on_shortage", "funding.on_shortage", ON_SHORTAGE),
    })
}

/// Describes who pays for a campaign.
pub fn words_of_funding(funding: &Funding) -> String {
    let Funding { budget, on_shortage } = funding;
    format!("{budget}, on shortage {}", spell(*on_shortage, ON_SHORTAGE))
}
