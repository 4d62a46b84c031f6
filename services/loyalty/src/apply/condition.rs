//! Conditions: what must hold for a campaign to apply, in the words of the file.

use proto::campaign::{
    AttributeCondition, BirthdayCondition, BirthdayWindow, Condition, Conditions, EnrolledCondition,
    ExpressionCondition, FirstPurchaseCondition, LevelCondition, LineFilter, LinesCondition, NamesCondition,
    OrderCondition, Texts, attribute_condition::Is, condition::Condition as Of,
};

use super::{
    accrual::{read_base, words_of_base},
    amounts::money,
    history,
    sheet::{Item, Table},
    words::{Frame, Words, spell},
};

const FORM: &str = r#"a table, such as { level = { ladder = "status", one_of = ["gold"] }, order_from = "50.00" }"#;
const TOO_DEEP: usize = 20;
const BIRTHDAY_WINDOWS: Words<BirthdayWindow> = &[
    ("day", BirthdayWindow::Day),
    ("week", BirthdayWindow::Week),
    ("month", BirthdayWindow::Month),
];

/// Reads a table all of whose keys must hold; nothing for one that asks for nothing.
pub fn read(item: &Item<'_>, frame: &Frame) -> Option<Condition> {
    item.table(FORM, |table| read_all(table, frame, 0)).flatten()
}

fn read_all(table: &Table<'_>, frame: &Frame, depth: usize) -> Option<Condition> {
    let mut all = Vec::new();
    let mut push = |of: Option<Of>| all.extend(of.map(|of| Condition { condition: Some(of) }));
    push(table.find("level", "").and_then(|item| read_level(&item)));
    push(
        table
            .flag("first_purchase", "")
            .then_some(Of::FirstPurchase(FirstPurchaseCondition {})),
    );
    push(read_names(table, "channels").map(Of::Channel));
    push(read_names(table, "stores").map(Of::Store));
    push(read_names(table, "payment_methods").map(Of::PaymentMethod));
    push(read_order(table, frame));
    push(
        table
            .find("lines", "")
            .and_then(|item| item.table("a table", |table| read_lines(table, frame)))
            .map(Of::Lines),
    );
    push(
        table
            .find("attribute", "")
            .and_then(|item| item.table("a table", read_attribute))
            .map(Of::Attribute),
    );
    push(
        table
            .find("history", "")
            .and_then(|item| item.table("a table", |table| history::read(table, frame)))
            .map(Of::History),
    );
    push(
        table
            .find("sample", "")
            .and_then(|item| item.table("a table", history::read_sample))
            .map(Of::Sample),
    );
    let enrolled = table.find("enrolled_within_days", "").map(|item| item.small());
    push(enrolled.map(|within_days| Of::Enrolled(EnrolledCondition { within_days })));
    let expression = table.find("expression", "").map(|item| item.text());
    push(expression.map(|expression| Of::Expression(ExpressionCondition { expression })));
    let birthday = table.find("birthday", "").map(|item| item.word(BIRTHDAY_WINDOWS));
    push(birthday.map(|window| Of::Birthday(BirthdayCondition { window })));
    for (key, of) in [
        ("all", Of::All as fn(Conditions) -> Of),
        ("any", Of::Any),
        ("none", Of::None),
    ] {
        push(table.find(key, "").map(|item| of(read_several(&item, frame, depth))));
    }
    match all.len() {
        0 | 1 => all.pop(),
        _ => Some(Condition {
            condition: Some(Of::All(Conditions { conditions: all })),
        }),
    }
}

fn read_several(item: &Item<'_>, frame: &Frame, depth: usize) -> Conditions {
    if depth > TOO_DEEP {
        item.wrong("is nested too deeply");
        return Conditions::default();
    }
    let read = |item: &Item<'_>| item.table(FORM, |table| read_all(table, frame, depth + 1)).flatten();
    Conditions {
        conditions: item.one_or_more().iter().filter_map(read).collect(),
    }
}

fn read_names(table: &Table<'_>, key: &'static str) -> Option<NamesCondition> {
    let names = table.find(key, "")?.texts();
    Some(NamesCondition { names })
}

fn read_level(item: &Item<'_>) -> Option<Of> {
    item.table(r#"{ ladder = "status", one_of = ["gold"] }"#, |table| {
        Of::Level(LevelCondition {
            ladder: table.text("ladder", "", r#""status""#),
            levels: table
                .need("one_of", "", r#"["gold"]"#)
                .map(|item| item.texts())
                .unwrap_or_default(),
        })
    })
}

fn read_order(table: &Table<'_>, frame: &Frame) -> Option<Of> {
    let (from, below) = (table.find("order_from", ""), table.find("order_below", ""));
    let base = table
        .find("order_base", "")
        .and_then(|item| item.table("a table", read_base));
    if from.is_none() && below.is_none() {
        if base.is_some() {
            table.wrong("has order_base, which needs order_from or order_below beside it");
        }
        return None;
    }
    let amount = |item: Option<Item<'_>>| item.map_or(0, |item| money(&item, &frame.currency, 0));
    Some(Of::Order(OrderCondition {
        base,
        at_least_minor_units: amount(from),
        below_minor_units: amount(below),
    }))
}

fn read_lines(table: &Table<'_>, frame: &Frame) -> LinesCondition {
    let worth = table
        .find("worth", "")
        .map_or(0, |item| money(&item, &frame.currency, 0));
    let pieces = table.find("pieces", "").map_or(0, |item| item.small());
    LinesCondition {
        filter: Some(read_filter(table)),
        at_least_minor_units: worth,
        at_least_quantity: pieces,
    }
}

/// Reads which lines count.
pub fn read_filter(table: &Table<'_>) -> LineFilter {
    let texts = |key: &'static str| table.find(key, "").map(|item| item.texts()).unwrap_or_default();
    LineFilter {
        skus: texts("skus"),
        categories: texts("categories"),
        brands: texts("brands"),
        except_categories: texts("except_categories"),
        except_brands: texts("except_brands"),
    }
}

fn read_attribute(table: &Table<'_>) -> AttributeCondition {
    let one_of = table
        .find("one_of", "")
        .map(|item| Is::OneOf(Texts { texts: item.texts() }));
    let at_least = table.find("at_least", "").map(|item| Is::AtLeast(item.whole()));
    let at_most = table.find("at_most", "").map(|item| Is::AtMost(item.whole()));
    let said = [&one_of, &at_least, &at_most].into_iter().flatten().count();
    if said != 1 {
        table.wrong("must have one of one_of, at_least and at_most; several conditions go under all");
    }
    let is = one_of.or(at_least).or(at_most);
    AttributeCondition {
        name: table.text("name", "", r#""score""#),
        is,
    }
}

/// Describes a condition.
pub fn words(condition: &Condition, frame: &Frame) -> String {
    let several = |of: &Conditions, word: &str| {
        let parts: Vec<String> = of.conditions.iter().map(|condition| words(condition, frame)).collect();
        format!("({})", parts.join(&format!(" {word} ")))
    };
    match &condition.condition {
        None => "nothing".to_owned(),
        Some(Of::All(all)) => several(all, "and"),
        Some(Of::Any(any)) => several(any, "or"),
        Some(Of::None(none)) => format!("none of {}", several(none, "or")),
        Some(Of::Level(LevelCondition { ladder, levels })) => format!("on {ladder} one of {levels:?}"),
        Some(Of::FirstPurchase(FirstPurchaseCondition {})) => "first purchase".to_owned(),
        Some(Of::Channel(NamesCondition { names })) => format!("channel one of {names:?}"),
        Some(Of::Store(NamesCondition { names })) => format!("store one of {names:?}"),
        Some(Of::PaymentMethod(NamesCondition { names })) => format!("paid by one of {names:?}"),
        Some(Of::Order(order)) => words_of_order(order, frame),
        Some(Of::Lines(lines)) => words_of_lines(lines, frame),
        Some(Of::Attribute(AttributeCondition { name, is })) => match is {
            None => format!("{name} is nothing"),
            Some(Is::OneOf(Texts { texts })) => format!("{name} one of {texts:?}"),
            Some(Is::AtLeast(least)) => format!("{name} at least {least}"),
            Some(Is::AtMost(most)) => format!("{name} at most {most}"),
        },
        Some(Of::Enrolled(EnrolledCondition { within_days })) => format!("enrolled within {within_days} days"),
        Some(Of::History(history)) => history::words(history, frame),
        Some(Of::Sample(sample)) => history::words_of_sample(sample),
        Some(Of::Expression(ExpressionCondition { expression })) => format!("true: {expression}"),
        Some(Of::Birthday(BirthdayCondition { window })) => {
            format!("in the birthday's {}", spell(*window, BIRTHDAY_WINDOWS))
        }
    }
}

fn words_of_order(order: &OrderCondition, frame: &Frame) -> String {
    let OrderCondition {
        base,
        at_least_minor_units,
        below_minor_units,
    } = order;
    let mut words = "order".to_owned();
    if *at_least_minor_units > 0 {
        words += &format!(" from {}", frame.currency.spell(*at_least_minor_units));
    }
    if *below_minor_units > 0 {
        words += &format!(" below {}", frame.currency.spell(*below_minor_units));
    }
    match base {
        None => words,
        Some(base) => format!("{words} ({})", words_of_base(base)),
    }
}

fn words_of_lines(lines: &LinesCondition, frame: &Frame) -> String {
    let LinesCondition {
        filter,
        at_least_minor_units,
        at_least_quantity,
    } = lines;
    let mut words = words_of_filter(filter.as_ref());
    if *at_least_minor_units > 0 {
        words += &format!(" worth {}", frame.currency.spell(*at_least_minor_units));
    }
    if *at_least_quantity > 0 {
        words += &format!(", {at_least_quantity} pieces");
    }
    words
}

/// Describes which lines count.
pub fn words_of_filter(filter: Option<&LineFilter>) -> String {
    let LineFilter {
        skus,
        categories,
        brands,
        except_categories,
        except_brands,
    } = filter.cloned().unwrap_or_default();
    let lists = [
        ("of skus", skus),
        ("in", categories),
        ("of", brands),
        ("not in", except_categories),
        ("not of", except_brands),
    ];
    let parts = lists.into_iter().filter(|(_, names)| !names.is_empty());
    parts.fold("lines".to_owned(), |words, (word, names)| {
        format!("{words} {word} {names:?}")
    })
}
