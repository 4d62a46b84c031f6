//! Rows as Parquet: text as strings, points as 64-bit integers, times as timestamps in UTC microseconds. Text and times may be null.

use std::{fs::File, sync::Arc};

use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType},
    data_type::{ByteArray, ByteArrayType, Int64Type},
    file::{
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::types::Type,
};

use super::{
    Rows,
    columns::{Cell, Column, Kind, Row},
};

/// How many rows a group has. They are kept in memory until it is full.
const ROWS: usize = 50_000;

/// A Parquet file that is being written.
pub struct ParquetFile {
    writer: SerializedFileWriter<File>,
    columns: &'static [Column],
    rows: Vec<Row>,
}

impl ParquetFile {
    /// Begins a file whose rows are called by a name.
    pub fn begin(file: File, name: &str, columns: &'static [Column]) -> anyhow::Result<ParquetFile> {
        let fields = columns.iter().map(|column| Ok(Arc::new(field(column)?)));
        let schema = Type::group_type_builder(name)
            .with_fields(fields.collect::<anyhow::Result<_>>()?)
            .build()?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        Ok(ParquetFile {
            writer: SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?,
            columns,
            rows: Vec::new(),
        })
    }

    fn write_group(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let mut group = self.writer.next_row_group()?;
        for place in 0..self.columns.len() {
            let mut column = group.next_column()?.expect("there is a writer for each column");
            write_column(&mut column, rows.iter().map(|row| &row[place]))?;
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}

impl Rows for ParquetFile {
    fn add(&mut self, row: Row) -> anyhow::Result<()> {
        self.rows.push(row);
        if self.rows.len() == ROWS {
            self.write_group()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        if !self.rows.is_empty() {
            self.write_group()?;
        }
        self.writer.close()?;
        Ok(())
    }
}

fn field((name, kind): &Column) -> anyhow::Result<Type> {
    let (physical, logical, repetition) = match kind {
        Kind::Text => (
            PhysicalType::BYTE_ARRAY,
            Some(LogicalType::String),
            Repetition::OPTIONAL,
        ),
        Kind::Number => (PhysicalType::INT64, None, Repetition::REQUIRED),
        Kind::Time => {
            let micros = LogicalType::timestamp(true, TimeUnit::MICROS);
            (PhysicalType::INT64, Some(micros), Repetition::OPTIONAL)
        }
    };
    Ok(Type::primitive_type_builder(name, physical)
        .with_logical_type(logical)
        .with_repetition(repetition)
        .build()?)
}

/// Writes the values of a column. Of what may be null, a level says for each row whether it is there.
fn write_column<'a>(
    column: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'a Cell>,
) -> anyhow::Result<()> {
    let (mut texts, mut numbers, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    let (mut is_text, mut may_be_null) = (false, false);
    for cell in cells {
        match cell {
            Cell::Text(text) => {
                (is_text, may_be_null) = (true, true);
                levels.push(i16::from(text.is_some()));
                texts.extend(text.as_deref().map(ByteArray::from));
            }
            Cell::Number(number) => numbers.push(*number),
            Cell::Time(at) => {
                may_be_null = true;
                levels.push(i16::from(at.is_some()));
                numbers.extend(at.map(|at| at.as_microsecond()));
            }
        }
    }
    let levels = may_be_null.then_some(levels.as_slice());
    if is_text {
        column.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
    } else {
        column.typed::<Int64Type>().write_batch(&numbers, levels, None)?;
    }
    Ok(())
}
