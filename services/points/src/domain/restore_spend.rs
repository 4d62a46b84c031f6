//! Giving spent points back.

use common::points::Points;
use jiff::{SignedDuration, Timestamp};

use super::{
    account::Account,
    entry::{EntryDraft, EntryKind, Original},
    lots::LotPart,
    refusal::Refusal,
    stamp::Stamp,
};

/// How long points live on that had lapsed when the merchant gave them back.
const REVIVED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Asks to give spent points back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreSpend {
    /// The spend or capture.
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
    /// The merchant or one of its systems did: what has lapsed in the meantime lives on for a week.
    Merchant,
}

/// Gives spent points back to the lots they came from, with their dates.
pub(super) fn restore_spend(
    account: &mut Account,
    command: &RestoreSpend,
    stamp: &mut Stamp<'_>,
) -> Result<Vec<EntryDraft>, Refusal> {
    let original = &command.original;
    if !matches!(original.kind, EntryKind::Spend | EntryKind::Capture) {
        return Err(Refusal::NotRestorable {
            entry_id: original.entry_id,
            kind: original.kind,
        });
    }
    let points = account.claim(original, command.points)?;
    account.check_room(points)?;

    let draft = account.open_entry(EntryKind::Restore, points, stamp);
    let before = account.taken_back_of(original.entry_id).points;
    let lots: Vec<LotPart> = last_spent(&original.lots, before, points)
        .into_iter()
        .map(|part| revive(part, command.initiator, stamp.now))
        .collect();
    let lost_points = account.put_back(&lots, stamp.now);
    account.note_taken_back(original.entry_id, points, Points::ZERO);
    let restored = EntryDraft {
        lots,
        lost_points,
        related_entry_id: Some(original.entry_id),
        ..draft
    };
    Ok(vec![account.close_entry(restored)])
}

/// Returns the points that a smaller spend would not have taken: the last ones, without those that came back before. So it does not
/// matter in how many steps a spend is restored.
fn last_spent(lots: &[LotPart], mut before: Points, mut points: Points) -> Vec<LotPart> {
    let mut last = Vec::new();
    for part in lots.iter().rev() {
        let skipped = part.points.min(before);
        let taken = part.points.saturating_sub(skipped).min(points);
        before = before.saturating_sub(skipped);
        points = points.saturating_sub(taken);
        if !taken.is_zero() {
            last.push(part.of(taken));
        }
    }
    last
}

fn revive(part: LotPart, initiator: Initiator, now: Timestamp) -> LotPart {
    if initiator == Initiator::Merchant && part.has_lapsed(now) {
        return LotPart {
            expires_at: now.checked_add(REVIVED_FOR).ok(),
            ..part
        };
    }
    part
}
