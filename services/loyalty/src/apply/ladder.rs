//! `[[ladder]]` and its `[[ladder.level]]`s: the levels that members climb.

use proto::tier::{
    Benefits, CalendarYearWindow, DowngradePolicy, Ladder, Level, LifetimeWindow, Metric, MetricWindow, Requirement,
    RequirementSet, Review, RollingDaysWindow, metric_window::Window,
};

use super::{
    amounts::{factor, money, spell_factor},
    sheet::{Item, Table},
    words::{Facts, Frame, Words, spell},
};

const DOWNGRADE: Words<DowngradePolicy> = &[
    ("never", DowngradePolicy::Never),
    ("one level", DowngradePolicy::OneLevel),
    ("to qualified", DowngradePolicy::ToQualified),
];
const METRICS: Words<Metric> = &[
    ("spend", Metric::Spend),
    ("orders", Metric::Orders),
    ("points_earned", Metric::PointsEarned),
];
const WITHIN: &str = r#""lifetime", "calendar year" or a number of days such as "365 days""#;
const WAY: &str = r#"a table such as { spend = "250.00", within = "365 days" }"#;

/// Reads a ladder.
pub fn read(table: &Table<'_>, frame: &Frame) -> Ladder {
    let levels = match table.need("level", "levels", r#"[{ code = "standard", name = "Standard" }]"#) {
        Some(levels) => levels.list(),
        None => Vec::new(),
    };
    let read_level = |(rank, item): (usize, &Item<'_>)| item.table("a table", |table| level(table, rank, frame));
    let review = table.need(
        "review",
        "review",
        r#"{ after_months = 12, downgrade = "to qualified" }"#,
    );
    Ladder {
        code: table.text("code", "code", r#""status""#),
        display_name: table.text("name", "display_name", r#""Status""#),
        levels: levels.iter().enumerate().filter_map(read_level).collect(),
        review: review.and_then(|item| item.table("a table", read_review)),
    }
}

fn read_review(table: &Table<'_>) -> Review {
    Review {
        after_months: table
            .need("after_months", "after_months", "12")
            .map_or(0, |item| item.small()),
        downgrade: table.word("downgrade", "downgrade", DOWNGRADE),
    }
}

/// Every member starts on the first level, so it asks for nothing; any other would promote everyone if it did.
fn level(table: &Table<'_>, rank: usize, frame: &Frame) -> Level {
    let ways = if rank == 0 {
        let ways = table.find("enter", "any_of");
        if let Some(ways) = &ways {
            ways.wrong("must not be there: every member starts on the first level; leave it out");
        }
        None
    } else {
        table.need("enter", "any_of", r#"{ spend = "100.00", within = "365 days" }"#)
    };
    let ways = ways.map(|ways| ways.one_or_more()).unwrap_or_default();
    Level {
        code: table.text("code", "code", r#""gold""#),
        display_name: table.text("name", "display_name", r#""Gold""#),
        any_of: ways
            .iter()
            .filter_map(|item| item.table(WAY, |table| way(table, frame)))
            .collect(),
        benefits: Some(Benefits {
            accrual_factor: table
                .find("factor", "benefits.accrual_factor")
                .and_then(|item| factor(&item)),
            discount_per_mille: table
                .find("discount_per_mille", "benefits.discount_per_mille")
                .map_or(0, |item| item.small()),
            entitlements: table
                .find("entitlements", "benefits.entitlements")
                .map(|item| item.texts())
                .unwrap_or_default(),
        }),
    }
}

/// One way into a level: what must be reached within one time, or, as `all`, several of these at once.
fn way(table: &Table<'_>, frame: &Frame) -> RequirementSet {
    let mut all_of = Vec::new();
    if table.has("all") {
        for part in table.every("all", "all_of") {
            part.table(WAY, |table| requirements(table, frame, "", &mut all_of));
        }
    } else {
        requirements(table, frame, "all_of[0]", &mut all_of);
    }
    RequirementSet { all_of }
}

fn requirements(table: &Table<'_>, frame: &Frame, first: &str, all_of: &mut Vec<Requirement>) {
    let field = |name: &str| {
        if first.is_empty() {
            name.to_owned()
        } else {
            format!("{first}.{name}")
        }
    };
    let window = table
        .need("within", &field("window"), r#""365 days""#)
        .and_then(|item| window(&item));
    if !METRICS.iter().any(|(key, _)| table.has(key)) {
        table.wrong("asks for nothing; it must have spend, orders or points_earned");
    }
    for (key, metric) in METRICS {
        let Some(item) = table.find(key, &field("at_least")) else {
            continue;
        };
        let at_least = if *metric == Metric::Spend {
            money(&item, &frame.currency, 1)
        } else {
            count(&item)
        };
        all_of.push(Requirement {
            metric: (*metric).into(),
            window,
            at_least,
        });
    }
}

fn count(item: &Item<'_>) -> i64 {
    let count = item.whole();
    if count < 1 && item.value.is_integer() {
        item.wrong("must be at least 1");
    }
    count
}

fn window(item: &Item<'_>) -> Option<MetricWindow> {
    let days = |text: &str| {
        text.strip_suffix(" days")?
            .parse::<i32>()
            .ok()
            .filter(|days| (1..=3650).contains(days))
    };
    let window = match item.as_text() {
        Some("lifetime") => Some(Window::Lifetime(LifetimeWindow {})),
        Some("calendar year") => Some(Window::CalendarYear(CalendarYearWindow {})),
        Some(text) => days(text).map(|days| Window::RollingDays(RollingDaysWindow { days })),
        None => None,
    };
    if window.is_none() {
        item.wrong(format_args!("must be {WITHIN}, at most \"3650 days\""));
    }
    Some(MetricWindow { window })
}

/// Describes a ladder.
pub fn facts(ladder: &Ladder, frame: &Frame) -> Facts {
    let Ladder {
        code: _,
        display_name,
        levels,
        review,
    } = ladder;
    let Review {
        after_months,
        downgrade,
    } = review.unwrap_or_default();
    let codes: Vec<String> = levels.iter().map(|level| level.code.clone()).collect();
    let facts = Facts::default()
        .with("name", display_name)
        .with(
            "review",
            format!("after {after_months} months, downgrade {}", spell(downgrade, DOWNGRADE)),
        )
        .with_list("levels", &codes);
    levels
        .iter()
        .fold(facts, |facts, level| level_facts(facts, level, frame))
}

fn level_facts(facts: Facts, level: &Level, frame: &Frame) -> Facts {
    let Level {
        code,
        display_name,
        any_of,
        benefits,
    } = level;
    let Benefits {
        accrual_factor,
        discount_per_mille,
        entitlements,
    } = benefits.clone().unwrap_or_default();
    let ways: Vec<String> = any_of.iter().map(|way| spell_way(way, frame)).collect();
    let factor = accrual_factor.map_or("1".to_owned(), |factor| spell_factor(&factor));
    facts
        .with(format!("{code}: name"), display_name)
        .with_some(format!("{code}: enter"), (!ways.is_empty()).then(|| ways.join(", or ")))
        .with(format!("{code}: factor"), factor)
        .with_number(format!("{code}: discount_per_mille"), discount_per_mille)
        .with_list(format!("{code}: entitlements"), &entitlements)
}

fn spell_way(way: &RequirementSet, frame: &Frame) -> String {
    let parts = way.all_of.iter().map(|requirement| {
        let Requirement {
            metric,
            window,
            at_least,
        } = requirement;
        let amount = if *metric == i32::from(Metric::Spend) {
            frame.currency.spell(*at_least)
        } else {
            at_least.to_string()
        };
        format!(
            "{} {amount} within {}",
            spell(*metric, METRICS),
            spell_window(window.as_ref())
        )
    });
    parts.collect::<Vec<_>>().join(" and ")
}

fn spell_window(window: Option<&MetricWindow>) -> String {
    match window.and_then(|window| window.window) {
        None | Some(Window::Lifetime(LifetimeWindow {})) => "lifetime".to_owned(),
        Some(Window::CalendarYear(CalendarYearWindow {})) => "calendar year".to_owned(),
        Some(Window::RollingDays(RollingDaysWindow { days })) => format!("{days} days"),
    }
}
