//! `[[accrual]]`: how every purchase earns.

use proto::{
    campaign::{
        Accrual, CalendarPeriod, Composition, DiscountBase, EarnBase, EarnRate, EarnScope, EarnStep, Terms,
        terms::Availability,
    },
    value::Rounding,
};

use super::{
    amounts::money,
    sheet::Table,
    words::{Facts, Frame, Words, spell},
};

const AVAILABLE: &str = r#"{ after_days = 14 } or { at_end_of = "year" }"#;
/// Periods of the calendar.
pub const PERIOD: Words<CalendarPeriod> = &[
    ("month", CalendarPeriod::Month),
    ("quarter", CalendarPeriod::Quarter),
    ("year", CalendarPeriod::Year),
];
const STEP: Words<EarnStep> = &[("full", EarnStep::FullSteps), ("pro rata", EarnStep::ProRata)];
const SCOPE: Words<EarnScope> = &[("order", EarnScope::Unspecified), ("line", EarnScope::Line)];
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
    let rate = table.need(
        "earn",
        "rate",
        r#"{ points = 1, per = "1.00", step = "full" } or "nothing""#,
    );
    let rate = rate.filter(|item| item.as_text() != Some("nothing"));
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
        terms: read_terms(table),
        prospects_earn: table.flag("prospects_earn", "prospects_earn"),
    }
}

/// Reads on which terms points are credited, where anything is said of that.
pub fn read_terms(table: &Table<'_>) -> Option<Terms> {
    let funder = table.find("funder", "terms.funder").map(|item| item.text());
    let availability = table
        .find("available", "terms")
        .and_then(|item| item.table(AVAILABLE, read_availability))
        .flatten();
    (funder.is_some() || availability.is_some()).then(|| Terms {
        funder: funder.unwrap_or_default(),
        availability,
    })
}

fn read_availability(table: &Table<'_>) -> Option<Availability> {
    let after = table
        .find("after_days", "after_days")
        .map(|item| Availability::AfterDays(item.small()));
    let end = table
        .find("at_end_of", "at_end_of")
        .map(|item| Availability::AtEndOf(item.word(PERIOD)));
    if after.is_some() == end.is_some() {
        table.wrong(format_args!("must be {AVAILABLE}"));
    }
    after.or(end)
}

/// Describes terms.
pub fn words_of_terms(terms: &Terms) -> String {
    let Terms { funder, availability } = terms;
    let paid = (!funder.is_empty()).then(|| format!("paid by {funder}"));
    let available = availability.as_ref().map(|availability| match availability {
        Availability::AfterDays(days) => format!("available after {days} days"),
        Availability::AtEndOf(period) => format!("available at the end of the {}", spell(*period, PERIOD)),
    });
    let terms: Vec<String> = paid.into_iter().chain(available).collect();
    terms.join(", ")
}

/// Reads how much money makes how many points.
pub fn read_rate(table: &Table<'_>, frame: &Frame) -> EarnRate {
    let per = table.need("per", "per_minor_units", r#""1.00""#);
    EarnRate {
        per_minor_units: per.map_or(0, |item| money(&item, &frame.currency, 1)),
        points: table.whole("points", "points", "1"),
        step: table.word("step", "step", STEP),
        scope: table.find("steps_of", "scope").map_or(0, |item| item.word(SCOPE)),
    }
}

/// Whether tax and freight count is always said, because the two common answers differ.
pub fn read_base(table: &Table<'_>) -> EarnBase {
    EarnBase {
        discount: table.word("price", "discount", PRICE),
        with_tax: table
            .need("with_tax", "with_tax", "false")
            .is_some_and(|item| item.flag()),
        with_freight: table
            .need("with_freight", "with_freight", "false")
            .is_some_and(|item| item.flag()),
        without_payment_methods: table
            .find("without_payment_methods", "without_payment_methods")
            .map(|item| item.texts())
            .unwrap_or_default(),
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
        terms,
        prospects_earn,
    } = accrual;
    Facts::default()
        .with("wallet", wallet)
        .with(
            "earn",
            rate.map_or_else(|| "nothing".to_owned(), |rate| words_of_rate(&rate, frame)),
        )
        .with_some("base", base.as_ref().map(words_of_base))
        .with_some("ladder", (!ladder.is_empty()).then_some(ladder))
        .with("composition", spell(*composition, COMPOSITION))
        .with("rounding", spell(*rounding, ROUNDING))
        .with_number("max_points_per_order", *max_points_per_order)
        .with_some("terms", terms.as_ref().map(words_of_terms))
        .with_flag("prospects_earn", *prospects_earn)
}

/// Describes how much money makes how many points.
pub fn words_of_rate(rate: &EarnRate, frame: &Frame) -> String {
    let EarnRate {
        per_minor_units,
        points,
        step,
        scope,
    } = rate;
    let of = match spell(*scope, SCOPE).as_str() {
        "order" => String::new(),
        scope => format!(" of each {scope}"),
    };
    format!(
        "{points} per {}, step {}{of}",
        frame.currency.spell(*per_minor_units),
        spell(*step, STEP)
    )
}

/// Describes which money counts.
pub fn words_of_base(base: &EarnBase) -> String {
    let EarnBase {
        discount,
        with_tax,
        with_freight,
        without_payment_methods,
    } = base;
    let with = |what, counts| format!("{} {what}", if counts { "with" } else { "without" });
    let words = format!(
        "{}, {}, {}",
        spell(*discount, PRICE),
        with("tax", *with_tax),
        with("freight", *with_freight)
    );
    if without_payment_methods.is_empty() {
        words
    } else {
        format!("{words}, without what was paid by {without_payment_methods:?}")
    }
}
