//! `[[reward]]`: what members can have for points.

use common::time;
use proto::rewards_catalog::{Eligibility, Price, Reward};

use super::{
    amounts::{instant, spell_instant},
    sheet::Table,
    words::{Facts, Frame},
};

/// The most that one delivery can bring in: that of the contract.
const LARGEST_STOCK: i64 = 1_000_000_000;

/// A reward, and what is put in stock when it is first published.
#[derive(Clone, Debug, PartialEq)]
pub struct Stocked {
    /// The reward.
    pub reward: Reward,
    /// Its first stock; later deliveries are no matter of the file.
    pub stock: i64,
}

/// Reads a reward.
pub fn read(table: &Table<'_>, frame: &Frame) -> Stocked {
    let price = table.need("price", "price", r#"{ wallet = "points", points = 100 }"#);
    let eligibility = table.find("eligibility", "eligibility");
    let reward = Reward {
        code: table.text("code", "code", r#""mug""#),
        display_name: table.text("name", "display_name", r#""A mug""#),
        description: table
            .find("description", "description")
            .map(|item| item.text())
            .unwrap_or_default(),
        category: table.text("category", "category", r#""goods""#),
        price: price.and_then(|item| item.table("a table", read_price)),
        eligibility: eligibility.and_then(|item| item.table("a table", |table| read_eligibility(table, frame))),
        refundable: table.flag("refundable", "refundable"),
        paused: table.flag("paused", "paused"),
    };
    Stocked {
        reward,
        stock: read_stock(table),
    }
}

fn read_price(table: &Table<'_>) -> Price {
    Price {
        wallet: table.text("wallet", "wallet", r#""points""#),
        points: table.whole("points", "points", "100"),
    }
}

fn read_stock(table: &Table<'_>) -> i64 {
    let Some(item) = table.find("stock", "stock") else {
        return 0;
    };
    let stock = item.whole();
    if !(0..=LARGEST_STOCK).contains(&stock) {
        item.wrong(format_args!("must be between 0 and {LARGEST_STOCK}"));
    }
    stock
}

fn read_eligibility(table: &Table<'_>, frame: &Frame) -> Eligibility {
    let at = |key, field| {
        table
            .find(key, field)
            .and_then(|item| instant(&item, &frame.zone))
            .map(time::to_wire)
    };
    Eligibility {
        ladder: table
            .find("ladder", "ladder")
            .map(|item| item.text())
            .unwrap_or_default(),
        levels: table
            .find("levels", "levels")
            .map(|item| item.texts())
            .unwrap_or_default(),
        start: at("start", "start"),
        end: at("end", "end"),
        per_member_limit: table
            .find("per_member_limit", "per_member_limit")
            .map_or(0, |item| item.small()),
    }
}

/// Describes a reward. Its stock is not part of it: members and deliveries change it.
pub fn facts(reward: &Reward, frame: &Frame) -> Facts {
    let Reward {
        code: _,
        display_name,
        description,
        category,
        price,
        eligibility,
        refundable,
        paused,
    } = reward;
    let Price { wallet, points } = price.clone().unwrap_or_default();
    let Eligibility {
        ladder,
        levels,
        start,
        end,
        per_member_limit,
    } = eligibility.clone().unwrap_or_default();
    let spell = |at: Option<_>| at.map(|at| spell_instant(at, &frame.zone));
    Facts::default()
        .with("name", display_name)
        .with_some("description", (!description.is_empty()).then_some(description))
        .with("category", category)
        .with("price", format!("{points} of {wallet}"))
        .with_some("eligibility: ladder", (!ladder.is_empty()).then_some(ladder))
        .with_list("eligibility: levels", &levels)
        .with_some("eligibility: start", spell(start))
        .with_some("eligibility: end", spell(end))
        .with_number("eligibility: per_member_limit", per_member_limit)
        .with_flag("refundable", *refundable)
        .with_flag("paused", *paused)
}
