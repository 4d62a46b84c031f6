//! Entries, as decided and as they are kept: the message of the contract is the stored form.

use common::{ids::EntryId, ids::MemberId, points::Points, time};
use jiff::Timestamp;
use proto::points as pb;

use crate::domain::{Amounts, EntryDraft, EntryKind, LotPart, WalletCode};

/// What an entry carries besides what was decided.
#[derive(Clone, Copy, Debug)]
pub struct EntryMark<'a> {
    /// Whose it is.
    pub member_id: MemberId,
    /// The request that made it.
    pub request_id: &'a str,
    /// What it is about.
    pub reference: &'a str,
    /// When it is recorded.
    pub recorded_at: Timestamp,
}

/// Returns an entry as it is kept. What the service did by itself carries no request and no reference.
pub fn entry_to_wire(draft: &EntryDraft, mark: &EntryMark<'_>) -> pb::Entry {
    let (request_id, reference) = if draft.by_request {
        (mark.request_id, mark.reference)
    } else {
        ("", "")
    };
    pb::Entry {
        entry_id: draft.entry_id.to_string(),
        member_id: mark.member_id.to_string(),
        wallet: draft.wallet.to_string(),
        kind: kind_to_wire(draft.kind).into(),
        points: draft.points.get(),
        lots: draft.lots.iter().map(lot_move_to_wire).collect(),
        activates_at: draft.activates_at.map(time::to_wire),
        expires_at: draft.expires_at.map(time::to_wire),
        debt_points: draft.debt_points.get(),
        lost_points: draft.lost_points.get(),
        related_entry_id: draft.related_entry_id.map(|id| id.to_string()).unwrap_or_default(),
        hold_expires_at: draft.hold_expires_at.map(time::to_wire),
        reference: reference.to_owned(),
        request_id: request_id.to_owned(),
        occurred_at: Some(time::to_wire(draft.occurred_at)),
        recorded_at: Some(time::to_wire(mark.recorded_at)),
        after: Some(amounts_to_wire(draft.after)),
    }
}

/// Reads an entry that was kept; nothing when it is not one.
pub fn entry_from_wire(seq: i64, entry: &pb::Entry) -> Option<EntryDraft> {
    let after = entry.after.unwrap_or_default();
    Some(EntryDraft {
        entry_id: entry.entry_id.parse().ok()?,
        seq,
        wallet: WalletCode::new(&entry.wallet)?,
        kind: kind_from_wire(entry.kind())?,
        points: Points::new(entry.points)?,
        lots: entry.lots.iter().map(lot_part).collect::<Option<_>>()?,
        activates_at: entry.activates_at.and_then(time::from_wire),
        expires_at: entry.expires_at.and_then(time::from_wire),
        debt_points: Points::new(entry.debt_points)?,
        lost_points: Points::new(entry.lost_points)?,
        related_entry_id: optional_id(&entry.related_entry_id)?,
        hold_expires_at: entry.hold_expires_at.and_then(time::from_wire),
        by_request: !entry.request_id.is_empty(),
        occurred_at: time::from_wire(entry.occurred_at?)?,
        after: Amounts {
            available: Points::new(after.available)?,
            pending: Points::new(after.pending)?,
            held: Points::new(after.held)?,
            debt: Points::new(after.debt)?,
        },
    })
}

/// Returns some points of a lot as they travel.
fn lot_move_to_wire(part: &LotPart) -> pb::LotMove {
    pb::LotMove {
        lot_id: part.lot_id.to_string(),
        points: part.points.get(),
        expires_at: part.expires_at.map(time::to_wire),
        activates_at: part.activates_at.map(time::to_wire),
        earned_at: Some(time::to_wire(part.earned_at)),
    }
}

fn lot_part(moved: &pb::LotMove) -> Option<LotPart> {
    Some(LotPart {
        lot_id: moved.lot_id.parse().ok()?,
        earned_at: time::from_wire(moved.earned_at?)?,
        activates_at: moved.activates_at.and_then(time::from_wire),
        expires_at: moved.expires_at.and_then(time::from_wire),
        points: Points::new(moved.points)?,
    })
}

fn optional_id(text: &str) -> Option<Option<EntryId>> {
    if text.is_empty() {
        Some(None)
    } else {
        text.parse().ok().map(Some)
    }
}

/// Returns amounts as they travel.
pub fn amounts_to_wire(amounts: Amounts) -> pb::Amounts {
    pb::Amounts {
        available: amounts.available.get(),
        pending: amounts.pending.get(),
        held: amounts.held.get(),
        debt: amounts.debt.get(),
    }
}

fn kind_to_wire(kind: EntryKind) -> pb::EntryKind {
    match kind {
        EntryKind::Earn => pb::EntryKind::Earn,
        EntryKind::Activate => pb::EntryKind::Activate,
        EntryKind::Spend => pb::EntryKind::Spend,
        EntryKind::Hold => pb::EntryKind::Hold,
        EntryKind::Capture => pb::EntryKind::Capture,
        EntryKind::Release => pb::EntryKind::Release,
        EntryKind::Expire => pb::EntryKind::Expire,
        EntryKind::Reverse => pb::EntryKind::Reverse,
        EntryKind::Restore => pb::EntryKind::Restore,
    }
}

fn kind_from_wire(kind: pb::EntryKind) -> Option<EntryKind> {
    Some(match kind {
        pb::EntryKind::Unspecified => return None,
        pb::EntryKind::Earn => EntryKind::Earn,
        pb::EntryKind::Activate => EntryKind::Activate,
        pb::EntryKind::Spend => EntryKind::Spend,
        pb::EntryKind::Hold => EntryKind::Hold,
        pb::EntryKind::Capture => EntryKind::Capture,
        pb::EntryKind::Release => EntryKind::Release,
        pb::EntryKind::Expire => EntryKind::Expire,
        pb::EntryKind::Reverse => EntryKind::Reverse,
        pb::EntryKind::Restore => EntryKind::Restore,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_back_as_it_was_decided() {
        let points = |number| Points::new(number).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let lot_id = EntryId::new();
        let draft = EntryDraft {
            entry_id: EntryId::new(),
            seq: 9,
            wallet: WalletCode::new("growth").unwrap(),
            kind: EntryKind::Release,
            points: points(40),
            lots: vec![LotPart {
                lot_id,
                earned_at: at("2025-03-01T08:00:00.000001Z"),
                activates_at: None,
                expires_at: Some(at("2026-03-31T22:00:00Z")),
                points: points(40),
            }],
            activates_at: None,
            expires_at: None,
            debt_points: Points::ZERO,
            lost_points: points(1),
            related_entry_id: Some(EntryId::new()),
            hold_expires_at: Some(at("2026-01-01T00:15:00Z")),
            by_request: true,
            occurred_at: at("2026-01-01T00:00:00Z"),
            after: Amounts {
                available: points(40),
                pending: points(2),
                held: points(3),
                debt: points(4),
            },
        };
        let recorded_at = at("2026-01-01T00:00:01Z");
        let mark = EntryMark {
            member_id: MemberId::new(),
            request_id: "r-1",
            reference: "order-1",
            recorded_at,
        };
        let wire = entry_to_wire(&draft, &mark);
        assert_eq!((wire.request_id.as_str(), wire.reference.as_str()), ("r-1", "order-1"));
        assert_eq!(entry_from_wire(9, &wire), Some(draft.clone()));

        let by_itself = entry_to_wire(
            &EntryDraft {
                by_request: false,
                ..draft
            },
            &mark,
        );
        assert_eq!((by_itself.request_id.as_str(), by_itself.reference.as_str()), ("", ""));
    }
}
