//! `[referral]`: how members bring friends.

use proto::campaign::{ReferralPolicy, Touch};

use super::{
    amounts::money,
    sheet::Table,
    words::{Facts, Frame, Words, spell},
};

const TOUCH: Words<Touch> = &[("first", Touch::First), ("last", Touch::Last)];

/// Reads how members bring friends.
pub fn read(table: &Table<'_>, frame: &Frame) -> ReferralPolicy {
    let number = |key| table.find(key, key).map_or(0, |item| item.small());
    let needed = |key| table.need(key, key, "14").map_or(0, |item| item.small());
    let least = table.find("min_order", "min_order_minor_units");
    ReferralPolicy {
        touch: table.word("touch", "touch", TOUCH),
        bind_within_days: needed("bind_within_days"),
        min_order_minor_units: least.map_or(0, |item| money(&item, &frame.currency, 0)),
        qualify_after_days: needed("qualify_after_days"),
        give_up_after_days: number("give_up_after_days"),
        max_bound_per_day: number("max_bound_per_day"),
        max_open: number("max_open"),
    }
}

/// Describes how members bring friends.
pub fn facts(policy: &ReferralPolicy, frame: &Frame) -> Facts {
    let ReferralPolicy {
        touch,
        bind_within_days,
        min_order_minor_units,
        qualify_after_days,
        give_up_after_days,
        max_bound_per_day,
        max_open,
    } = policy;
    Facts::default()
        .with("touch", spell(*touch, TOUCH))
        .with("bind_within_days", bind_within_days)
        .with("min_order", frame.currency.spell(*min_order_minor_units))
        .with("qualify_after_days", qualify_after_days)
        .with_number("give_up_after_days", *give_up_after_days)
        .with_number("max_bound_per_day", *max_bound_per_day)
        .with_number("max_open", *max_open)
}
