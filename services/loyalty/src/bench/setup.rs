//! What every measurement needs first: a program with a wallet, and members.

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::{
    member::{CreateProgramRequest, EnrollMemberRequest, Program, program_service_client::ProgramServiceClient},
    points::{
        ExpiryAtPeriodEnd, ExpiryPolicy, OverdraftPolicy, Period, PublishWalletRequest, Wallet, expiry_policy::Policy,
        wallet_service_client::WalletServiceClient,
    },
};

use crate::demo::clients::Clients;

/// The wallet.
pub const WALLET: &str = "points";
/// How many members are enrolled at once.
const CONCURRENCY: usize = 256;

/// Makes a program with a wallet, and members; returns their ids.
pub async fn prepare(clients: &Clients, program_id: &str, members: usize) -> anyhow::Result<Vec<String>> {
    make_program(clients, program_id).await?;
    enroll(clients, members, |_| {}).await
}

/// Makes a program with a wallet.
pub async fn make_program(clients: &Clients, program_id: &str) -> anyhow::Result<()> {
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
    // A year, and to the end of that day, as programs have it.
    let a_year = ExpiryAtPeriodEnd {
        period: Period::Day.into(),
        after_months: 12,
        after_days: 0,
    };
    let expiry = ExpiryPolicy {
        policy: Some(Policy::AtPeriodEnd(a_year)),
    };
    let wallet = Wallet {
        code: WALLET.to_owned(),
        display_name: "Points".to_owned(),
        unit: "point".to_owned(),
        scale: 0,
        expiry: Some(expiry),
        overdraft: OverdraftPolicy::Forbid.into(),
        ..Wallet::default()
    };
    let publish = PublishWalletRequest {
        request_id: "wallet".to_owned(),
        wallet: Some(wallet),
        effective_from: None,
    };
    WalletServiceClient::new(clients.transport(0))
        .publish_wallet(publish)
        .await?;
    Ok(())
}

/// Enrols members, as anybody would: an answer comes when every service knows the member. Returns their ids.
pub async fn enroll(clients: &Clients, members: usize, progress: impl Fn(u64)) -> anyhow::Result<Vec<String>> {
    stream::iter(0..members)
        .map(|number| enroll_one(clients, number))
        .buffered(CONCURRENCY)
        .inspect_ok(|_| progress(1))
        .try_collect()
        .await
}

async fn enroll_one(clients: &Clients, number: usize) -> anyhow::Result<String> {
    let request = EnrollMemberRequest {
        request_id: format!("member-{number}"),
        channel: "web".to_owned(),
        await_effects: true,
        ..EnrollMemberRequest::default()
    };
    let enrolled = clients.members(number).enroll_member(request).await?.into_inner();
    Ok(enrolled.member.context("the answer lacks the member")?.member_id)
}
