//! `loyalty`: the command line of the suite.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use common::{binary, config::DatabaseSettings, server::asked_to_end, telemetry::Telemetry};
use loyalty::{
    apply::{self, ApplyArgs},
    bench::{self, BenchArgs},
    demo::{self, DemoArgs},
    evidence::{self, EvidenceArgs, SealKeyArgs, VerifyArgs},
    export::{self, ExportArgs},
    suite::{self, SuiteSettings},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The Loyalty Suite: members, points, tiers, rewards and campaigns.
#[derive(Parser)]
#[command(name = "loyalty", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve all services, or some, until asked to end.
    Serve(Box<SuiteSettings>),
    /// Bring the database up to date, then end.
    Migrate(DatabaseSettings),
    /// Make a program what a file says it is: shows what would change, and changes it.
    Apply(ApplyArgs),
    /// Start everything on this machine and replay a real retailer's purchases.
    Demo(DemoArgs),
    /// Make the key with which the journal is sealed, and the public one that checks it.
    SealKey(SealKeyArgs),
    /// Fetch the evidence that nobody changed the ledger afterwards.
    Evidence(EvidenceArgs),
    /// Check such evidence offline, with the public key alone.
    Verify(VerifyArgs),
    /// Write all entries or lots of a program into a file, as CSV or Parquet.
    Export(ExportArgs),
    /// Measure, in ratios to a baseline of the same run.
    Bench(BenchArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    binary::finish(async {
        match cli.command {
            Command::Serve(settings) => {
                let telemetry = Telemetry::start(&settings.process.telemetry, "loyalty").await?;
                suite::start(*settings).await?.until(asked_to_end()).await;
                telemetry.end();
                Ok(())
            }
            Command::Migrate(settings) => suite::migrate(&settings).await,
            Command::SealKey(args) => evidence::make_seal_key(&args),
            Command::Evidence(args) => evidence::fetch(args).await,
            Command::Verify(args) => evidence::verify(&args),
            Command::Export(args) => export::run(args).await,
            Command::Bench(args) => bench::run(args).await,
            Command::Apply(args) => apply::run(args).await,
            Command::Demo(args) => match demo::run(args).await? {
                true => Ok(()),
                false => anyhow::bail!("not every check holds"),
            },
        }
    })
}
