//! `loyalty export`: the ledger's entries or lots in a file, for whoever keeps the books.
//!
//! A file is of one cut of the journal and appears when it is whole. A stream that ends early is resumed where it ended.

mod columns;
mod csv_file;
mod pages;
mod parquet_file;
mod totals;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};
use futures::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use proto::points::export_service_client::ExportServiceClient;
use tonic::Code;

use crate::server::ServerArgs;

pub use columns::{Cell, Column, ENTRY_COLUMNS, Kind, LOT_COLUMNS, Row};
use csv_file::CsvFile;
use pages::Source;
use parquet_file::ParquetFile;
use totals::Totals;

/// How often a stream that ended early is resumed without anything new.
const RESUMPTIONS: u32 = 5;

/// What to export, and where it goes.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// What is exported.
    pub what: What,
    /// How it is written. Columns have the names of the fields of the contract (loyalty.points.v1.Entry and LotRecord).
    #[arg(long)]
    pub format: Format,
    /// The file that is written.
    #[arg(long)]
    pub out: PathBuf,
    /// Only this wallet.
    #[arg(long, default_value = "")]
    pub wallet: String,
    /// Only entries that were recorded at this time or later, for example 2026-01-01T00:00:00Z.
    #[arg(long)]
    pub from: Option<Timestamp>,
    /// Only entries that were recorded before this time.
    #[arg(long)]
    pub until: Option<Timestamp>,
    /// The program, in development mode; otherwise the token names it.
    #[arg(long, env = "LOYALTY_PROGRAM", default_value = "")]
    pub program: String,
    /// Where the services are.
    #[command(flatten)]
    pub server: ServerArgs,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Every entry.
    Entries,
    /// Every lot that was ever made, with what became of it.
    Lots,
}

/// How it can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text with commas and a line of names. Times are in UTC, as 2026-01-01T00:00:00Z.
    Csv,
    /// Columns: text, 64-bit integers, and timestamps in UTC microseconds.
    Parquet,
}

/// A file of rows that is being written.
trait Rows {
    /// Adds a row.
    fn add(&mut self, row: Row) -> anyhow::Result<()>;
    /// Writes what is left.
    fn finish(self: Box<Self>) -> anyhow::Result<()>;
}

/// Writes the file, and prints what is in it.
pub async fn run(args: ExportArgs) -> anyhow::Result<()> {
    ensure!(
        args.server.token.is_some() || !args.program.is_empty(),
        "whose ledger? Give --token or, in development mode, --program"
    );
    let source = Source::of(&args)?;
    // What was written before is replaced when all of it is there.
    let mut unfinished = args.out.clone().into_os_string();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let written = write(&args, &source, &unfinished).await;
    if written.is_err() {
        // The file may not be there.
        let _ = fs::remove_file(&unfinished);
    }
    let totals = written?;
    fs::rename(&unfinished, &args.out).with_context(|| args.out.display().to_string())?;
    println!("{}", totals.table());
    println!("{}: {} rows.", args.out.display(), totals.rows());
    Ok(())
}

async fn write(args: &ExportArgs, source: &Source, path: &Path) -> anyhow::Result<Totals> {
    let columns = source.columns();
    let mut file = begin(path, args.format, source.name(), columns).with_context(|| path.display().to_string())?;
    let mut totals = Totals::new(columns);
    let progress =
        ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {pos} rows, {per_sec}")?);
    let mut client = ExportServiceClient::new(args.server.connect(&args.program)?);
    let (mut token, mut left) = (String::new(), RESUMPTIONS);
    'resumed: loop {
        let failed = match source.open(&mut client, &token).await {
            Err(status) => status,
            Ok(mut pages) => loop {
                match pages.try_next().await {
                    Ok(None) => break 'resumed,
                    Err(status) => break status,
                    Ok(Some(page)) => {
                        (token, left) = (page.resume_token, RESUMPTIONS);
                        for row in page.rows {
                            totals.count(&row)?;
                            file.add(row)?;
                            progress.inc(1);
                        }
                    }
                }
            },
        };
        let passes = matches!(
            failed.code(),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown
        );
        ensure!(
            passes && left > 0,
            "the {} cannot be had: {}",
            source.name(),
            failed.message()
        );
        left -= 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    file.finish()?;
    File::open(path)?.sync_all()?;
    progress.finish_and_clear();
    Ok(totals)
}

fn begin(path: &Path, format: Format, name: &str, columns: &'static [Column]) -> anyhow::Result<Box<dyn Rows>> {
    let file = File::create(path)?;
    Ok(match format {
        Format::Csv => Box::new(CsvFile::begin(file, columns)?),
        Format::Parquet => Box::new(ParquetFile::begin(file, name, columns)?),
    })
}
