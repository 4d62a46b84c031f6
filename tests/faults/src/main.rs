//! `cargo faults`: as many rounds under fire as wanted.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand};
use faults::{Fault, Product, Run, canaries, table_of_canaries};
use loyalty::suite::{self, SuiteSettings};

/// Puts the suite under fire, and holds every answer against the record.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Serves, as `loyalty serve` does: this program is its own replicas.
    #[command(hide = true)]
    Serve(Box<SuiteSettings>),
}

#[derive(clap::Args)]
struct RunArgs {
    /// How many rounds.
    #[arg(long, default_value_t = 30)]
    rounds: u32,
    /// How many faults in a round.
    #[arg(long, default_value_t = 8)]
    faults: u32,
    /// Only these faults.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Fault>,
    /// How many callers ask at once.
    #[arg(long, default_value_t = 10)]
    callers: usize,
    /// How many members they ask about.
    #[arg(long, default_value_t = 5)]
    members: usize,
    /// What everything that is drawn comes from; without it, something new.
    #[arg(long)]
    seed: Option<u64>,
    /// End with the first round that finds something.
    #[arg(long)]
    until_found: bool,
    /// Another program to put under fire: a `loyalty` of one's own, such as a release.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Build the products that are broken on purpose, and count the rounds until each is found out.
    #[arg(long)]
    canaries: bool,
    /// Only this canary.
    #[arg(long, requires = "canaries")]
    canary: Option<String>,
    /// Where the servers keep their data and everybody their log.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Print one object instead of a table.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    common::binary::finish(async {
        match cli.command {
            Some(Command::Serve(settings)) => {
                let telemetry = common::telemetry::Telemetry::start(&settings.process.telemetry, "loyalty").await?;
                suite::start(*settings)
                    .await?
                    .until(common::server::asked_to_end())
                    .await;
                telemetry.end();
                Ok(())
            }
            None => run(cli.run).await,
        }
    })
}

async fn run(args: RunArgs) -> Result<()> {
    let itself = std::env::current_exe()?;
    let target = itself.ancestors().nth(2);
    let target = target.context("this program does not lie in a target folder")?;
    let directory = args.directory.clone().unwrap_or_else(|| target.join("faults"));
    let run = args.as_run();
    eprintln!("seed {}", run.seed);
    if args.canaries {
        let program = args.program.clone().map_or_else(|| canaries::build(target), Ok)?;
        return listen(run, &args, &program, &directory).await;
    }
    let product = Product {
        program: args.program.unwrap_or_else(|| itself.clone()),
        canary: None,
    };
    let report = run.go(&product, &directory, |line| eprintln!("{line}")).await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.table());
    }
    ensure!(report.findings.is_empty(), "something is wrong");
    Ok(())
}

async fn listen(run: Run, args: &RunArgs, program: &Path, directory: &Path) -> Result<()> {
    let only = args.canary.as_deref();
    let caught = run.listen(program, directory, only, |line| eprintln!("{line}")).await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&caught)?);
    } else {
        println!("{}", table_of_canaries(&caught));
    }
    let missed = caught.iter().filter(|caught| caught.report.findings.is_empty()).count();
    ensure!(missed == 0, "{missed} canaries were not caught");
    Ok(())
}

impl RunArgs {
    fn as_run(&self) -> Run {
        Run {
            seed: self.seed.unwrap_or_else(rand::random),
            rounds: self.rounds,
            faults: self.faults,
            only: self.only.clone(),
            callers: self.callers,
            members: self.members,
            until_found: self.until_found,
        }
    }
}
