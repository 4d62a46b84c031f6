//! Taking an earning back.

use common::points::Points;

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind, Original},
    portions::Portion,
    refusal::Refusal,
    stamp::Stamp,
    wallet::{OverdraftPolicy, Wallet},
};

/// Asks to take an earning back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseEntry {
    /// The earning.
    pub original: Original,
    /// How many; nothing for what is left of it to reverse.
    pub points: Option<Points>,
}

/// Takes an earning back: its own points, pending or available; then what of it has lapsed counts as recovered; then from the
/// member's other available points, those that lapse first coming first. What is missing is waived or becomes a debt. What is held stays held.
pub(super) fn reverse_entry(
    account: &mut Account,
    wallet: &Wallet,
    command: &ReverseEntry,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let original = &command.original;
    if original.kind != EntryKind::Earn {
        return Err(Refusal::NotReversible {
            entry_id: original.entry_id,
            kind: original.kind,
        });
    }
    let points = account.claim(original, command.points)?;
    let plan = Recovery::plan(account, wallet.overdraft, original, points);
    let debt_points = match wallet.overdraft {
        OverdraftPolicy::PendingOnly | OverdraftPolicy::Forbid => Points::ZERO,
        OverdraftPolicy::CarryDebt { limit: None } => plan.missing,
        OverdraftPolicy::CarryDebt { limit: Some(limit) } => plan.missing.min(limit.saturating_sub(account.debt)),
    };
    let lost_points = plan.missing.saturating_sub(debt_points);
    let debt = account.debt.checked_add(debt_points);
    let debt = debt.ok_or_else(|| Refusal::BalanceOutOfRange {
        wallet: account.wallet.clone(),
    })?;

    let draft = account.open_entry(EntryKind::Reverse, points, stamp);
    let may = |portion: &Portion| portion.is_pending() || wallet.overdraft != OverdraftPolicy::PendingOnly;
    let mut portions = account.open.take_of(original.numbers(), plan.own, may);
    // Others are taken only when nothing of its own is left.
    portions.extend(account.open.take(plan.others, |portion| !portion.is_pending()));
    account.debt = debt;
    account.note_taken_back(original.seq, points, plan.lapsed);
    let reversed = EntryDraft {
        portions,
        debt_points,
        lost_points,
        related_entry_id: Some(original.entry_id),
        funder: original.funder.clone(),
        ..draft
    };
    Ok(vec![account.close_entry(reversed)])
}

/// Where the points of a reversal are found. The parts sum to what was asked.
struct Recovery {
    own: Points,
    lapsed: Points,
    others: Points,
    missing: Points,
}

impl Recovery {
    fn plan(account: &Account, policy: OverdraftPolicy, original: &Original, points: Points) -> Recovery {
        let numbers = original.numbers();
        if policy == OverdraftPolicy::PendingOnly {
            let own = points.min(account.open.count_of(numbers, Portion::is_pending));
            return Recovery {
                own,
                lapsed: Points::ZERO,
                others: Points::ZERO,
                missing: points.saturating_sub(own),
            };
        }
        let own_points = account.open.count_of(numbers, |_| true);
        let is_available = |portion: &Portion| !portion.is_pending();
        let other_points = account
            .open
            .count(is_available)
            .saturating_sub(account.open.count_of(numbers, is_available));
        let uncounted = account
            .lapsed_of(original)
            .saturating_sub(account.taken_back_of(original.seq).lapsed);

        let own = points.min(own_points);
        let missing = points.saturating_sub(own);
        let lapsed = missing.min(uncounted);
        let missing = missing.saturating_sub(lapsed);
        let others = missing.min(other_points);
        Recovery {
            own,
            lapsed,
            others,
            missing: missing.saturating_sub(others),
        }
    }
}
