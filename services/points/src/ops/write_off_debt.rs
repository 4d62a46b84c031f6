//! `WriteOffDebt`.

use common::points::Points;
use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 12;

/// Asks to forgive what a member owes.
#[derive(Clone, Debug)]
pub struct WriteOffDebt {
    /// The wallet.
    pub wallet: WalletCode,
    /// How many points; nothing for all that is owed.
    pub points: Option<Points>,
    /// Why.
    pub reason_code: String,
}

/// Forgives a debt.
pub fn write_off_debt(desk: &mut Desk<'_, '_>, command: &WriteOffDebt) -> Result<Vec<u8>, Error> {
    let wallet = desk.wallet_held(&command.wallet)?;
    let write_off = domain::WriteOffDebt { points: command.points };
    let posted = desk.post(&wallet, &domain::Command::WriteOffDebt(write_off), &command.reason_code)?;
    let response = pb::WriteOffDebtResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
