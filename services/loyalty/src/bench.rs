//! `loyalty bench`: measurements in ratios, each against a baseline in the same run on the same machine, in turns, several rounds.

mod balance;
mod campaign;
mod ledger;
mod load;
mod plain;
mod progress;
mod setup;
mod zipf;

use clap::{Args, Subcommand};

/// What can be measured.
#[derive(Args, Clone, Debug)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Balance reads through Redis, against a bare tonic echo on the same connections.
    Balance(balance::BalanceArgs),
    /// Activities, decided by many campaigns: the evaluation alone, and the whole way.
    Campaign(campaign::CampaignArgs),
    /// Earning points, against one transaction per request and against one commit per call.
    Ledger(ledger::LedgerArgs),
}

/// Runs a measurement.
pub async fn run(args: BenchArgs) -> anyhow::Result<()> {
    match args.what {
        What::Balance(args) => balance::run(args).await,
        What::Campaign(args) => campaign::run(args).await,
        What::Ledger(args) => ledger::run(args).await,
    }
}
