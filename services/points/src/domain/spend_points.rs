//! Debiting points.

use common::points::Points;

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind},
    portions::Portion,
    refusal::Refusal,
    stamp::Stamp,
};

/// Asks to debit points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendPoints {
    /// How many.
    pub points: Points,
}

/// Debits points: those that lapse first go first.
pub(super) fn spend_points(
    account: &mut Account,
    command: &SpendPoints,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    check_available(account, command.points)?;
    let draft = account.open_entry(EntryKind::Spend, command.points, stamp);
    let portions = take_available(account, command.points);
    Ok(vec![account.close_entry(EntryDraft { portions, ..draft })])
}

/// Refuses to take more than is available.
pub(super) fn check_available(account: &Account, asked: Points) -> Result<(), Refusal> {
    let available = account.amounts().available;
    if asked <= available {
        Ok(())
    } else {
        Err(Refusal::InsufficientPoints { available, asked })
    }
}

/// Takes available points, those that lapse first coming first.
pub(super) fn take_available(account: &mut Account, points: Points) -> Vec<Portion> {
    account.open.take(points, |portion| !portion.is_pending())
}
