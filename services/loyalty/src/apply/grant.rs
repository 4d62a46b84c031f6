//! What campaigns give besides points, in the words of the file.

use proto::campaign::{Grant, LevelGrant, MessageGrant, grant, level_grant};

use super::{
    amounts::money,
    sheet::{Item, Table},
    words::Frame,
};

const GRANT: &str = r#"{ level = { ladder = "status", up = 1, days = 90 } } or { message = "welcome" }"#;
const LEVEL: &str = r#"{ ladder = "status", up = 1, days = 90 } or { ladder = "status", to = "gold" }"#;

/// Reads what a campaign gives.
pub fn read(item: &Item<'_>, frame: &Frame) -> Vec<Grant> {
    let read = |item: &Item<'_>| item.table(GRANT, |table| read_one(table, frame));
    item.one_or_more().iter().filter_map(read).collect()
}

fn read_one(table: &Table<'_>, frame: &Frame) -> Grant {
    let cost = table.find("cost", "cost_minor_units");
    let gives = if let Some(template) = table.find("message", "message.template") {
        let template = template.text();
        Some(grant::Grant::Message(MessageGrant { template }))
    } else {
        let level = table.need("level", "level", LEVEL);
        level
            .and_then(|item| item.table(LEVEL, read_level))
            .map(grant::Grant::Level)
    };
    Grant {
        grant: gives,
        cost_minor_units: cost.map_or(0, |item| money(&item, &frame.currency, 0)),
    }
}

fn read_level(table: &Table<'_>) -> LevelGrant {
    let to = if let Some(up) = table.find("up", "levels_up") {
        Some(level_grant::To::LevelsUp(up.small()))
    } else if let Some(to) = table.find("to", "level") {
        Some(level_grant::To::Level(to.text()))
    } else {
        table.wrong(format_args!("must be {LEVEL}"));
        None
    };
    LevelGrant {
        ladder: table.text("ladder", "ladder", r#""status""#),
        to,
        lasts_days: table.find("days", "lasts_days").map_or(0, |item| item.small()),
    }
}

/// Describes what a campaign gives.
pub fn words(of: &Grant, frame: &Frame) -> String {
    let Grant {
        grant,
        cost_minor_units,
    } = of;
    let what = match grant {
        None => "nothing".to_owned(),
        Some(grant::Grant::Message(MessageGrant { template })) => format!("message {template}"),
        Some(grant::Grant::Level(LevelGrant { ladder, to, lasts_days })) => {
            let to = match to {
                None => "no level".to_owned(),
                Some(level_grant::To::LevelsUp(levels)) => format!("{levels} up"),
                Some(level_grant::To::Level(level)) => format!("level {level}"),
            };
            let days = (*lasts_days > 0).then(|| format!(", {lasts_days} days"));
            format!("{to} on {ladder}{}", days.unwrap_or_default())
        }
    };
    match cost_minor_units {
        0 => what,
        cost => format!("{what}, for {}", frame.currency.spell(*cost)),
    }
}
