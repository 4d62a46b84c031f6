//! Giving spent points back.

use common::{canary, points::Points};
use jiff::Timestamp;

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind, Original},
    portions::Portion,
    refusal::Refusal,
    stamp::Stamp,
    wallet::Wallet,
};

/// Asks to give spent points back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreSpend {
    /// The spend, the capture, or another entry by which points were taken out.
    pub original: Original,
    /// How many; nothing for what is left of it to restore.
    pub points: Option<Points>,
    /// Who changed their mind.
    pub initiator: Initiator,
}

/// Who changed their mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// The member did: what has lapsed in the meantime is lost, so that nobody spends and cancels to keep points alive.
    Member,
    /// The merchant or one of its systems did: what has lapsed in the meantime lives on for the wallet's grace.
    Merchant,
}

/// Gives spent points back: the very points that were spent, with their dates.
pub(super) fn restore_spend(
    account: &mut Account,
    wallet: &Wallet,
    command: &RestoreSpend,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let original = &command.original;
    if !matches!(
        original.kind,
        EntryKind::Spend | EntryKind::Capture | EntryKind::TransferOut | EntryKind::CashOut | EntryKind::Forfeit
    ) {
        return Err(Refusal::NotRestorable {
            entry_id: original.entry_id,
            kind: original.kind,
        });
    }
    let points = account.claim(original, command.points)?;
    account.check_room(points)?;

    let draft = account.open_entry(EntryKind::Restore, points, stamp);
    let before = account.taken_back_of(original.seq).points;
    let portions: Vec<Portion> = last_spent(&original.portions, before, points)
        .into_iter()
        .map(|portion| account.bring_to_life(portion, wallet, command.initiator, stamp.now))
        .collect();
    let lost_points = account.put_back(&portions, stamp.now);
    account.note_taken_back(original.seq, points, Points::ZERO);
    let restored = EntryDraft {
        portions,
        lost_points,
        related_entry_id: Some(original.entry_id),
        other_member: original.other_member,
        ..draft
    };
    Ok(vec![account.close_entry(restored)])
}

/// Returns the points that a smaller spend would not have taken: the last ones, without those that came back before. So it does not
/// matter in how many steps a spend is restored.
fn last_spent(portions: &[Portion], mut before: Points, mut points: Points) -> Vec<Portion> {
    let mut last = Vec::new();
    for portion in portions.iter().rev() {
        let (left, back_before) = portion.split(portion.points().saturating_sub(before));
        let (_, back_now) = left.split(left.points().saturating_sub(points));
        before = before.saturating_sub(back_before.points());
        points = points.saturating_sub(back_now.points());
        if !back_now.points().is_zero() {
            last.push(back_now);
        }
    }
    last
}

impl Account {
    /// Returns spent points as they come back: what lives on with every activity lives as long as the rest of it, and what has lapsed all the same lives
    /// on for the wallet's grace when the merchant gives it back.
    fn bring_to_life(&self, portion: Portion, wallet: &Wallet, initiator: Initiator, now: Timestamp) -> Portion {
        let expires_at = if wallet.lives_on() {
            portion.expires_at.max(self.slides_until)
        } else {
            portion.expires_at
        };
        let expires_at = expires_at.filter(|_| !canary::sings("restored-as-new"));
        let portion = Portion { expires_at, ..portion };
        let is_revived = initiator == Initiator::Merchant && !wallet.restore_grace.is_zero() && portion.has_lapsed(now);
        Portion {
            expires_at: if is_revived {
                now.checked_add(wallet.restore_grace).ok()
            } else {
                portion.expires_at
            },
            ..portion
        }
    }
}
