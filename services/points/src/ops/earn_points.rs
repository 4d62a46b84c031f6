//! `EarnPoints`.

use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, WalletCode},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 1;

/// Asks to credit points to a member for something they did.
#[derive(Clone, Debug)]
pub struct EarnPoints {
    /// The wallet.
    pub wallet: WalletCode,
    /// How many, when it happened and when they become available.
    pub earned: domain::EarnPoints,
    /// What it is about.
    pub reference: String,
}

/// Credits points, as a lot of their own that lapses as the wallet said when it happened.
pub fn earn_points(desk: &mut Desk<'_, '_>, command: &EarnPoints) -> Result<Vec<u8>, Error> {
    desk.check_earns()?;
    let wallet = desk.points_wallet(&command.wallet, command.earned.occurred_at.unwrap_or(desk.now()))?;
    let posted = desk.post(
        &wallet,
        &domain::Command::EarnPoints(command.earned.clone()),
        &command.reference,
    )?;
    let response = pb::EarnPointsResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
