//! The way back of a transfer that was declined.

use common::ids::EntryId;
use jiff::SignedDuration;
use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, Initiator, Wallet},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 15;

/// Asks to give points back that another member did not get.
#[derive(Clone, Debug)]
pub struct ReturnTransfer {
    /// The entry by which they left.
    pub entry_id: EntryId,
}

/// Gives the points back, with their dates. The member did not change their mind, so that nothing is lost.
pub fn return_transfer(desk: &mut Desk<'_, '_>, command: &ReturnTransfer) -> Result<Vec<u8>, Error> {
    let (wallet, original) = desk.original(command.entry_id)?;
    let wallet = desk.wallet_held(&wallet)?;
    // What ended while it was under way has not been had.
    let wallet = Wallet {
        restore_grace: wallet.restore_grace.max(SignedDuration::from_hours(24)),
        ..wallet
    };
    let restore = domain::RestoreSpend {
        original,
        points: None,
        initiator: Initiator::Merchant,
    };
    let posted = desk.post(&wallet, &domain::Command::RestoreSpend(restore), "")?;
    let response = pb::RestoreSpendResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
