//! Balance reads, answered from Redis, against the echo.

use std::{future::ready, time::Duration};

use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::points::{EarnPointsRequest, GetBalanceRequest};
use serde::Serialize;

use super::{
    load, plain,
    setup::{self, WALLET},
};
use crate::demo::{self, clients::Clients};

/// How many calls are under way at once, on how many connections.
const CALLERS: usize = 256;
const CONNECTIONS: usize = 2;
const MEMBERS: usize = 1_000;
/// In how many slices a measurement is taken, in turn with the other one's: what else the machine does then touches both alike.
const SLICES: u32 = 4;

/// How long to measure.
#[derive(Args, Clone, Debug)]
pub struct BalanceArgs {
    /// How many rounds; each measures both in turn.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long one measurement takes.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Print one JSON object instead of a line.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Measured {
    echo_per_s: f64,
    balance_per_s: f64,
    ratio: f64,
}

/// Measures and prints.
pub async fn run(args: BalanceArgs) -> anyhow::Result<()> {
    let suite = demo::start("bench", "127.0.0.1:0", &[]).await?;
    let program_id = uuid::Uuid::now_v7().to_string();
    let clients = Clients::new(&suite.url, &program_id)?;
    let members = setup::prepare(&clients, &program_id, MEMBERS).await?;
    let earned = members
        .iter()
        .enumerate()
        .map(|(number, member)| earn(&clients, number, member));
    stream::iter(earned).buffered(CALLERS).try_collect::<()>().await?;
    let echo_channels = plain::serve(|request: GetBalanceRequest| ready(Ok(request)), CONNECTIONS).await?;

    let request = move |number: usize| GetBalanceRequest {
        member_id: members[number % members.len()].clone(),
        wallet: WALLET.to_owned(),
        consistency: None,
        ..GetBalanceRequest::default()
    };
    let echo_call = {
        let request = request.clone();
        move |number: usize| {
            let channel = echo_channels[number % CONNECTIONS].clone();
            plain::call::<_, GetBalanceRequest>(channel, request(number))
        }
    };
    let balance_call = move |number: usize| {
        let (mut client, request) = (clients.points(number), request(number));
        async move { client.get_balance(request).await }
    };

    let slice = Duration::from_secs(args.seconds) / SLICES;
    let (mut echoes, mut balances, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    load::run(CALLERS, Duration::from_millis(500), echo_call.clone()).await?;
    load::run(CALLERS, Duration::from_millis(500), balance_call.clone()).await?;
    for round in 1..=args.rounds {
        let (mut echo, mut balance) = (0.0, 0.0);
        for _ in 0..SLICES {
            echo += load::run(CALLERS, slice, echo_call.clone()).await?.per_s / f64::from(SLICES);
            balance += load::run(CALLERS, slice, balance_call.clone()).await?.per_s / f64::from(SLICES);
        }
        eprintln!(
            "round {round}: echo {echo:.0}/s, balance {balance:.0}/s, ratio {:.2}",
            balance / echo
        );
        echoes.push(echo);
        balances.push(balance);
        ratios.push(balance / echo);
    }
    let measured = Measured {
        echo_per_s: load::median(echoes).round(),
        balance_per_s: load::median(balances).round(),
        ratio: (load::median(ratios) * 1000.0).round() / 1000.0,
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&measured)?);
    } else {
        println!(
            "a balance through Redis reaches {:.2} of a bare echo ({:.0}/s of {:.0}/s)",
            measured.ratio, measured.balance_per_s, measured.echo_per_s
        );
    }
    suite.stop().await;
    Ok(())
}

/// Gives a member something to read.
async fn earn(clients: &Clients, number: usize, member_id: &str) -> anyhow::Result<()> {
    let request = EarnPointsRequest {
        request_id: "first".to_owned(),
        member_id: member_id.to_owned(),
        wallet: WALLET.to_owned(),
        points: 100,
        ..EarnPointsRequest::default()
    };
    clients.points(number).earn_points(request).await?;
    Ok(())
}
