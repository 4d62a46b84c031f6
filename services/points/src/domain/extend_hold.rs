//! Giving a hold more time.

use common::ids::EntryId;
use jiff::{SignedDuration, Timestamp};

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind},
    hold::HoldState,
    refusal::Refusal,
    release_hold::find_hold,
    stamp::Stamp,
};

/// Asks to give a hold more time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendHold {
    /// The hold.
    pub hold_id: EntryId,
    /// For how long from now.
    pub ttl_seconds: u32,
    /// How the hold ended, when the journal says that it has.
    pub ended: Option<HoldState>,
}

/// Gives a hold more time. A hold that lasts longer already keeps its end.
pub(super) fn extend_hold(
    account: &mut Account,
    command: &ExtendHold,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let place = find_hold(account, command.hold_id, command.ended)?;
    let ttl = SignedDuration::from_secs(command.ttl_seconds.into());
    let until = stamp.now.checked_add(ttl).unwrap_or(Timestamp::MAX);
    let points = account.holds[place].points();
    let draft = account.open_entry(EntryKind::ExtendHold, points, stamp);
    let hold = &mut account.holds[place];
    hold.expires_at = hold.expires_at.max(until);
    let hold_expires_at = Some(hold.expires_at);
    Ok(vec![account.close_entry(EntryDraft {
        related_entry_id: Some(command.hold_id),
        hold_expires_at,
        ..draft
    })])
}
