//! Taking stored value out for good: what was paid is paid back, what was given is forfeited.

use common::points::Points;

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind},
    refusal::Refusal,
    spend_points::take_available,
    stamp::Stamp,
};

/// Asks to take value out. What a wallet lets out at once does not hold for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeOut {
    /// How much.
    pub points: Points,
    /// As what.
    pub taken_as: TakenAs,
}

/// As what value is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenAs {
    /// To be paid in cash.
    Cash,
    /// Forfeited.
    Forfeit,
}

/// Takes value out.
pub(super) fn take_out(
    account: &mut Account,
    command: &TakeOut,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let (available, asked) = (account.amounts().available, command.points);
    if asked > available {
        return Err(Refusal::InsufficientPoints { available, asked });
    }
    let kind = match command.taken_as {
        TakenAs::Cash => EntryKind::CashOut,
        TakenAs::Forfeit => EntryKind::Forfeit,
    };
    let draft = account.open_entry(kind, asked, stamp);
    let portions = take_available(account, asked);
    Ok(vec![account.close_entry(EntryDraft { portions, ..draft })])
}
