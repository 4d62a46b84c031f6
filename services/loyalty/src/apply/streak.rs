//! Streaks: what days in a row bring, in the words of the file.

use proto::campaign::{MakeUp, Milestone, StreakEffect, StreakEnd};

use super::{
    effect::PERIOD,
    history::words_of_period,
    sheet::{Item, Table},
    words::{Words, spell},
};

const END: Words<StreakEnd> = &[("begin again", StreakEnd::BeginAgain), ("stay", StreakEnd::Stay)];

/// Reads what days in a row bring.
pub fn read(points_by_day: &Item<'_>, table: &Table<'_>) -> StreakEffect {
    let milestones = table.find("milestones", "streak.milestones");
    StreakEffect {
        points_by_day: points_by_day.one_or_more().iter().map(Item::whole).collect(),
        end: table.word("end", "streak.end", END),
        within: table
            .find("within", "streak.within")
            .map_or(0, |item| item.word(PERIOD)),
        milestones: milestones
            .map(|item| item.one_or_more().iter().filter_map(read_milestone).collect())
            .unwrap_or_default(),
    }
}

fn read_milestone(item: &Item<'_>) -> Option<Milestone> {
    item.table("{ days = 20, points = 100 }", |table| Milestone {
        days: table.need("days", "days", "20").map_or(0, |item| item.small()),
        points: table.whole("points", "points", "100"),
    })
}

/// Reads how members make up for days that are missing.
pub fn read_make_up(item: &Item<'_>) -> Option<MakeUp> {
    item.table(r#"{ custom = "make-up", days_per_month = 3 }"#, |table| MakeUp {
        kind: table.text("custom", "kind", r#""make-up""#),
        days_per_month: table
            .need("days_per_month", "days_per_month", "3")
            .map_or(0, |item| item.small()),
    })
}

/// Describes what days in a row bring.
pub fn words(streak: &StreakEffect) -> String {
    let StreakEffect {
        points_by_day,
        end,
        within,
        milestones,
    } = streak;
    let milestones = milestones
        .iter()
        .map(|Milestone { days, points }| format!(", {points} more for {days} days in all"));
    let milestones: String = milestones.collect();
    format!(
        "add {points_by_day:?} points for days in a row{}, then {}{milestones}",
        words_of_period(*within),
        spell(*end, END)
    )
}

/// Describes how members make up for days that are missing.
pub fn words_of_make_up(make_up: &MakeUp) -> String {
    let MakeUp { kind, days_per_month } = make_up;
    format!("by custom {kind}, for {days_per_month} days a month")
}
