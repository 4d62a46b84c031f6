//! Balance reads, answered from Redis, against the echo.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::{
    member::{CreateProgramRequest, EnrollMemberRequest, Program, program_service_client::ProgramServiceClient},
    points::{
        EarnPointsRequest, ExpiryAfterDays, ExpiryPolicy, GetBalanceRequest, OverdraftPolicy, PublishWalletRequest,
        Wallet, expiry_policy::Policy, wallet_service_client::WalletServiceClient,
    },
};
use serde::Serialize;
use tonic::transport::{Channel, Endpoint};

use super::{echo, load};
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
    let suite = demo::start("bench", "127.0.0.1:0", |line| eprintln!("{line}")).await?;
    let program_id = uuid::Uuid::now_v7().to_string();
    let clients = Clients::new(&suite.url, &program_id)?;
    let members = prepare(&clients, &program_id).await?;
    let echo_url = format!("http://{}", echo::serve().await?);
    let echo_channels: Vec<Channel> = (0..CONNECTIONS)
        .map(|_| {
            Ok(Endpoint::from_shared(echo_url.clone())?
                .tcp_nodelay(true)
                .connect_lazy())
        })
        .collect::<anyhow::Result<_>>()?;

    let request = move |number: usize| GetBalanceRequest {
        member_id: members[number % members.len()].clone(),
        wallet: "points".to_owned(),
        consistency: None,
    };
    let echo_call = {
        let request = request.clone();
        move |number: usize| echo::call(echo_channels[number % CONNECTIONS].clone(), request(number))
    };
    let balance_call = move |number: usize| {
        let (mut client, request) = (clients.points(number), request(number));
        async move { client.get_balance(request).await.map(|_| ()) }
    };

    let slice = Duration::from_secs(args.seconds) / SLICES;
    let (mut echoes, mut balances, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    load::per_second(CALLERS, Duration::from_millis(500), echo_call.clone()).await?;
    load::per_second(CALLERS, Duration::from_millis(500), balance_call.clone()).await?;
    for round in 1..=args.rounds {
        let (mut echo, mut balance) = (0.0, 0.0);
        for _ in 0..SLICES {
            echo += load::per_second(CALLERS, slice, echo_call.clone()).await? / f64::from(SLICES);
            balance += load::per_second(CALLERS, slice, balance_call.clone()).await? / f64::from(SLICES);
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

/// Makes a program with a wallet and members that have something in it.
async fn prepare(clients: &Clients, program_id: &str) -> anyhow::Result<Vec<String>> {
    let program = Program {
        name: "Bench".to_owned(),
        zone: "Etc/UTC".to_owned(),
        currency_code: "USD".to_owned(),
        ..Program::default()
    };
    let create = CreateProgramRequest {
        request_id: program_id.to_owned(),
        program: Some(program),
        await_effects: true,
    };
    ProgramServiceClient::new(clients.transport(0))
        .create_program(create)
        .await?;
    let expiry = ExpiryPolicy {
        policy: Some(Policy::AfterDays(ExpiryAfterDays { days: 365 })),
    };
    let wallet = Wallet {
        code: "points".to_owned(),
        display_name: "Points".to_owned(),
        unit: "point".to_owned(),
        scale: 0,
        expiry: Some(expiry),
        overdraft: OverdraftPolicy::Forbid.into(),
    };
    let publish = PublishWalletRequest {
        request_id: "wallet".to_owned(),
        wallet: Some(wallet),
        effective_from: None,
    };
    WalletServiceClient::new(clients.transport(0))
        .publish_wallet(publish)
        .await?;
    stream::iter(0..MEMBERS)
        .map(|number| enroll(clients, number))
        .buffered(64)
        .try_collect()
        .await
}

async fn enroll(clients: &Clients, number: usize) -> anyhow::Result<String> {
    let request = EnrollMemberRequest {
        request_id: format!("member-{number}"),
        channel: "web".to_owned(),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let member = clients
        .members(number)
        .enroll_member(request)
        .await?
        .into_inner()
        .member
        .context("the answer lacks the member")?;
    let request = EarnPointsRequest {
        request_id: "first".to_owned(),
        member_id: member.member_id.clone(),
        wallet: "points".to_owned(),
        points: 100,
        ..EarnPointsRequest::default()
    };
    clients.points(number).earn_points(request).await?;
    Ok(member.member_id)
}
