//! Making points available that waited for something to happen.

use jiff::Timestamp;

use super::{
    account::Account,
    due::apply_due,
    entry::{EntryDraft, EntryKind},
    portions::{EventName, Portion, Wait},
    refusal::Refusal,
    stamp::Stamp,
    wallet::Wallet,
};

/// Says that something happened for which points wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivatePoints {
    /// What happened.
    pub event: EventName,
}

/// Makes all points available that wait for it. Where the wallet says that life begins then, it does; an end that is later stays.
pub(super) fn activate_points(
    account: &mut Account,
    wallet: &Wallet,
    command: &ActivatePoints,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let waits = Some(Wait::For(command.event.clone()));
    let points = account.open.count(|portion| portion.waits == waits);
    if points.is_zero() {
        return Err(Refusal::NothingWaits {
            event: command.event.clone(),
        });
    }
    let draft = account.open_entry(EntryKind::Activate, points, stamp);
    let portions = account.open.take_all(|portion| portion.waits == waits);
    let begins = wallet.expiry_from_activation && !wallet.lives_on();
    let from_now = wallet.expiry.expires_at(stamp.now, &wallet.zone);
    for portion in &portions {
        account.open.put(Portion {
            waits: None,
            expires_at: if begins {
                later_end(portion.expires_at, from_now)
            } else {
                portion.expires_at
            },
            ..portion.clone()
        });
    }
    let activated = account.close_entry(EntryDraft {
        portions,
        extended_to: if begins { from_now } else { None },
        ..draft
    });
    let mut drafts = vec![activated];
    drafts.extend(apply_due(account, stamp));
    Ok(drafts)
}

/// Returns the later of two ends, where there is a new one: no activation brings an end forward.
pub(super) fn later_end(end: Option<Timestamp>, new: Option<Timestamp>) -> Option<Timestamp> {
    end.map(|end| new.map_or(end, |new| new.max(end)))
}
