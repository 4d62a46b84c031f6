//! What was measured, for people and for programs.

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::bench::load::{Measured, median};

/// What was measured of one way of earning, round by round.
pub struct Series {
    /// What it is, for people.
    pub name: &'static str,
    rounds: Vec<Measured>,
}

impl Series {
    /// Begins a series.
    pub fn new(name: &'static str) -> Series {
        Series {
            name,
            rounds: Vec::new(),
        }
    }

    /// Adds a round.
    pub fn add(&mut self, measured: Measured) {
        self.rounds.push(measured);
    }

    /// Returns the middle of the rounds' rates.
    pub fn per_s(&self) -> f64 {
        median(self.rounds.iter().map(|round| round.per_s))
    }

    /// Returns the middle of the rounds' ratios to another series: only what was measured side by side is compared.
    pub fn over(&self, other: &Series) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        rounded(median(pairs.map(|(mine, theirs)| mine.per_s / theirs.per_s)))
    }

    /// Returns the middle of the rounds' ratios of the time within which half of the calls were answered.
    pub fn p50_over(&self, other: &Series) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        rounded(median(
            pairs.map(|(mine, theirs)| mine.within_ms(0.5) / theirs.within_ms(0.5)),
        ))
    }

    fn within_ms(&self, share: f64) -> f64 {
        median(self.rounds.iter().map(|round| round.within_ms(share)))
    }
}

/// The figures of a run. Rates are calls a second; ratios are medians of ratios within rounds.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub b0_per_s: f64,
    pub b1_per_s: f64,
    pub core_per_s: f64,
    pub core_over_b1: f64,
    pub core_over_b0: f64,
    pub solo_p50_over_b1: f64,
    pub unary_per_s: f64,
    pub unary_over_b0: f64,
    pub bulk_per_s: f64,
    pub bulk_over_postgres: f64,
    pub postgres_per_s: f64,
    pub core_over_postgres: f64,
    pub hot_over_uniform: f64,
    pub bytes_per_earn: f64,
    pub wal_bytes_per_earn: f64,
    pub hot_update_share: f64,
    pub fsyncs_per_op: f64,
    pub rss_mb: u64,
    pub balance_over_echo: f64,
    pub memory_read_over_echo: f64,
    pub sums_hold: bool,
}

/// Returns the rates of all series as a table.
pub fn rates(series: &[&Series]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_header(["", "per second", "p50 ms", "p99 ms", "max ms"]);
    for one in series {
        table.add_row([
            one.name.to_owned(),
            format!("{:.0}", one.per_s()),
            format!("{:.2}", one.within_ms(0.5)),
            format!("{:.2}", one.within_ms(0.99)),
            format!("{:.2}", one.within_ms(1.0)),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

impl Figures {
    /// Returns what there is a bar for, beside the bar.
    pub fn bars(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(["", "measured", "bar", ""]);
        let at_least = |measured: f64, bar: f64| (measured, format!("at least {bar}"), measured >= bar);
        let at_most = |measured: f64, bar: f64| (measured, format!("at most {bar}"), measured <= bar);
        let rows = [
            (
                "the core, over one call and one commit per request",
                at_least(self.core_over_b1, 10.0),
            ),
            (
                "the core, over five round trips per request",
                at_least(self.core_over_b0, 20.0),
            ),
            ("one call at a time, p50 over B1", at_most(self.solo_p50_over_b1, 1.15)),
            (
                "unary gRPC, over the same RPC with five round trips",
                at_least(self.unary_over_b0, 8.0),
            ),
            ("bulk gRPC, over Postgres alone", at_least(self.bulk_over_postgres, 0.6)),
            ("one hot member, over uniform", at_least(self.hot_over_uniform, 1.0)),
            (
                "bytes stored per earn, indexes included",
                at_most(self.bytes_per_earn, 350.0),
            ),
            ("bytes of log per earn", at_most(self.wal_bytes_per_earn, 700.0)),
            (
                "a balance through Redis, over a bare echo",
                at_least(self.balance_over_echo, 0.75),
            ),
            (
                "a balance from memory, over a bare echo",
                at_least(self.memory_read_over_echo, 0.9),
            ),
            ("account updates in place", at_least(self.hot_update_share, 0.9)),
        ];
        for (name, (measured, bar, holds)) in rows {
            let verdict = if holds { "holds" } else { "MISSED" };
            table.add_row([name.to_owned(), measured.to_string(), bar, verdict.to_owned()]);
        }
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.to_string()
    }
}

/// Leaves as many digits as mean something.
pub fn rounded(figure: f64) -> f64 {
    let scale = if figure.abs() < 100.0 { 1_000.0 } else { 1.0 };
    (figure * scale).round() / scale
}
