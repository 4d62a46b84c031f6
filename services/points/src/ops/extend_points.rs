//! `ExtendPoints`.

use common::ids::EntryId;
use jiff::Timestamp;
use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, WalletCode, Which},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 10;

/// Asks to give points of a member a later end.
#[derive(Clone, Debug)]
pub struct ExtendPoints {
    /// The wallet.
    pub wallet: WalletCode,
    /// The end.
    pub expires_at: Timestamp,
    /// Which points.
    pub which: Extended,
    /// Why.
    pub reference: String,
}

/// Which points are to live longer.
#[derive(Clone, Debug)]
pub enum Extended {
    /// Those of a lot.
    Lot(EntryId),
    /// Those that lapse before an instant.
    LapsingBefore(Timestamp),
}

/// Gives points a later end.
pub fn extend_points(desk: &mut Desk<'_, '_>, command: &ExtendPoints) -> Result<Vec<u8>, Error> {
    let wallet = desk.wallet_held(&command.wallet)?;
    let which = match command.which {
        Extended::LapsingBefore(before) => Which::LapsingBefore(before),
        Extended::Lot(entry_id) => {
            let (of_wallet, original) = desk.original(entry_id)?;
            if of_wallet != command.wallet {
                return Err(Error::EntryNotFound { entry_id });
            }
            Which::Of(original)
        }
    };
    let extend = domain::ExtendPoints {
        expires_at: command.expires_at,
        which,
    };
    let posted = desk.post(&wallet, &domain::Command::ExtendPoints(extend), &command.reference)?;
    let response = pb::ExtendPointsResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
