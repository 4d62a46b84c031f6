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

use super::fields::wallet;
use crate::{
    context::Context,
    domain::WalletCode,
    error::Error,
    store::{Freshness, Reading, amounts_to_wire},
};

/// Asks for a balance.
pub struct GetBalance {
    member_id: MemberId,
    wallet: WalletCode,
    requirement: Option<Requirement>,
}

impl TryFrom<pb::GetBalanceRequest> for GetBalance {
    type Error = Violations;

    fn try_from(wire: pb::GetBalanceRequest) -> Result<GetBalance, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        let requirement = wire.consistency.and_then(|consistency| consistency.requirement);
        violations.finish(member_id.zip(wallet).map(|(member_id, wallet)| GetBalance {
            member_id,
            wallet,
            requirement,
        }))
    }
}

/// Returns what a member has in a wallet, exact to the instant of the program's clock.
pub async fn get_balance(cx: &Context, caller: &Caller, asked: GetBalance) -> Result<pb::GetBalanceResponse, Status> {
    let GetBalance {
        member_id,
        wallet,
        requirement,
    } = asked;
    let program_id = caller.program().id();
    let freshness = match requirement {
        None | Some(Requirement::MinimizeLatency(_)) => Freshness::AnyCommitted,
        Some(Requirement::FullyConsistent(_)) => Freshness::Newest,
        Some(Requirement::AtLeastAsFresh(token)) => {
            let seq = cx
                .balance_tokens
                .open(program_id, member_id, &token)
                .ok_or(Error::InvalidBalanceToken)?;
            Freshness::AtLeast(seq)
        }
    };
    let program = find_program(cx, caller, member_id).await?;
    let read = cx
        .balances
        .read(&program, member_id, &wallet, freshness)
        .await
        .map_err(Fault::from)?;
    let snapshot = found(read, member_id, &wallet)?;
    let now = program.now_for_reading();
    let next_expiry = snapshot.next_expiry_at(now);
    let balance = pb::Balance {
        member_id: member_id.to_string(),
        wallet: wallet.to_string(),
        amounts: Some(amounts_to_wire(snapshot.amounts_at(now))),
        next_expiry_at: next_expiry.map(|(at, _)| time::to_wire(at)),
        next_expiry_points: next_expiry.map_or(0, |(_, points)| points.get()),
        balance_token: cx.balance_tokens.seal(program_id, member_id, snapshot.seq),
    };
    Ok(pb::GetBalanceResponse { balance: Some(balance) })
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
