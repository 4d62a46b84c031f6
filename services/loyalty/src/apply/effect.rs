//! Effects and limits: what a campaign does, and how often, in the words of the file.

use proto::{
    campaign::{
        AddPointsEffect, EarnEffect, Effect, FormulaEffect, Limit, LimitPeriod, MultiplyEffect, PointsPer, effect,
    },
    value::Ratio,
};

use super::{
    accrual::{read_base, read_rate, read_terms, words_of_base, words_of_rate, words_of_terms},
    amounts::{factor, spell_factor, spell_unit_cost, unit_cost},
    condition::{read_filter, words_of_filter},
    sheet::{Item, Table},
    streak,
    words::{Frame, Words, spell},
};

const EFFECT: &str = r#"{ multiply = "2" }, { add_points = 100 }, { earn = { points = 1, per = "10.00", step = "full" } } { streak = [1, 2, 5], end = "stay" } or { formula = "order.lines.size() * 10" }"#;
const LIMIT: &str = r#"{ per = "day", times = 1 } or { per = "campaign", points = 500 }"#;
const PER: Words<PointsPer> = &[
    ("order", PointsPer::Unspecified),
    ("line", PointsPer::Line),
    ("piece", PointsPer::Piece),
];
/// The kinds of period.
pub const PERIOD: Words<LimitPeriod> = &[
    ("campaign", LimitPeriod::Campaign),
    ("day", LimitPeriod::Day),
    ("week", LimitPeriod::Week),
    ("month", LimitPeriod::Month),
    ("quarter", LimitPeriod::Quarter),
    ("year", LimitPeriod::Year),
];

/// Reads what a campaign does. An effect that says nothing of its accrual, or of what its points cost, goes by what the campaign says.
pub fn read(item: &Item<'_>, of_campaign: (&str, Option<Ratio>), frame: &Frame) -> Vec<Effect> {
    let read = |item: &Item<'_>| item.table(EFFECT, |table| read_effect(table, of_campaign, frame));
    item.one_or_more().iter().filter_map(read).collect()
}

fn read_effect(table: &Table<'_>, (accrual, cost): (&str, Option<Ratio>), frame: &Frame) -> Effect {
    let of_own = table.find("accrual", "accrual").map(|item| item.text());
    let max_points = table.find("max_points", "max_points").map_or(0, |item| item.whole());
    let of_own_cost = table
        .find("cost_per_point", "cost_per_point")
        .and_then(|item| unit_cost(&item, &frame.currency));
    let lines = |field| {
        table
            .find("lines", field)
            .and_then(|item| item.table("a table", read_filter))
    };
    let effect = if let Some(multiply) = table.find("multiply", "multiply.factor") {
        Some(effect::Effect::Multiply(MultiplyEffect {
            factor: factor(&multiply),
            lines: lines("multiply.lines"),
        }))
    } else if let Some(points) = table.find("add_points", "add_points.points") {
        Some(effect::Effect::AddPoints(AddPointsEffect {
            points: points.whole(),
            per: table.find("per", "add_points.per").map_or(0, |item| item.word(PER)),
            lines: lines("add_points.lines"),
        }))
    } else if let Some(earn) = table.find("earn", "earn.rate") {
        Some(effect::Effect::Earn(EarnEffect {
            rate: earn.table("a table", |table| read_rate(table, frame)),
            base: table
                .find("base", "earn.base")
                .and_then(|item| item.table("a table", read_base)),
            lines: lines("earn.lines"),
        }))
    } else if let Some(points_by_day) = table.find("streak", "streak.points_by_day") {
        Some(effect::Effect::Streak(streak::read(&points_by_day, table)))
    } else if let Some(points) = table.find("formula", "formula.points") {
        Some(effect::Effect::Formula(FormulaEffect { points: points.text() }))
    } else {
        table.wrong(format_args!("must be {EFFECT}"));
        None
    };
    Effect {
        accrual: of_own.unwrap_or_else(|| accrual.to_owned()),
        effect,
        max_points,
        cost_per_point: of_own_cost.or(cost),
        terms: read_terms(table),
    }
}

/// Reads how often a campaign applies.
pub fn read_limits(item: &Item<'_>) -> Vec<Limit> {
    let read = |table: &Table<'_>| Limit {
        period: table.word("per", "period", PERIOD),
        times: table.find("times", "times").map_or(0, |item| item.whole()),
        points: table.find("points", "points").map_or(0, |item| item.whole()),
    };
    item.one_or_more()
        .iter()
        .filter_map(|item| item.table(LIMIT, read))
        .collect()
}

/// Describes an effect.
pub fn words(of: &Effect, frame: &Frame) -> String {
    let Effect {
        accrual,
        effect,
        max_points,
        cost_per_point,
        terms,
    } = of;
    let lines = |filter: Option<_>| {
        filter
            .map(|filter| format!(" for {}", words_of_filter(Some(filter))))
            .unwrap_or_default()
    };
    let does = match effect {
        None => "nothing".to_owned(),
        Some(effect::Effect::Multiply(MultiplyEffect { factor, lines: of })) => {
            let by = factor.map_or_else(|| "nothing".to_owned(), |factor| spell_factor(&factor));
            format!("multiply by {by}{}", lines(of.as_ref()))
        }
        Some(effect::Effect::AddPoints(AddPointsEffect { points, per, lines: of })) => {
            let per = match spell(*per, PER).as_str() {
                "order" => String::new(),
                per => format!(" per {per}"),
            };
            format!("add {points} points{per}{}", lines(of.as_ref()))
        }
        Some(effect::Effect::Earn(EarnEffect { rate, base, lines: of })) => {
            let rate = rate.map_or_else(|| "nothing".to_owned(), |rate| words_of_rate(&rate, frame));
            let base = base
                .as_ref()
                .map(|base| format!(" of {}", words_of_base(base)))
                .unwrap_or_default();
            format!("earn {rate}{base}{}", lines(of.as_ref()))
        }
        Some(effect::Effect::Streak(streak)) => streak::words(streak),
        Some(effect::Effect::Formula(FormulaEffect { points })) => format!("add {points}"),
    };
    let most = match max_points {
        0 => String::new(),
        most => format!(", at most {most}"),
    };
    let cost = cost_per_point.map(|cost| format!(", {} a point", spell_unit_cost(cost, &frame.currency)));
    let terms = terms.as_ref().map(|terms| format!(", {}", words_of_terms(terms)));
    format!(
        "{accrual}: {does}{most}{}{}",
        cost.unwrap_or_default(),
        terms.unwrap_or_default()
    )
}

/// Describes a limit.
pub fn words_of_limit(limit: &Limit) -> String {
    let Limit { period, times, points } = limit;
    let of = |number: &i64, what: &str| (*number > 0).then(|| format!("{number} {what}"));
    let most: Vec<String> = [of(times, "times"), of(points, "points")]
        .into_iter()
        .flatten()
        .collect();
    format!("{} per {}", most.join(" and "), spell(*period, PERIOD))
}
