//! Crediting points.

use common::points::Points;
use jiff::Timestamp;

use super::{
    account::Account,
    due::apply_due,
    entry::{EntryDraft, EntryKind},
    portions::Portion,
    refusal::Refusal,
    stamp::Stamp,
    wallet::Wallet,
};

/// Asks to credit points, as a lot of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarnPoints {
    /// How many.
    pub points: Points,
    /// When it happened in the business; nothing for now.
    pub occurred_at: Option<Timestamp>,
    /// When the points become available; nothing for at once.
    pub activates_at: Option<Timestamp>,
}

/// Credits points. A debt is settled first; points that would have lapsed by now lapse at once.
pub(super) fn earn_points(
    account: &mut Account,
    wallet: &Wallet,
    command: &EarnPoints,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let occurred_at = command.occurred_at.unwrap_or(stamp.now);
    if occurred_at > stamp.now {
        return Err(Refusal::OccurredInFuture { now: stamp.now });
    }
    account.check_room(command.points)?;

    let draft = account.open_entry(EntryKind::Earn, command.points, stamp);
    let debt_points = account.debt.min(command.points);
    let activates_at = command.activates_at.filter(|activates_at| *activates_at > stamp.now);
    let expires_at = wallet.expiry.expires_at(occurred_at, &wallet.zone);
    account.debt = account.debt.saturating_sub(debt_points);
    let lot = Portion {
        numbers: account.issue(command.points),
        activates_at,
        expires_at,
    };
    let (_, rest) = lot.split(debt_points);
    account.open.put(rest);
    let earned = account.close_entry(EntryDraft {
        portions: vec![lot],
        debt_points,
        occurred_at,
        ..draft
    });

    let mut drafts = vec![earned];
    drafts.extend(apply_due(account, stamp));
    Ok(drafts)
}
