//! Setting points aside.

use common::points::Points;
use jiff::{SignedDuration, Timestamp};

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind},
    hold::Hold,
    refusal::Refusal,
    spend_points::{check_available, take_available},
    stamp::Stamp,
    wallet::Wallet,
};

/// How long a hold lasts unless its request says otherwise.
pub const DEFAULT_TTL_SECONDS: u32 = 900;

/// Asks to set points aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldPoints {
    /// How many.
    pub points: Points,
    /// For how long; nothing for [`DEFAULT_TTL_SECONDS`].
    pub ttl_seconds: Option<u32>,
}

/// Sets points aside, so that only the hold can spend them: those that lapse first go first.
pub(super) fn hold_points(
    account: &mut Account,
    wallet: &Wallet,
    command: &HoldPoints,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    check_available(account, wallet, command.points)?;
    let draft = account.open_entry(EntryKind::Hold, command.points, stamp);
    let ttl = SignedDuration::from_secs(command.ttl_seconds.unwrap_or(DEFAULT_TTL_SECONDS).into());
    let expires_at = stamp.now.checked_add(ttl).unwrap_or(Timestamp::MAX);
    let portions = take_available(account, command.points);
    account.holds.push(Hold {
        hold_id: draft.entry_id,
        expires_at,
        grace: wallet.hold_grace,
        portions: portions.clone(),
    });
    Ok(vec![account.close_entry(EntryDraft {
        portions,
        hold_expires_at: Some(expires_at),
        ..draft
    })])
}
