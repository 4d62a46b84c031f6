//! Entries as they travel.

use common::{ids::MemberId, points::Points, time};
use jiff::Timestamp;
use proto::points as pb;

use crate::domain::{EntryDraft, EntryKind, EventName, FunderCode, Numbers, PastAmounts, Portion};

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

/// Returns an entry as it travels. What the service did by itself carries no request and no reference.
pub fn entry_to_wire(draft: &EntryDraft, mark: &EntryMark<'_>) -> pb::Entry {
    let (request_id, reference) = if draft.by_request {
        (mark.request_id, mark.reference)
    } else {
        ("", "")
    };
    let lot = draft.portions.first().filter(|_| draft.kind == EntryKind::Earn);
    pb::Entry {
        entry_id: draft.entry_id.to_string(),
        member_id: mark.member_id.to_string(),
        wallet: draft.wallet.to_string(),
        kind: kind_to_wire(draft.kind).into(),
        points: draft.points.get(),
        portions: draft.portions.iter().map(portion_to_wire).collect(),
        activates_at: lot.and_then(Portion::activates_at).map(time::to_wire),
        expires_at: lot.and_then(|lot| lot.expires_at).map(time::to_wire),
        debt_points: draft.debt_points.get(),
        lost_points: draft.lost_points.get(),
        related_entry_id: draft.related_entry_id.map(|id| id.to_string()).unwrap_or_default(),
        hold_expires_at: draft.hold_expires_at.map(time::to_wire),
        reference: reference.to_owned(),
        request_id: request_id.to_owned(),
        occurred_at: Some(time::to_wire(draft.occurred_at)),
        recorded_at: Some(time::to_wire(mark.recorded_at)),
        after: Some(amounts_to_wire(draft.after)),
        extended_to: draft.extended_to.map(time::to_wire),
        other_member_id: draft.other_member.map(|id| id.to_string()).unwrap_or_default(),
        funder: draft.funder.as_ref().map(FunderCode::to_string).unwrap_or_default(),
    }
}

/// Returns points as they travel.
pub fn portion_to_wire(portion: &Portion) -> pb::Portion {
    pb::Portion {
        first_number: portion.numbers.first,
        points: portion.points().get(),
        expires_at: portion.expires_at.map(time::to_wire),
        activates_at: portion.activates_at().map(time::to_wire),
        activates_on: portion.event().map(EventName::to_string).unwrap_or_default(),
    }
}

/// Reads points that are available; nothing when they make no sense.
pub fn portion_from_wire(wire: &pb::Portion) -> Option<Portion> {
    let expires_at = match wire.expires_at.as_ref() {
        Some(at) => Some(time::from_wire(*at)?),
        None => None,
    };
    Some(Portion {
        numbers: Numbers {
            first: wire.first_number,
            points: Points::new(wire.points)?,
        },
        waits: None,
        expires_at,
    })
}

/// Returns amounts as they travel.
pub fn amounts_to_wire(amounts: impl Into<PastAmounts>) -> pb::Amounts {
    let amounts = amounts.into();
    pb::Amounts {
        available: amounts.available,
        pending: amounts.pending,
        held: amounts.held,
        debt: amounts.debt,
    }
}

/// Returns a kind as it travels.
pub fn kind_to_wire(kind: EntryKind) -> pb::EntryKind {
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
        EntryKind::Extend => pb::EntryKind::Extend,
        EntryKind::ExtendHold => pb::EntryKind::ExtendHold,
        EntryKind::WriteOff => pb::EntryKind::WriteOff,
        EntryKind::TransferOut => pb::EntryKind::TransferOut,
        EntryKind::TransferIn => pb::EntryKind::TransferIn,
        EntryKind::CashOut => pb::EntryKind::CashOut,
        EntryKind::Forfeit => pb::EntryKind::Forfeit,
    }
}

/// Reads a kind.
pub(super) fn kind_from_wire(kind: pb::EntryKind) -> Option<EntryKind> {
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
        pb::EntryKind::Extend => EntryKind::Extend,
        pb::EntryKind::ExtendHold => EntryKind::ExtendHold,
        pb::EntryKind::WriteOff => EntryKind::WriteOff,
        pb::EntryKind::TransferOut => EntryKind::TransferOut,
        pb::EntryKind::TransferIn => EntryKind::TransferIn,
        pb::EntryKind::CashOut => EntryKind::CashOut,
        pb::EntryKind::Forfeit => EntryKind::Forfeit,
    })
}
