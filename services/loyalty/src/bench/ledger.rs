//! Earning points, against the usual ways of doing it, on the same database in the same run.
//!
//! * **B0**: one transaction of five round trips per request, 32 at once.
//! * **B1**: this ledger, with one call and one commit per transaction, on 16 writers.
//! * **core**: this ledger as it is, without gRPC in front; beside it the same with repeats, and with one shard to a transaction.
//! * **unary**: the running suite through gRPC, also with repeats and with mixed operations; beside it the same RPC over B0.
//! * **bulk**: the running suite through streams of messages of 500 commands; beside it Postgres alone, which inserts the same rows.
//! * **at size**: the ledger with many members and entries, beside a small one.
//!
//! An operation counts when it is durable. Whatever was acknowledged is counted, and the ledger must hold exactly that.

mod at_size;
mod baseline;
mod books;
mod bulk;
mod earnings;
mod figures;
mod meters;
mod mixed;
mod orders;
mod report;
mod retries;
mod rig;
mod rounds;

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use common::{config::ExposeSecret as _, server::asked_to_end};
use sqlx::PgPool;

use super::balance;
use crate::demo::{self, Started, report::peak_memory_mb};
use at_size::Size;
use figures::{Figures, Run};
use rig::Rig;
use rounds::Rounds;

/// How many calls are under way at once, and how many of them B0 can use: more only wait for its connections.
const CALLERS: usize = 512;
const B0_CALLERS: usize = 32;
/// How many connections unary calls go through.
const CONNECTIONS: usize = 2;
/// About how many slices a round takes, with all that is between them and after them.
const SLICES: u32 = 24;
/// What every earning earns.
const POINTS: i64 = 7;

/// What to measure.
#[derive(Args, Clone, Debug)]
pub struct LedgerArgs {
    /// Measure longer, and at full size: a million members, ten million entries.
    #[arg(long)]
    full: bool,
    /// How many rounds; each measures everything in turn. 3 unless said otherwise, with --full 5.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// How long one measurement takes, in milliseconds. 1000 unless said otherwise, with --full 1500.
    #[arg(long)]
    slice_ms: Option<u64>,
    /// How many members earn in the rounds.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    members: u32,
    /// How many members are loaded to measure at size. 20,000 unless said otherwise, with --full 1,000,000.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    load_members: Option<u32>,
    /// How many entries are loaded to measure at size. 200,000 unless said otherwise, with --full 10,000,000.
    #[arg(long)]
    load_entries: Option<u32>,
    /// How many writers the core has, and how many connections Postgres alone; the suite has as many as it would anywhere.
    #[arg(long, default_value_t = 2)]
    writers: u16,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

impl LedgerArgs {
    fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.full { 5 } else { 3 })
    }

    fn slice(&self) -> Duration {
        Duration::from_millis(self.slice_ms.unwrap_or(if self.full { 1_500 } else { 1_000 }))
    }

    fn size(&self) -> Size {
        let (members, entries) = if self.full {
            (1_000_000, 10_000_000)
        } else {
            (20_000, 200_000)
        };
        Size {
            members: self.load_members.unwrap_or(members) as usize,
            entries: self.load_entries.unwrap_or(entries) as usize,
        }
    }

    /// Returns about how long all of it takes on two cores.
    fn takes(&self) -> Duration {
        let slices = self.rounds().saturating_mul(SLICES);
        self.slice().saturating_mul(slices) + Duration::from_secs(15) + self.size().takes()
    }
}

/// Measures and prints.
pub async fn run(args: LedgerArgs) -> anyhow::Result<()> {
    let suite = demo::start("bench", "127.0.0.1:0", &[]).await?;
    let database = PgPool::connect(suite.settings.process.database.database_url.expose_secret()).await?;
    at_size::check_room(&database, args.size()).await?;
    eprintln!(
        "this takes about {} minutes on two cores",
        args.takes().as_secs().div_ceil(60)
    );
    let figures = tokio::select! {
        figures = measure(&suite, &database, &args) => figures?,
        () = asked_to_end() => bail!("ended before everything was measured"),
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        println!("{}", figures.bars());
    }
    database.close().await;
    suite.stop().await;
    if !figures.sums_hold {
        bail!("the ledger does not hold what it acknowledged");
    }
    Ok(())
}

async fn measure(suite: &Started, database: &PgPool, args: &LedgerArgs) -> anyhow::Result<Figures> {
    let (count, slice) = (args.rounds() as usize, args.slice());
    let rig = Rig::prepare(suite, database, args.members as usize, args.writers, count).await?;
    let rounds = Rounds::measure(&rig, count, slice, usize::from(args.writers)).await?;
    if !args.json {
        println!("{}", rounds.table());
    }
    let program_id = rig.program_id.to_string();
    let balances = balance::measure(suite, &program_id, &rig.members, count, slice).await?;
    rig.baseline.remove().await?;
    let rss_mb = peak_memory_mb();
    let at_size = at_size::measure(suite, database, args.size(), count, slice).await?;
    Ok(Figures::of(&Run {
        rounds,
        balances,
        at_size,
        rss_mb,
    }))
}
