//! What campaigns give besides points, in English.

use crate::domain::grant::{Gives, LevelGrant, MessageGrant, ToLevel};

/// Says what is given.
pub(in crate::domain) fn what(gives: &Gives) -> String {
    match gives {
        Gives::Level(level) => level_of(level),
        Gives::Message(MessageGrant { template }) => format!("the message {template}"),
    }
}

fn level_of(LevelGrant { ladder, to, lasts_days }: &LevelGrant) -> String {
    let to = match to {
        ToLevel::Up(1) => format!("the next level on {ladder}"),
        ToLevel::Up(levels) => format!("{levels} levels more on {ladder}"),
        ToLevel::Level(level) => format!("level {level} on {ladder}"),
    };
    match lasts_days {
        None => to,
        Some(1) => format!("{to} for a day"),
        Some(days) => format!("{to} for {days} days"),
    }
}
