//! The sums of an export by kind, to be held against a roll-forward.

use std::collections::BTreeMap;

use anyhow::Context as _;
use comfy_table::{CellAlignment, Table, presets};

use super::columns::{Cell, Column, Kind, Row};

/// Where the kind stands in every row.
const KIND: usize = 0;

/// Sums of the numbers of rows, by kind.
pub struct Totals {
    columns: &'static [Column],
    by_kind: BTreeMap<String, (u64, Vec<i64>)>,
}

impl Totals {
    /// Begins without rows.
    pub fn new(columns: &'static [Column]) -> Totals {
        Totals {
            columns,
            by_kind: BTreeMap::new(),
        }
    }

    /// Counts a row.
    pub fn count(&mut self, row: &Row) -> anyhow::Result<()> {
        let kind = match &row[KIND] {
            Cell::Text(Some(kind)) => kind.clone(),
            _ => String::new(),
        };
        let empty = || (0, vec![0; self.columns.len()]);
        let (rows, sums) = self.by_kind.entry(kind).or_insert_with(empty);
        *rows += 1;
        for (sum, cell) in sums.iter_mut().zip(row) {
            if let Cell::Number(number) = cell {
                *sum = sum.checked_add(*number).context("more points than can be counted")?;
            }
        }
        Ok(())
    }

    /// Returns how many rows there were.
    pub fn rows(&self) -> u64 {
        self.by_kind.values().map(|(rows, _)| rows).sum()
    }

    /// Returns the sums as a table. What an entry says is there after it is no amount that can be added up.
    pub fn table(&self) -> Table {
        let is_summed = |(name, kind): &Column| *kind == Kind::Number && !name.ends_with("_after");
        let summed: Vec<usize> = (0..self.columns.len())
            .filter(|place| is_summed(&self.columns[*place]))
            .collect();
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        let names = summed.iter().map(|place| self.columns[*place].0);
        table.set_header(["kind", "rows"].into_iter().chain(names));
        for (kind, (rows, sums)) in &self.by_kind {
            let sums = summed.iter().map(|place| sums[*place].to_string());
            table.add_row([kind.clone(), rows.to_string()].into_iter().chain(sums));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }
}
