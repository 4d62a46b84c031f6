//! `GetBalance`: the read that everything waits for. Where the mirror answers it costs one question to Redis and no write.

use std::sync::Arc;

use common::{
    auth::Caller,
    ids::MemberId,
    parse::id,
    program::Program,
    refusal::{Fault, Violations},
    time,
};
use proto::points::{self as pb, consistency::Requirement};
use tonic::Status;

use super::{
    balance_at::{Times, balance_at},
    fields::wallet,
};
use crate::{
    context::Context,
    domain::{Snapshot, WalletCode},
    error::Error,
    store::{Freshness, Reading, amounts_to_wire},
};

/// Asks for a balance.
pub struct GetBalance {
    pub(super) member_id: MemberId,
    pub(super) wallet: WalletCode,
    requirement: Option<Requirement>,
    pub(super) times: Option<Times>,
}

impl TryFrom<pb::GetBalanceRequest> for GetBalance {
    type Error = Violations;

    fn try_from(wire: pb::GetBalanceRequest) -> Result<GetBalance, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        let times = Times::read(&mut violations, &wire);
        let requirement = wire.consistency.and_then(|consistency| consistency.requirement);
        let read = member_id.zip(wallet).zip(times);
        violations.finish(read.map(|((member_id, wallet), times)| GetBalance {
            member_id,
            wallet,
            requirement,
            times,
        }))
    }
}

/// Returns what a member has in a wallet, exact to the instant of the program's clock; or what they had or will have at another.
pub async fn get_balance(cx: &Context, caller: &Caller, asked: GetBalance) -> Result<pb::GetBalanceResponse, Status> {
    let (member_id, wallet) = (asked.member_id, &asked.wallet);
    let freshness = asked.freshness(cx, caller)?;
    let program = find_program(cx, caller, member_id).await?;
    let balance = match asked.times {
        Some(times) => balance_at(cx, &program, member_id, wallet, times).await?,
        None => {
            let read = cx.balances.read(&program, member_id, wallet, freshness).await;
            let snapshot = found(read.map_err(Fault::from)?, member_id, wallet)?;
            balance_of(cx, &program, &snapshot)
        }
    };
    Ok(pb::GetBalanceResponse { balance: Some(balance) })
}

impl GetBalance {
    /// Tells how fresh the read must be.
    pub(super) fn freshness(&self, cx: &Context, caller: &Caller) -> Result<Freshness, Error> {
        match &self.requirement {
            None | Some(Requirement::MinimizeLatency(_)) => Ok(Freshness::AnyCommitted),
            Some(Requirement::FullyConsistent(_)) => Ok(Freshness::Newest),
            Some(Requirement::AtLeastAsFresh(token)) => {
                let seq = cx.balance_tokens.open(caller.program().id(), self.member_id, token);
                Ok(Freshness::AtLeast(seq.ok_or(Error::InvalidBalanceToken)?))
            }
        }
    }
}

/// Returns what a member has now.
pub(super) fn balance_of(cx: &Context, program: &Program, snapshot: &Snapshot) -> pb::Balance {
    let now = program.now_for_reading();
    let next_expiry = snapshot.next_expiry_at(now);
    pb::Balance {
        member_id: snapshot.member_id.to_string(),
        wallet: snapshot.wallet.to_string(),
        amounts: Some(amounts_to_wire(snapshot.amounts_at(now))),
        next_expiry_at: next_expiry.map(|(at, _)| time::to_wire(at)),
        next_expiry_points: next_expiry.map_or(0, |(_, points)| points.get()),
        balance_token: cx
            .balance_tokens
            .seal(snapshot.program_id, snapshot.member_id, snapshot.seq),
    }
}

/// Finds the caller's program. In one that is not known here, nobody has an account.
pub(super) async fn find_program(cx: &Context, caller: &Caller, member_id: MemberId) -> Result<Arc<Program>, Status> {
    let program = cx.programs.find(caller.program()).await.map_err(Fault::from)?;
    Ok(program.ok_or(Error::AccountNotFound { member_id })?)
}

/// Returns what was found, or says what is missing.
pub(super) fn found<T>(reading: Reading<T>, member_id: MemberId, wallet: &WalletCode) -> Result<T, Error> {
    match reading {
        Reading::Found(found) => Ok(found),
        Reading::NoMember => Err(Error::AccountNotFound { member_id }),
        Reading::NoWallet => Err(Error::WalletNotFound { wallet: wallet.clone() }),
    }
}
