//! `discount` of a campaign: what it takes off prices. And `[discounts]`: how several of them go together.

use proto::campaign::{Discount, DiscountPolicy, DiscountStacking, LevelDiscount, discount::Off};

use super::{
    amounts::money,
    condition::{read_filter, words_of_filter},
    sheet::{Item, Table},
    words::{Facts, Frame, Words, spell},
};

const DISCOUNT: &str = r#"{ per_mille = 200 }, { amount = "10.00" } or { level_of = "status" }"#;
const STACKING: Words<DiscountStacking> = &[
    ("running", DiscountStacking::Running),
    ("initial", DiscountStacking::Initial),
];

/// Reads what a campaign takes off.
pub fn read(item: &Item<'_>, frame: &Frame) -> Vec<Discount> {
    let read = |item: &Item<'_>| item.table(DISCOUNT, |table| read_discount(table, frame));
    item.one_or_more().iter().filter_map(read).collect()
}

fn read_discount(table: &Table<'_>, frame: &Frame) -> Discount {
    let off = if let Some(per_mille) = table.find("per_mille", "per_mille") {
        Some(Off::PerMille(per_mille.small()))
    } else if let Some(amount) = table.find("amount", "minor_units") {
        Some(Off::MinorUnits(money(&amount, &frame.currency, 1)))
    } else if let Some(ladder) = table.find("level_of", "level.ladder") {
        Some(Off::Level(LevelDiscount { ladder: ladder.text() }))
    } else {
        table.wrong(format_args!("must be {DISCOUNT}"));
        None
    };
    let lines = table.find("lines", "lines");
    let most = table.find("max", "max_minor_units");
    Discount {
        off,
        lines: lines.and_then(|item| item.table("a table", read_filter)),
        max_minor_units: most.map_or(0, |item| money(&item, &frame.currency, 1)),
    }
}

/// Describes what a campaign takes off.
pub fn words(of: &Discount, frame: &Frame) -> String {
    let Discount {
        off,
        lines,
        max_minor_units,
    } = of;
    let off = match off {
        None => "nothing".to_owned(),
        Some(Off::PerMille(per_mille)) => format!("{per_mille} per mille"),
        Some(Off::MinorUnits(amount)) => frame.currency.spell(*amount),
        Some(Off::Level(LevelDiscount { ladder })) => format!("what the level on {ladder} gives"),
    };
    let lines = lines
        .as_ref()
        .map(|filter| format!(" for {}", words_of_filter(Some(filter))));
    let most = match max_minor_units {
        0 => String::new(),
        most => format!(", at most {}", frame.currency.spell(*most)),
    };
    format!("{off}{}{most}", lines.unwrap_or_default())
}

/// Reads how discounts go together.
pub fn read_policy(table: &Table<'_>) -> DiscountPolicy {
    let per_mille = |key, none| table.find(key, key).map_or(none, |item| item.small());
    DiscountPolicy {
        stacking: table.word("stacking", "stacking", STACKING),
        max_total_per_mille: per_mille("max_total_per_mille", 1_000),
        floor_per_mille: per_mille("floor_per_mille", 0),
    }
}

/// Describes how discounts go together.
pub fn facts(policy: &DiscountPolicy) -> Facts {
    let DiscountPolicy {
        stacking,
        max_total_per_mille,
        floor_per_mille,
    } = policy;
    Facts::default()
        .with("stacking", spell(*stacking, STACKING))
        .with("max_total_per_mille", *max_total_per_mille)
        .with_number("floor_per_mille", *floor_per_mille)
}
