//! `[[target]]`: what the program wants to reach.

use proto::campaign::{Baseline, Goal, Measure, Target};

use super::{
    accrual::PERIOD,
    amounts::{day, factor, money, spell_factor},
    sheet::{Item, Table},
    words::{Facts, Frame, Words, spell},
};

const GOAL: &str = r#"{ growth = "0.3" }, { value = 2000000 } or both"#;
const MEASURE: Words<Measure> = &[
    ("members", Measure::Members),
    ("new members", Measure::NewMembers),
    ("active members", Measure::ActiveMembers),
    ("orders", Measure::Orders),
    ("spend", Measure::Spend),
    ("average order", Measure::AverageOrder),
    ("spend per member", Measure::SpendPerMember),
    ("points awarded", Measure::PointsAwarded),
];

/// Reads a target.
pub fn read(table: &Table<'_>, frame: &Frame) -> Target {
    let measure = table.word("measure", "measure", MEASURE);
    let figure = |item: Item<'_>| match is_money(measure) {
        true => money(&item, &frame.currency, 0),
        false => item.whole(),
    };
    let goal = table.need("goal", "goal", GOAL);
    let baselines = table.find("baselines", "baselines");
    let baselines = baselines.map(|item| item.one_or_more()).unwrap_or_default();
    let read_baseline = |table: &Table<'_>| read_baseline(table, figure);
    Target {
        code: table.text("code", "code", r#""members""#),
        display_name: table.text("name", "display_name", r#""Members""#),
        measure,
        period: table.word("period", "period", PERIOD),
        goal: goal.and_then(|item| {
            item.table(GOAL, |table| Goal {
                value: table.find("value", "value").map(figure),
                growth: table.find("growth", "growth").and_then(|item| factor(&item)),
            })
        }),
        baselines: baselines
            .iter()
            .filter_map(|item| item.table("a table", read_baseline))
            .collect(),
        retired: table.flag("retired", "retired"),
    }
}

fn read_baseline(table: &Table<'_>, figure: impl Fn(Item<'_>) -> i64) -> Baseline {
    let starts_on = table.need("starts_on", "starts_on", "2025-01-01");
    let starts_on = starts_on.and_then(|item| day(&item));
    let value = table.need("value", "value", "1000000");
    Baseline {
        starts_on: starts_on.map(|day| day.to_string()).unwrap_or_default(),
        value: value.map_or(0, figure),
    }
}

/// Describes a target.
pub fn facts(target: &Target, frame: &Frame) -> Facts {
    let Target {
        code: _,
        display_name,
        measure,
        period,
        goal,
        baselines,
        retired,
    } = target;
    let figure = |figure: i64| match is_money(*measure) {
        true => frame.currency.spell(figure),
        false => figure.to_string(),
    };
    let Goal { value, growth } = goal.unwrap_or_default();
    let value = value.map(|value| format!("at least {}", figure(value)));
    let growth = growth.map(|growth| format!("growth by {}", spell_factor(&growth)));
    let goal: Vec<String> = growth.into_iter().chain(value).collect();
    let stated = baselines
        .iter()
        .map(|of| format!("{} from {}", figure(of.value), of.starts_on));
    let stated: Vec<String> = stated.collect();
    Facts::default()
        .with("name", display_name)
        .with("measure", spell(*measure, MEASURE))
        .with("period", spell(*period, PERIOD))
        .with("goal", goal.join(" and "))
        .with_some("baselines", (!stated.is_empty()).then(|| stated.join(", ")))
        .with_flag("retired", *retired)
}

/// Tells whether figures of a measure are money.
fn is_money(measure: i32) -> bool {
    let of_money = [Measure::Spend, Measure::AverageOrder, Measure::SpendPerMember];
    of_money.into_iter().any(|of| i32::from(of) == measure)
}
