//! Balance reads, answered from Redis and from the memory of a replica, against the echo.

use std::{future::ready, sync::Arc, time::Duration};

use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::points::{EarnPointsRequest, GetBalanceRequest};
use serde::Serialize;

use super::{
    load, plain,
    setup::{self, WALLET},
};
use crate::demo::{self, Started, clients::Clients};

/// How many calls are under way at once, on how many connections.
const CALLERS: usize = 256;
const CONNECTIONS: usize = 2;
const MEMBERS: usize = 1_000;
/// In how many slices a measurement is taken, in turn with the other one's: what else the machine does then touches both alike.
const SLICES: u32 = 4;

/// How long to measure.
#[derive(Args, Clone, Debug)]
pub struct BalanceArgs {
    /// How many rounds; each measures all in turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long one measurement takes.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Print one JSON object instead of a line.
    #[arg(long)]
    json: bool,
}

/// What was measured. Ratios are medians of ratios within rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Echoes a second.
    pub echo_per_s: f64,
    /// Balances a second, through Redis.
    pub balance_per_s: f64,
    /// Their ratio.
    pub balance_over_echo: f64,
    /// Balances a second, from the memory of the replica.
    pub memory_read_per_s: f64,
    /// Their ratio.
    pub memory_read_over_echo: f64,
}

/// Measures and prints.
pub async fn run(args: BalanceArgs) -> anyhow::Result<()> {
    let suite = demo::start("bench", "127.0.0.1:0", &[]).await?;
    let program_id = uuid::Uuid::now_v7().to_string();
    let clients = Clients::new(&suite.url, &program_id)?;
    let members = setup::prepare(&clients, &program_id, MEMBERS).await?;
    let measured = measure(
        &suite,
        &program_id,
        &members,
        args.rounds,
        Duration::from_secs(args.seconds),
    )
    .await?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&measured)?);
    } else {
        println!(
            "a bare echo: {:.0}/s; a balance through Redis: {:.2} of that ({:.0}/s); from the memory of the replica: {:.2} ({:.0}/s)",
            measured.echo_per_s,
            measured.balance_over_echo,
            measured.balance_per_s,
            measured.memory_read_over_echo,
            measured.memory_read_per_s
        );
    }
    suite.stop().await;
    Ok(())
}

/// Measures balances of some members in turn with an echo: through a replica that remembers none, and one that does.
pub async fn measure(
    suite: &Started,
    program_id: &str,
    members: &[String],
    rounds: usize,
    each: Duration,
) -> anyhow::Result<Measured> {
    let members: Arc<[String]> = members.iter().take(MEMBERS).cloned().collect();
    let near = Clients::new(&suite.url, program_id)?;
    let (asking, url) = suite.beside(|settings| settings.points.balance_memory_ms = 0).await?;
    let far = Clients::new(&url, program_id)?;
    let earned = members.iter().enumerate();
    let earned = earned.map(|(number, member)| earn(&near, number, member));
    stream::iter(earned).buffered(CALLERS).try_collect::<()>().await?;
    let channels = plain::serve(|request: GetBalanceRequest| ready(Ok(request)), CONNECTIONS).await?;
    let request = move |number: usize| GetBalanceRequest {
        member_id: members[number % members.len()].clone(),
        wallet: WALLET.to_owned(),
        ..GetBalanceRequest::default()
    };
    let echo = {
        let request = request.clone();
        move |number: usize| {
            let channel = channels[number % CONNECTIONS].clone();
            plain::call::<_, GetBalanceRequest>(channel, request(number))
        }
    };
    let balance_of = |clients: Clients| {
        let request = request.clone();
        move |number: usize| {
            let (mut client, request) = (clients.points(number), request(number));
            async move { client.get_balance(request).await }
        }
    };
    let (through_redis, from_memory) = (balance_of(far), balance_of(near));
    let warm = Duration::from_millis(500);
    load::run(CALLERS, warm, echo.clone()).await?;
    load::run(CALLERS, warm, through_redis.clone()).await?;
    load::run(CALLERS, warm, from_memory.clone()).await?;
    let mut measured: [Vec<f64>; 3] = Default::default();
    for round in 1..=rounds {
        let mut rates = [0.0; 3];
        for _ in 0..SLICES {
            let slice = each / SLICES;
            rates[0] += load::run(CALLERS, slice, echo.clone()).await?.per_s / f64::from(SLICES);
            rates[1] += load::run(CALLERS, slice, through_redis.clone()).await?.per_s / f64::from(SLICES);
            rates[2] += load::run(CALLERS, slice, from_memory.clone()).await?.per_s / f64::from(SLICES);
        }
        let [echo, redis, memory] = rates;
        eprintln!("balances, round {round}: echo {echo:.0}/s, through Redis {redis:.0}/s, from memory {memory:.0}/s");
        measured.iter_mut().zip(rates).for_each(|(all, rate)| all.push(rate));
    }
    asking.drain().await;
    let [echo, redis, memory] = measured;
    let over_echo = |rates: &[f64]| {
        let ratio = load::median(rates.iter().zip(&echo).map(|(rate, echo)| rate / echo));
        (ratio * 1000.0).round() / 1000.0
    };
    Ok(Measured {
        balance_over_echo: over_echo(&redis),
        memory_read_over_echo: over_echo(&memory),
        echo_per_s: load::median(echo.iter().copied()).round(),
        balance_per_s: load::median(redis.iter().copied()).round(),
        memory_read_per_s: load::median(memory.iter().copied()).round(),
    })
}

/// Gives a member something to read.
async fn earn(clients: &Clients, number: usize, member_id: &str) -> anyhow::Result<()> {
    let request = EarnPointsRequest {
        request_id: "first-balance".to_owned(),
        member_id: member_id.to_owned(),
        wallet: WALLET.to_owned(),
        points: 100,
        ..EarnPointsRequest::default()
    };
    clients.points(number).earn_points(request).await?;
    Ok(())
}
