//! The command line of a service's own binary: serve, or bring the database up to date.

use std::{future::Future, pin::Pin, process::ExitCode};

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use sqlx::migrate::Migrator;

use crate::{
    config::DatabaseSettings,
    db::Db,
    process::{Process, Settings},
    server::asked_to_end,
    telemetry::Telemetry,
};

/// What a service's mount is, for [`run`].
pub type Mount<S> = for<'a> fn(&'a mut Process, &'a S) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'a>>;

#[derive(Parser)]
struct Cli<S: Args> {
    #[command(subcommand)]
    command: Command<S>,
}

#[derive(Subcommand)]
enum Command<S: Args> {
    /// Serve until asked to end.
    Serve(Box<Serve<S>>),
    /// Bring the service's schema up to date, then end.
    Migrate(DatabaseSettings),
}

#[derive(Args)]
struct Serve<S: Args> {
    #[command(flatten)]
    process: Settings,
    #[command(flatten)]
    service: S,
}

/// Runs a service's own binary.
pub fn run<S: Args>(service: &'static str, migrator: &'static Migrator, mount: Mount<S>) -> ExitCode {
    let matches = Cli::<S>::command().name(service).get_matches();
    let cli = Cli::<S>::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    finish(async {
        match cli.command {
            Command::Migrate(settings) => migrate(service, &settings, migrator).await,
            Command::Serve(serve) => {
                let telemetry = Telemetry::start(&serve.process.telemetry, service).await?;
                let mut process = Process::new(serve.process, &[service])?;
                mount(&mut process, &serve.service).await?;
                process.start().await?.until(asked_to_end()).await;
                telemetry.end();
                Ok(())
            }
        }
    })
}

/// Brings a service's schema up to date.
pub async fn migrate(service: &str, settings: &DatabaseSettings, migrator: &Migrator) -> anyhow::Result<()> {
    let db = Db::new(settings, service)?;
    migrator.run(db.pool()).await?;
    Ok(())
}

/// Runs a command line's work on a runtime of its own, and tells an error in plain words.
pub fn finish(work: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    // Only one provider of cryptography is linked on purpose; a second install would be the same one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
