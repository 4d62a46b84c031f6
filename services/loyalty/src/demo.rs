//! `loyalty demo`: the whole suite on this machine, with a real retailer's purchases.
//!
//! Nothing is staged: private servers are started, the services serve on a port, the program is applied and every purchase recorded through the
//! public API, by the clients that any caller would have. What is printed in the end is read back from the services.

pub mod books;
pub mod checks;
pub mod clients;
pub mod purchases;
pub mod replay;
pub mod report;

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context as _;
use clap::{Args, FromArgMatches as _};
use common::server::Running;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::tz::TimeZone;
use private_servers::{Options, PrivateServers};

use crate::{
    apply::{self, Manifest},
    suite::{self, SuiteSettings},
};
use clients::Clients;
use replay::Replay;
use report::Report;

/// The program that the demo applies.
const PROGRAM: &str = include_str!("../../../deploy/programs/cdnow.toml");
const WALLET: &str = "points";
const LADDER: &str = "status";

/// What the demo can be asked.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// End after the replay and stop everything that was started.
    #[arg(long)]
    pub once: bool,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Where to serve.
    #[arg(long, default_value = "127.0.0.1:50051")]
    pub listen: String,
    /// Replay only the purchases of so many customers.
    #[arg(long)]
    pub customers: Option<u32>,
}

/// A suite on private servers, in development mode.
pub struct Started {
    /// Where it serves.
    pub url: String,
    /// With which settings.
    pub settings: SuiteSettings,
    running: Running,
    servers: PrivateServers,
}

/// Starts private servers in a folder of the target folder, and the suite on them: in development mode, with settings of one's own.
pub async fn start(folder: &str, listen: &str, own_settings: &[&str]) -> anyhow::Result<Started> {
    let directory = target_directory().join(folder);
    let options = Options {
        say: |line| eprintln!("{line}"),
        ..Options::from_environment()
    };
    let servers = tokio::task::block_in_place(|| PrivateServers::start(&directory, &options))?;
    let settings = settings(&servers, &directory, listen, own_settings)?;
    suite::migrate(&settings.process.database).await?;
    let running = suite::start(settings.clone()).await?;
    Ok(Started {
        url: format!("http://{}", running.address()),
        settings,
        running,
        servers,
    })
}

impl Started {
    /// Starts another suite on the same servers, with some settings of its own; returns it and where it serves.
    pub async fn beside(&self, change: impl FnOnce(&mut SuiteSettings)) -> anyhow::Result<(Running, String)> {
        let mut settings = self.settings.clone();
        change(&mut settings);
        let running = suite::start(settings).await?;
        let url = format!("http://{}", running.address());
        Ok((running, url))
    }

    /// Stops the suite and then the servers.
    pub async fn stop(self) {
        self.running.drain().await;
        tokio::task::block_in_place(|| self.servers.stop());
    }
}

/// Runs the demo; tells whether every check held.
pub async fn run(args: DemoArgs) -> anyhow::Result<bool> {
    let listen = if args.once { "127.0.0.1:0" } else { &args.listen };
    let suite = start("demo", listen, &[]).await?;
    let manifest = Manifest::parse("deploy/programs/cdnow.toml", PROGRAM)?;
    let clients = Clients::new(&suite.url, &manifest.program_id())?;
    eprintln!("applying the program deploy/programs/cdnow.toml");
    apply::apply(&manifest, clients.transport(0)).await?;

    let report = replay(&clients, &manifest, &args).await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.table());
    }
    if !args.once {
        invite(&suite.url, &manifest.program_id());
        common::server::asked_to_end().await;
        eprintln!("stopping");
    }
    suite.stop().await;
    Ok(report.holds())
}

async fn replay(clients: &Clients, manifest: &Manifest, args: &DemoArgs) -> anyhow::Result<Report> {
    let wanted = |customer| args.customers.is_none_or(|customers| customer <= customers);
    let purchases: Vec<_> = purchases::all()
        .into_iter()
        .filter(|purchase| wanted(purchase.customer))
        .collect();
    let replay = Replay {
        clients: clients.clone(),
        zone: TimeZone::get(manifest.zone())?,
        wallet: WALLET.to_owned(),
        rewards: manifest.rewards(),
    };
    let bar = progress_bar(purchases.len() as u64);
    let since = Instant::now();
    let tally = replay.run(&purchases, |done| bar.inc(done)).await?;
    let elapsed = since.elapsed().as_secs_f64();
    bar.finish_and_clear();
    eprintln!(
        "replayed {} purchases in {elapsed:.1} s; reading everything back",
        tally.purchases
    );
    Report::make(clients, WALLET, LADDER, tally, elapsed).await
}

fn progress_bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("replaying purchases {bar:40} {pos}/{len} ({per_sec}, {eta} left)");
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Returns the settings of a suite in development mode on private servers.
fn settings(
    servers: &PrivateServers,
    directory: &Path,
    listen: &str,
    own_settings: &[&str],
) -> anyhow::Result<SuiteSettings> {
    let command = SuiteSettings::augment_args(clap::Command::new("demo"));
    let vault = directory.join("vault");
    let flags = flags(listen, servers.database_url(), servers.redis_url(), &vault)?;
    let words = std::iter::once("demo").chain(flags.iter().map(String::as_str));
    let matches = command.try_get_matches_from(words.chain(own_settings.iter().copied()))?;
    Ok(SuiteSettings::from_arg_matches(&matches)?)
}

/// Returns the flags with which a suite serves in development mode.
pub fn flags(listen: &str, database_url: &str, redis_url: &str, vault: &Path) -> anyhow::Result<Vec<String>> {
    let vault = vault.to_str().context("the target folder's path is not plain text")?;
    let flags = [
        "--insecure-development-mode",
        "--log",
        "error",
        "--drain-notice-ms",
        "0",
        "--listen",
        listen,
        "--database-url",
        database_url,
        "--redis-url",
        redis_url,
        "--vault-directory",
        vault,
    ];
    Ok(flags.map(str::to_owned).to_vec())
}

/// Returns cargo's target folder, in which this program lies; where it does not, the folder for temporary files.
fn target_directory() -> PathBuf {
    let program = std::env::current_exe().ok();
    let target = program.as_deref().and_then(|program| program.ancestors().nth(2));
    match target {
        Some(target) if target.join("CACHEDIR.TAG").exists() => target.to_owned(),
        _ => std::env::temp_dir().join("loyalty"),
    }
}

/// Shows calls that can be pasted.
fn invite(url: &str, program_id: &str) {
    let call = |method: &str, data: &str| {
        format!(
            "buf curl --protocol grpc --http2-prior-knowledge -H 'loyalty-program: {program_id}' -d '{data}' {url}/{method}"
        )
    };
    println!("\nThe services keep running at {url}. In another terminal, for example:\n");
    println!(
        "{}\n",
        call(
            "loyalty.member.v1.MemberService/LookupMember",
            r#"{"cardNumber": "CDNOW-00003"}"#
        )
    );
    println!(
        "{}\n",
        call(
            "loyalty.rewards_catalog.v1.RewardService/ListRewards",
            r#"{"maxPoints": 500}"#
        )
    );
    println!("Ctrl-C stops everything.");
}
