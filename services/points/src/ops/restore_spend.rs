//! `RestoreSpend`.

use common::{ids::EntryId, points::Points};
use prost::Message as _;
use proto::points as pb;

use super::Desk;
use crate::{
    domain::{self, EntryKind, Initiator},
    error::Error,
};

/// By which number a request is remembered that asked for this.
pub const METHOD: i16 = 7;

/// Asks to give spent points back.
#[derive(Clone, Debug)]
pub struct RestoreSpend {
    /// The spend or capture.
    pub entry_id: EntryId,
    /// How many; nothing for what is left of it to restore.
    pub points: Option<Points>,
    /// Who changed their mind.
    pub initiator: Initiator,
    /// What it is about.
    pub reference: String,
}

/// Gives spent points back to the lots they came from.
pub fn restore_spend(desk: &mut Desk<'_, '_>, command: &RestoreSpend) -> Result<Vec<u8>, Error> {
    let (wallet, original) = desk.original(command.entry_id)?;
    if matches!(
        original.kind,
        EntryKind::TransferOut | EntryKind::CashOut | EntryKind::Forfeit
    ) {
        // It arrived elsewhere, or it came back already; or it comes back as a whole.
        return Err(domain::Refusal::NotRestorable {
            entry_id: original.entry_id,
            kind: original.kind,
        }
        .into());
    }
    let wallet = desk.wallet_held(&wallet)?;
    if wallet.stored_value.is_some() {
        return Err(Error::StoredValue { wallet: wallet.code });
    }
    let restore = domain::RestoreSpend {
        original,
        points: command.points,
        initiator: command.initiator,
    };
    let posted = desk.post(&wallet, &domain::Command::RestoreSpend(restore), &command.reference)?;
    let response = pb::RestoreSpendResponse {
        entry: posted.first(),
        balance_token: desk.balance_token(),
    };
    Ok(response.encode_to_vec())
}
