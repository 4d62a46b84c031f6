//! `SpendPoints`.

use common::points::Points;
use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 2;

/// Asks to debit points from a member.
#[derive(Clone, Debug)]
pub struct SpendPoints {
    /// The wallet.
    pub wallet: WalletCode,
    /// How many.
    pub points: Points,
    /// What it is about.
    pub reference: String,
}

/// Debits points: those that lapse first go first.
pub fn spend_points(desk: &mut Desk<'_, '_>, command: &SpendPoints) -> Result<Vec<u8>, Error> {
    desk.check_allowed()?;
    let wallet = desk.points_wallet(&command.wallet, desk.now())?;
    let spend = domain::Command::SpendPoints(domain::SpendPoints { points: command.points });
    let posted = desk.post(&wallet, &spend, &command.reference)?;
    let response = pb::SpendPointsResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
