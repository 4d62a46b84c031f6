//! Giving held points back.

use common::ids::EntryId;

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind},
    hold::{Hold, HoldState},
    refusal::Refusal,
    stamp::Stamp,
};

/// Asks to give held points back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseHold {
    /// The hold.
    pub hold_id: EntryId,
    /// How the hold ended, when the journal says that it has.
    pub ended: Option<HoldState>,
}

/// Gives held points back. What lapsed in the meantime is lost, and the entry says how much.
pub(super) fn release_hold(
    account: &mut Account,
    command: &ReleaseHold,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let place = find_hold(account, command.hold_id, command.ended)?;
    let hold = account.holds.remove(place);
    account.lately.ended_holds.push((hold.hold_id, HoldState::Released));
    Ok(vec![give_back(account, hold, stamp)])
}

/// Finds an active hold, or says why there is none.
pub(super) fn find_hold(account: &Account, hold_id: EntryId, ended: Option<HoldState>) -> Result<usize, Refusal> {
    if let Some(place) = account.holds.iter().position(|hold| hold.hold_id == hold_id) {
        return Ok(place);
    }
    let lately = account
        .lately
        .ended_holds
        .iter()
        .find(|(ended_id, _)| *ended_id == hold_id);
    match lately.map(|(_, state)| *state).or(ended) {
        Some(state) => Err(Refusal::HoldNotActive { hold_id, state }),
        None => Err(Refusal::HoldNotFound { hold_id }),
    }
}

/// Ends a hold by request: what it holds comes back.
pub(super) fn give_back(account: &mut Account, hold: Hold, stamp: &mut Stamp<'_>) -> EntryDraft {
    let draft = account.open_entry(EntryKind::Release, hold.points(), stamp);
    let portions = hold.come_back(stamp.now);
    let lost_points = account.put_back(&portions, stamp.now);
    account.close_entry(EntryDraft {
        portions,
        lost_points,
        related_entry_id: Some(hold.hold_id),
        hold_expires_at: Some(hold.expires_at),
        ..draft
    })
}
