//! Rows as CSV (RFC 4180).

use std::fs::File;

use super::{
    Rows,
    columns::{Cell, Column, Row},
};

/// A CSV file that is being written.
pub struct CsvFile(csv::Writer<File>);

impl CsvFile {
    /// Writes the names of the columns.
    pub fn begin(file: File, columns: &[Column]) -> anyhow::Result<CsvFile> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(columns.iter().map(|(name, _)| name))?;
        Ok(CsvFile(writer))
    }
}

impl Rows for CsvFile {
    fn add(&mut self, row: Row) -> anyhow::Result<()> {
        let fields = row.into_iter().map(|cell| match cell {
            Cell::Text(text) => text.unwrap_or_default(),
            Cell::Number(number) => number.to_string(),
            Cell::Time(at) => at.map(|at| at.to_string()).unwrap_or_default(),
        });
        Ok(self.0.write_record(fields)?)
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        Ok(self.0.flush()?)
    }
}
