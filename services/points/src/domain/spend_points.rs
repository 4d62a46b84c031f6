//! Debiting points.

use common::points::Points;

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind},
    portions::Portion,
    refusal::Refusal,
    stamp::Stamp,
    wallet::Wallet,
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
    wallet: &Wallet,
    command: &SpendPoints,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    check_available(account, wallet, command.points)?;
    let draft = account.open_entry(EntryKind::Spend, command.points, stamp);
    let portions = take_available(account, command.points);
    Ok(vec![account.close_entry(EntryDraft { portions, ..draft })])
}

/// Refuses to take more than is available, or than may be taken at once.
pub(super) fn check_available(account: &Account, wallet: &Wallet, asked: Points) -> Result<(), Refusal> {
    if let Some(most) = wallet.caps.debit.filter(|most| asked > *most) {
        return Err(Refusal::OverLimit { most, asked });
    }
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
