//! What a row of an export is: a value for each column, whose names are those of the fields of the contract.

use jiff::Timestamp;
use prost_types::Timestamp as WireTimestamp;
use proto::points::{Entry, LotRecord, Portion};

/// A value. Text and times may be missing, numbers are always there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(Option<String>),
    /// A number, mostly of points.
    Number(i64),
    /// A time.
    Time(Option<Timestamp>),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Numbers.
    Number,
    /// Times.
    Time,
}

/// The name of a column, and what it holds.
pub type Column = (&'static str, Kind);

/// A row.
pub type Row = Vec<Cell>;

/// The columns of entries. `portions` are runs of numbers of points, as "1+100" for a hundred from the first, joined by spaces; `moved_points` is how many
/// they are together.
pub const ENTRY_COLUMNS: &[Column] = &[
    ("kind", Kind::Text),
    ("entry_id", Kind::Text),
    ("member_id", Kind::Text),
    ("wallet", Kind::Text),
    ("points", Kind::Number),
    ("moved_points", Kind::Number),
    ("debt_points", Kind::Number),
    ("lost_points", Kind::Number),
    ("funder", Kind::Text),
    ("occurred_at", Kind::Time),
    ("recorded_at", Kind::Time),
    ("activates_at", Kind::Time),
    ("expires_at", Kind::Time),
    ("extended_to", Kind::Time),
    ("hold_expires_at", Kind::Time),
    ("related_entry_id", Kind::Text),
    ("other_member_id", Kind::Text),
    ("reference", Kind::Text),
    ("request_id", Kind::Text),
    ("portions", Kind::Text),
    ("available_after", Kind::Number),
    ("pending_after", Kind::Number),
    ("held_after", Kind::Number),
    ("debt_after", Kind::Number),
];

/// The columns of lots.
pub const LOT_COLUMNS: &[Column] = &[
    ("kind", Kind::Text),
    ("lot_id", Kind::Text),
    ("member_id", Kind::Text),
    ("wallet", Kind::Text),
    ("points", Kind::Number),
    ("available", Kind::Number),
    ("pending", Kind::Number),
    ("held", Kind::Number),
    ("settled", Kind::Number),
    ("spent", Kind::Number),
    ("transferred_out", Kind::Number),
    ("expired", Kind::Number),
    ("reversed", Kind::Number),
    ("funder", Kind::Text),
    ("occurred_at", Kind::Time),
    ("recorded_at", Kind::Time),
    ("activates_at", Kind::Time),
    ("expires_at", Kind::Time),
    ("reference", Kind::Text),
    ("request_id", Kind::Text),
];

/// Returns an entry as a row.
pub fn entry_row(entry: Entry) -> Row {
    let kind = kind(entry.kind().as_str_name());
    let after = entry.after.unwrap_or_default();
    let moved = entry.portions.iter().map(|portion| portion.points).sum();
    vec![
        kind,
        text(entry.entry_id),
        text(entry.member_id),
        text(entry.wallet),
        Cell::Number(entry.points),
        Cell::Number(moved),
        Cell::Number(entry.debt_points),
        Cell::Number(entry.lost_points),
        text(entry.funder),
        time(entry.occurred_at),
        time(entry.recorded_at),
        time(entry.activates_at),
        time(entry.expires_at),
        time(entry.extended_to),
        time(entry.hold_expires_at),
        text(entry.related_entry_id),
        text(entry.other_member_id),
        text(entry.reference),
        text(entry.request_id),
        text(runs(&entry.portions)),
        Cell::Number(after.available),
        Cell::Number(after.pending),
        Cell::Number(after.held),
        Cell::Number(after.debt),
    ]
}

/// Returns a lot as a row.
pub fn lot_row(lot: LotRecord) -> Row {
    vec![
        kind(lot.kind().as_str_name()),
        text(lot.lot_id),
        text(lot.member_id),
        text(lot.wallet),
        Cell::Number(lot.points),
        Cell::Number(lot.available),
        Cell::Number(lot.pending),
        Cell::Number(lot.held),
        Cell::Number(lot.settled),
        Cell::Number(lot.spent),
        Cell::Number(lot.transferred_out),
        Cell::Number(lot.expired),
        Cell::Number(lot.reversed),
        text(lot.funder),
        time(lot.occurred_at),
        time(lot.recorded_at),
        time(lot.activates_at),
        time(lot.expires_at),
        text(lot.reference),
        text(lot.request_id),
    ]
}

fn kind(name: &str) -> Cell {
    text(name.trim_start_matches("ENTRY_KIND_").to_owned())
}

fn text(text: String) -> Cell {
    Cell::Text((!text.is_empty()).then_some(text))
}

fn time(at: Option<WireTimestamp>) -> Cell {
    Cell::Time(at.and_then(common::time::from_wire))
}

fn runs(portions: &[Portion]) -> String {
    let run = |portion: &Portion| format!("{}+{}", portion.first_number, portion.points);
    portions.iter().map(run).collect::<Vec<_>>().join(" ")
}
