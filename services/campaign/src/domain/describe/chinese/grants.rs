//! What campaigns give besides points, in Chinese.

use crate::domain::grant::{Gives, LevelGrant, MessageGrant, ToLevel};

/// Says what is given.
pub(in crate::domain) fn what(gives: &Gives) -> String {
    match gives {
        Gives::Level(level) => level_of(level),
        Gives::Message(MessageGrant { template }) => format!("消息 {template}"),
    }
}

fn level_of(LevelGrant { ladder, to, lasts_days }: &LevelGrant) -> String {
    let to = match to {
        ToLevel::Up(levels) => format!("{ladder} 的等级上升 {levels} 级"),
        ToLevel::Level(level) => format!("{ladder} 的等级 {level}"),
    };
    match lasts_days {
        None => to,
        Some(days) => format!("{to}，为期 {days} 天"),
    }
}
