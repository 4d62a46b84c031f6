//! Forgiving a debt.

use common::points::Points;

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind},
    refusal::Refusal,
    stamp::Stamp,
};

/// Asks to forgive a debt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOffDebt {
    /// How many points; nothing for all that is owed.
    pub points: Option<Points>,
}

/// Forgives a debt, all or some of it.
pub(super) fn write_off_debt(
    account: &mut Account,
    command: &WriteOffDebt,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let points = command.points.unwrap_or(account.debt);
    if points.is_zero() || points > account.debt {
        return Err(Refusal::MoreThanOwed {
            owed: account.debt,
            asked: command.points.unwrap_or(Points::ZERO),
        });
    }
    let draft = account.open_entry(EntryKind::WriteOff, points, stamp);
    account.debt = account.debt.saturating_sub(points);
    Ok(vec![account.close_entry(draft)])
}
