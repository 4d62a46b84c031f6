//! What was measured of each way of earning, and a table of it.

use comfy_table::{CellAlignment, Table, presets};

use crate::bench::load::{Measured, median, rounded};

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

    /// Returns the middle of the times within which a share of a round's calls was answered, in milliseconds.
    pub fn within_ms(&self, share: f64) -> f64 {
        median(self.rounds.iter().map(|round| round.within_ms(share)))
    }

    /// Returns how long the slowest call of all rounds took, in milliseconds.
    pub fn slowest_ms(&self) -> f64 {
        self.rounds.iter().map(|round| round.within_ms(1.0)).fold(0.0, f64::max)
    }
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
            format!("{:.2}", one.slowest_ms()),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}
