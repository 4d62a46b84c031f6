//! Spending held points.

use common::{ids::EntryId, points::Points};

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind},
    hold::HoldState,
    refusal::Refusal,
    release_hold::{find_hold, give_back},
    stamp::Stamp,
};

/// Asks to spend held points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureHold {
    /// The hold.
    pub hold_id: EntryId,
    /// How many; nothing for all.
    pub points: Option<Points>,
    /// How the hold ended, when the journal says that it has.
    pub ended: Option<HoldState>,
}

/// Spends held points, all or some; the rest comes back. Points whose time ran out while they were held can be spent all the same, and
/// are spent first.
pub(super) fn capture_hold(
    account: &mut Account,
    command: &CaptureHold,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let place = find_hold(account, command.hold_id, command.ended)?;
    let held = account.holds[place].points();
    let points = command.points.unwrap_or(held);
    if points > held {
        return Err(Refusal::MoreThanHeld { held, asked: points });
    }
    let (spent, rest) = account.holds[place].split(points);
    let state = if rest.is_empty() {
        HoldState::Captured
    } else {
        HoldState::PartiallyCaptured
    };
    account.holds[place].portions = rest;

    let draft = account.open_entry(EntryKind::Capture, points, stamp);
    let captured = account.close_entry(EntryDraft {
        portions: spent,
        related_entry_id: Some(command.hold_id),
        hold_expires_at: Some(account.holds[place].expires_at),
        ..draft
    });
    let rest = account.holds.remove(place);
    account.lately.ended_holds.push((command.hold_id, state));
    let released = (state == HoldState::PartiallyCaptured).then(|| give_back(account, rest, stamp));
    Ok([captured].into_iter().chain(released).collect())
}
