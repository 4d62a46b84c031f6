//! `[[group]]`: how campaigns combine.

use proto::campaign::{Group, GroupMode};

use super::{
    sheet::{Item, Table},
    words::{Facts, Words, spell},
};

const MODE: Words<GroupMode> = &[
    ("stack", GroupMode::StackAll),
    ("first", GroupMode::FirstMatch),
    ("best for member", GroupMode::BestForMember),
    ("best for merchant", GroupMode::BestForMerchant),
];

/// Reads a group.
pub fn read(table: &Table<'_>) -> Group {
    let mode = table.need("mode", "mode", r#""best for member""#);
    let (mode, top) = mode.map(|item| read_mode(&item)).unwrap_or_default();
    Group {
        code: table.text("code", "code", r#""festival""#),
        display_name: table.text("name", "display_name", r#""Festival""#),
        parent: table
            .find("parent", "parent")
            .map(|item| item.text())
            .unwrap_or_default(),
        mode,
        top,
        priority: table.find("priority", "priority").map_or(0, |item| item.small()),
    }
}

fn read_mode(item: &Item<'_>) -> (i32, i32) {
    if item.as_text().is_some() {
        return (item.word(MODE), 0);
    }
    let top = item.table(
        r#""stack", "first", "best for member", "best for merchant" or { top = 2 }"#,
        |table| table.need("top", "top", "2").map_or(0, |item| item.small()),
    );
    (GroupMode::Top.into(), top.unwrap_or(0))
}

/// Describes a group.
pub fn facts(group: &Group) -> Facts {
    let Group {
        code: _,
        display_name,
        parent,
        mode,
        top,
        priority,
    } = group;
    let mode = match GroupMode::try_from(*mode) {
        Ok(GroupMode::Top) => format!("the top {top}"),
        _ => spell(*mode, MODE),
    };
    Facts::default()
        .with("name", display_name)
        .with_some("parent", (!parent.is_empty()).then_some(parent))
        .with("mode", mode)
        .with_number("priority", *priority)
}
