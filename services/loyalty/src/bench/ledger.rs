//! Earning points, against the usual ways of doing it, on the same database in the same run.
//!
//! * **B0**: one transaction of five round trips per request, 32 at once.
//! * **B1**: this ledger, with one call and one commit per transaction, on 16 writers.
//! * **core**: this ledger as it is, without gRPC in front.
//! * **unary**: the running suite through gRPC; beside it the same RPC over B0.
//! * **bulk**: the running suite through streams of messages of 500 commands; beside it Postgres alone, which inserts the same rows.

mod baseline;
mod bulk;
mod meters;
mod report;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use clap::Args;
use common::{
    config::ExposeSecret as _,
    process::{Process, SERVICES},
};
use points::Core;
use proto::points::{EarnPointsRequest, EarnPointsResponse};
use tonic::Status;
use uuid::Uuid;

use super::{
    balance,
    load::{self, Measured},
    plain,
    setup::{self, WALLET},
};
use crate::demo::{self, Started, clients::Clients, report::peak_memory_mb};
use baseline::{BATCH, Baseline};
use bulk::Bulk;
use meters::{Meters, sums_hold};
use report::{Figures, Series, rates, rounded};

/// How many calls are under way at once, and how many of them B0 can use: more only wait for its connections.
const CALLERS: usize = 512;
const B0_CALLERS: usize = 32;
/// How many writers B1 has: one call each, they share the flushes of the log.
const B1_WRITERS: u16 = 16;
/// How many connections unary calls go through.
const CONNECTIONS: usize = 2;
/// What every earning earns.
const POINTS: i64 = 7;

/// What to measure.
#[derive(Args, Clone, Debug)]
pub struct LedgerArgs {
    /// How many rounds; each measures everything in turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long one measurement takes, in milliseconds.
    #[arg(long, default_value_t = 1_500)]
    slice_ms: u64,
    /// How many members earn.
    #[arg(long, default_value_t = 10_000)]
    members: usize,
    /// How many writers the core has, and how many connections Postgres alone; the suite has as many as it would anywhere.
    #[arg(long, default_value_t = 2)]
    writers: u16,
    /// Print one JSON object instead of tables.
    #[arg(long)]
    json: bool,
}

/// Everything that can be asked to earn.
struct Bench {
    suite: Started,
    clients: Clients,
    program_id: Uuid,
    /// Those of whom one is drawn each time, and after them one hot member for each round.
    members: Arc<[String]>,
    drawn_of: usize,
    core: Core,
    one_by_one: Core,
    baseline: Baseline,
    next: Arc<AtomicU64>,
    /// How many earnings the ledger acknowledged.
    acknowledged: Arc<AtomicU64>,
}

/// Measures and prints.
pub async fn run(args: LedgerArgs) -> anyhow::Result<()> {
    let bench = Bench::prepare(&args).await?;
    let figures = bench.measure(&args).await?;
    bench.baseline.remove().await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        println!("{}", figures.bars());
        println!("the sums {}", if figures.sums_hold { "hold" } else { "DO NOT HOLD" });
    }
    bench.suite.stop().await;
    Ok(())
}

impl Bench {
    async fn prepare(args: &LedgerArgs) -> anyhow::Result<Bench> {
        let suite = demo::start("bench", "127.0.0.1:0", &[]).await?;
        let program_id = Uuid::now_v7();
        let clients = Clients::new(&suite.url, &program_id.to_string())?;
        eprintln!("enrolling {} members", args.members);
        let members = setup::prepare(&clients, &program_id.to_string(), args.members + args.rounds + 1).await?;
        let mut alone = suite.settings.process.clone();
        let mut gathering = suite.settings.process.clone();
        gathering.database.writers = args.writers;
        alone.database.batch_size = 1;
        alone.database.writers = B1_WRITERS;
        alone.database.database_connections = u32::from(B1_WRITERS) * 2;
        let start = async |settings| {
            let process = Process::new(settings, &SERVICES)?;
            Core::start(&process, program_id.into()).await
        };
        let core = start(gathering).await?;
        let one_by_one = start(alone).await?;
        let next = Arc::new(AtomicU64::new(0));
        let acknowledged = Arc::new(AtomicU64::new(1));
        core.earn_points(request(&members, args.members, &next, None)).await?;
        let url = suite.settings.process.database.database_url.expose_secret();
        let baseline = Baseline::prepare(url, B0_CALLERS as u32, program_id, &members).await?;
        Ok(Bench {
            suite,
            clients,
            program_id,
            members: members.into(),
            drawn_of: args.members,
            core,
            one_by_one,
            baseline,
            next,
            acknowledged,
        })
    }

    async fn measure(&self, args: &LedgerArgs) -> anyhow::Result<Figures> {
        let slice = Duration::from_millis(args.slice_ms);
        let over_b0 = {
            let baseline = self.baseline.clone();
            let earn = move |request| {
                let baseline = baseline.clone();
                async move {
                    let done = baseline.earn_points(request).await;
                    done.map_err(|error| Status::internal(error.to_string()))?;
                    Ok(EarnPointsResponse::default())
                }
            };
            plain::serve(earn, CONNECTIONS).await?
        };
        let mut b0 = Series::new("B0: five round trips");
        let mut b1 = Series::new("B1: one call, one commit");
        let mut core = Series::new("core");
        let mut hot = Series::new("core, one hot member");
        let mut unary_b0 = Series::new("unary gRPC over B0");
        let mut unary = Series::new("unary gRPC");
        let mut bulk = Series::new("bulk gRPC");
        let streams = Bulk::open(&self.clients, CONNECTIONS);
        let mut postgres = Series::new("Postgres alone, rows");
        let mut b1_solo = Series::new("B1, one at a time");
        let mut solo = Series::new("core, one at a time");
        let (mut meters, mut earns) = (Meters::default(), 0);
        // What is measured last has seen the machine warm; nothing of this counts.
        for core in [&self.core, &self.one_by_one] {
            self.earn(CALLERS, slice / 2, None, core.clone()).await?;
        }
        for round in 1..=args.rounds {
            b0.add(self.earn_b0(slice).await?);
            b1.add(self.earn(CALLERS, slice, None, self.one_by_one.clone()).await?);
            let (before, earned) = (Meters::read(self.baseline.pool()).await?, self.earned());
            core.add(self.earn(CALLERS, slice, None, self.core.clone()).await?);
            earns += self.earned() - earned;
            meters.add(before, Meters::read(self.baseline.pool()).await?);
            hot.add(
                self.earn(CALLERS, slice / 4, Some(self.drawn_of + round), self.core.clone())
                    .await?,
            );
            unary_b0.add(self.earn_unary_b0(slice, &over_b0).await?);
            unary.add(self.earn_unary(slice).await?);
            bulk.add(self.earn_bulk(slice, &streams).await?);
            postgres.add(self.write_rows(usize::from(args.writers), slice, round).await?);
            b1_solo.add(self.earn(1, slice / 2, None, self.one_by_one.clone()).await?);
            solo.add(self.earn(1, slice / 2, None, self.core.clone()).await?);
            eprintln!("round {round} of {}: core {:.0}/s", args.rounds, core.per_s());
        }
        if !args.json {
            println!(
                "{}",
                rates(&[
                    &b0, &b1, &core, &hot, &unary_b0, &unary, &bulk, &postgres, &b1_solo, &solo
                ])
            );
        }
        let earns = earns as f64;
        let (acknowledged, points) = (self.earned(), self.earned() * POINTS as u64);
        let sums_hold = sums_hold(self.baseline.pool(), self.program_id, acknowledged, points).await?;
        let program_id = self.program_id.to_string();
        let balances = balance::measure(&self.suite, &program_id, &self.members, args.rounds, slice).await?;
        Ok(Figures {
            b0_per_s: b0.per_s().round(),
            b1_per_s: b1.per_s().round(),
            core_per_s: core.per_s().round(),
            core_over_b1: core.over(&b1),
            core_over_b0: core.over(&b0),
            solo_p50_over_b1: solo.p50_over(&b1_solo),
            unary_per_s: unary.per_s().round(),
            unary_over_b0: unary.over(&unary_b0),
            bulk_per_s: bulk.per_s().round(),
            bulk_over_postgres: bulk.over(&postgres),
            postgres_per_s: postgres.per_s().round(),
            core_over_postgres: core.over(&postgres),
            hot_over_uniform: hot.over(&core),
            bytes_per_earn: rounded(meters.stored_bytes / earns),
            wal_bytes_per_earn: rounded(meters.logged_bytes / earns),
            hot_update_share: rounded(meters.updates_in_place / meters.updates),
            fsyncs_per_op: rounded(meters.flushes / earns),
            rss_mb: peak_memory_mb(),
            balance_over_echo: balances.balance_over_echo,
            memory_read_over_echo: balances.memory_read_over_echo,
            sums_hold,
        })
    }

    /// Returns how many earnings the ledger acknowledged so far.
    fn earned(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Lets a ledger earn: for all members in turn, or for one.
    async fn earn(&self, callers: usize, time: Duration, of: Option<usize>, core: Core) -> anyhow::Result<Measured> {
        self.counted(callers, time, of, move |_, request| {
            let core = core.clone();
            async move { core.earn_points(request).await }
        })
        .await
    }

    async fn earn_unary(&self, time: Duration) -> anyhow::Result<Measured> {
        let clients = self.clients.clone();
        self.counted(CALLERS, time, None, move |number, request| {
            let mut client = clients.points(number);
            async move { client.earn_points(request).await }
        })
        .await
    }

    /// Earns through streams; counts commands and not messages.
    async fn earn_bulk(&self, time: Duration, streams: &Bulk) -> anyhow::Result<Measured> {
        let (members, next, acknowledged) = (self.members.clone(), self.next.clone(), self.acknowledged.clone());
        let (drawn_of, streams) = (self.drawn_of, streams.clone());
        let mut measured = load::run(CONNECTIONS * bulk::UNDER_WAY, time, move |number| {
            let requests = (0..bulk::COMMANDS)
                .map(|_| request(&members, drawn_of, &next, None))
                .collect();
            let (streams, acknowledged) = (streams.clone(), acknowledged.clone());
            async move {
                let earned = streams.earn(number, requests).await;
                if earned.is_ok() {
                    acknowledged.fetch_add(bulk::COMMANDS as u64, Ordering::Relaxed);
                }
                earned
            }
        })
        .await?;
        measured.per_s *= bulk::COMMANDS as f64;
        Ok(measured)
    }

    async fn earn_b0(&self, time: Duration) -> anyhow::Result<Measured> {
        let (baseline, members, next) = (self.baseline.clone(), self.members.clone(), self.next.clone());
        let drawn_of = self.drawn_of;
        let earn = move |_| {
            let (baseline, request) = (baseline.clone(), request(&members, drawn_of, &next, None));
            async move { baseline.earn_points(request).await }
        };
        load::run(B0_CALLERS, time, earn).await
    }

    async fn earn_unary_b0(&self, time: Duration, channels: &[tonic::transport::Channel]) -> anyhow::Result<Measured> {
        let (members, next, channels) = (self.members.clone(), self.next.clone(), channels.to_vec());
        let drawn_of = self.drawn_of;
        let earn = move |number: usize| {
            let channel = channels[number % channels.len()].clone();
            plain::call::<_, EarnPointsResponse>(channel, request(&members, drawn_of, &next, None))
        };
        load::run(CALLERS, time, earn).await
    }

    /// Lets Postgres alone write rows; counts rows and not batches.
    async fn write_rows(&self, callers: usize, time: Duration, round: usize) -> anyhow::Result<Measured> {
        let baseline = self.baseline.clone();
        let first = round * 1_000_000;
        let mut measured = load::run(callers, time, move |number| {
            let baseline = baseline.clone();
            async move { baseline.insert_batch(first + number).await }
        })
        .await?;
        measured.per_s *= BATCH as f64;
        Ok(measured)
    }

    /// Measures calls that earn in the ledger, and counts every one that was acknowledged.
    async fn counted<F, Fut, T>(
        &self,
        callers: usize,
        time: Duration,
        of: Option<usize>,
        earn: F,
    ) -> anyhow::Result<Measured>
    where
        F: Fn(usize, EarnPointsRequest) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<T, Status>> + Send,
        T: Send,
    {
        let (members, next, acknowledged) = (self.members.clone(), self.next.clone(), self.acknowledged.clone());
        let drawn_of = self.drawn_of;
        let call = move |number: usize| {
            let (earned, acknowledged) = (
                earn(number, request(&members, drawn_of, &next, of)),
                acknowledged.clone(),
            );
            async move {
                let earned = earned.await;
                if earned.is_ok() {
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                }
                earned
            }
        };
        load::run(callers, time, call).await
    }
}

/// Returns the next request: of one member, or of one drawn from all.
fn request(members: &[String], drawn_of: usize, next: &AtomicU64, of: Option<usize>) -> EarnPointsRequest {
    let number = next.fetch_add(1, Ordering::Relaxed);
    let drawn = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize;
    EarnPointsRequest {
        request_id: format!("order-{number}"),
        member_id: members[of.unwrap_or(drawn % drawn_of)].clone(),
        wallet: WALLET.to_owned(),
        points: POINTS,
        reference: format!("order-{number}"),
        ..EarnPointsRequest::default()
    }
}
