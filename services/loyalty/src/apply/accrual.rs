//! `[[accrual]]`: how every purchase earns.

use proto::{
    campaign::{Accrual, Composition, DiscountBase, EarnBase, EarnRate, EarnStep},
    value::Rounding,
};

use super::{
    amounts::money,
    sheet::Table,
    words::{Facts, Frame, Words, spell},
};

const STEP: Words<EarnStep> = &[("full", EarnStep::FullSteps), ("pro rata", EarnStep::ProRata)];
const PRICE: Words<DiscountBase> = &[
    ("before discounts", DiscountBase::Before),
    ("after discounts", DiscountBase::After),
];
const COMPOSITION: Words<Composition> = &[
    ("additive", Composition::Additive),
    ("multiplicative", Composition::Multiplicative),
    ("max", Composition::Max),
];
const ROUNDING: Words<Rounding> = &[
    ("floor", Rounding::Floor),
    ("half even", Rounding::HalfEven),
    ("ceil", Rounding::Ceil),
];

/// Reads an accrual.
pub fn read(table: &Table<'_>, frame: &Frame) -> Accrual {
    let rate = table.need("earn", "rate", r#"{ points = 1, per = "1.00", step = "full" }"#);
    let base = table.need(
        "base",
        "base",
        r#"{ price = "after discounts", with_tax = false, with_freight = false }"#,
    );
    Accrual {
        code: table.text("code", "code", r#""base""#),
        wallet: table.text("wallet", "wallet", r#""points""#),
        rate: rate.and_then(|item| item.table("a table", |table| read_rate(table, frame))),
        base: base.and_then(|item| item.table("a table", read_base)),
        ladder: table
            .find("ladder", "ladder")
            .map(|item| item.text())
            .unwrap_or_default(),
        composition: table.word("composition", "composition", COMPOSITION),
        rounding: table.word("rounding", "rounding", ROUNDING),
        max_points_per_order: table
            .find("max_points_per_order", "max_points_per_order")
            .map_or(0, |item| item.whole()),
    }
}

fn read_rate(table: &Table<'_>, frame: &Frame) -> EarnRate {
    let per = table.need("per", "per_minor_units", r#""1.00""#);
    EarnRate {
        per_minor_units: per.map_or(0, |item| money(&item, &frame.currency, 1)),
        points: table.whole("points", "points", "1"),
        step: table.word("step", "step", STEP),
    }
}

/// Whether tax and freight count is always said, because the two common answers differ.
fn read_base(table: &Table<'_>) -> EarnBase {
    EarnBase {
        discount: table.word("price", "discount", PRICE),
        with_tax: table
            .need("with_tax", "with_tax", "false")
            .is_some_and(|item| item.flag()),
        with_freight: table
            .need("with_freight", "with_freight", "false")
            .is_some_and(|item| item.flag()),
    }
}

/// Describes an accrual.
pub fn facts(accrual: &Accrual, frame: &Frame) -> Facts {
    let Accrual {
        code: _,
        wallet,
        rate,
        base,
        ladder,
        composition,
        rounding,
        max_points_per_order,
    } = accrual;
    let EarnRate {
        per_minor_units,
        points,
        step,
    } = rate.unwrap_or_default();
    let EarnBase {
        discount,
        with_tax,
        with_freight,
    } = base.unwrap_or_default();
    let per = frame.currency.spell(per_minor_units);
    let with = |what, counts| format!("{} {what}", if counts { "with" } else { "without" });
    Facts::default()
        .with("wallet", wallet)
        .with("earn", format!("{points} per {per}, step {}", spell(step, STEP)))
        .with(
            "base",
            format!(
                "{}, {}, {}",
                spell(discount, PRICE),
                with("tax", with_tax),
                with("freight", with_freight)
            ),
        )
        .with_some("ladder", (!ladder.is_empty()).then_some(ladder))
        .with("composition", spell(*composition, COMPOSITION))
        .with("rounding", spell(*rounding, ROUNDING))
        .with_number("max_points_per_order", *max_points_per_order)
}
