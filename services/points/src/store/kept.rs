//! What the journal keeps of an event: only what its row does not say already. Private to the store, and not a contract.
//!
//! The entry of the contract is made again from both, the same for ever: what is answered to a repeated request is made of it. A field is never used for
//! something else, and one that is missing means what it means today.

use common::{
    ids::EntryId,
    journal::{journal_id_with, journal_noise},
    points::Points,
    time,
};
use prost::Message;
use proto::points::{self as pb, points_event::Event};
use uuid::Uuid;

use super::{
    entry::{EntryMark, entry_to_wire, kind_from_wire, kind_to_wire},
    instant,
    kept_portion::KeptPortion,
    place::Place,
};
use crate::domain::{Amounts, EntryDraft, EntryKind, FunderCode, Notice, WalletCode};

/// An event as it is kept.
#[derive(Clone, PartialEq, Message)]
pub struct Kept {
    #[prost(enumeration = "pb::EntryKind", tag = "1")]
    kind: i32,
    #[prost(string, tag = "2")]
    wallet: String,
    #[prost(int64, tag = "3")]
    points: i64,
    /// What is random in the entry's id.
    #[prost(fixed32, tag = "4")]
    noise: u32,
    #[prost(bool, tag = "5")]
    by_request: bool,
    /// The request that made it, where the row does not remember it.
    #[prost(string, tag = "6")]
    request_id: String,
    /// Whether the reference is the request id.
    #[prost(bool, tag = "7")]
    is_own_reference: bool,
    #[prost(string, tag = "8")]
    reference: String,
    #[prost(message, repeated, tag = "9")]
    portions: Vec<KeptPortion>,
    /// Of an earning that made one portion, that portion; its points are the entry's.
    #[prost(sint64, optional, tag = "10")]
    activates: Option<i64>,
    #[prost(sint64, optional, tag = "11")]
    expires: Option<i64>,
    #[prost(sint64, optional, tag = "12")]
    hold_expires: Option<i64>,
    #[prost(int64, tag = "13")]
    debt_points: i64,
    #[prost(int64, tag = "14")]
    lost_points: i64,
    #[prost(bytes = "vec", tag = "15")]
    related_entry_id: Vec<u8>,
    #[prost(int64, tag = "16")]
    available_after: i64,
    #[prost(int64, tag = "17")]
    pending_after: i64,
    #[prost(int64, tag = "18")]
    held_after: i64,
    #[prost(int64, tag = "19")]
    debt_after: i64,
    /// A version of a wallet; then there is no entry.
    #[prost(message, optional, tag = "20")]
    wallet_published: Option<pb::WalletPublished>,
    #[prost(int64, tag = "21")]
    first_number: i64,
    #[prost(string, tag = "22")]
    activates_on: String,
    #[prost(sint64, optional, tag = "23")]
    extended_to: Option<i64>,
    #[prost(bytes = "vec", tag = "24")]
    other_member: Vec<u8>,
    /// What somebody tried by hand; then there is no entry.
    #[prost(message, optional, tag = "25")]
    attempt: Option<pb::AdjustmentAttempt>,
    #[prost(string, tag = "26")]
    funder: String,
    /// What the member is told of points that lapse, but for whom; then there is no entry.
    #[prost(message, optional, tag = "27")]
    expiring: Option<pb::PointsExpiring>,
}

/// With what the bytes of a notice begin, which holds nothing else: the tag of its field.
const NOTICE: [u8; 2] = [0xda, 0x01];

impl Kept {
    /// Keeps an entry. `remembered` says whether its row will remember the request.
    pub fn entry(draft: &EntryDraft, mark: &EntryMark<'_>, remembered: bool) -> Kept {
        let by_request = draft.by_request;
        let is_own_reference = by_request && !mark.reference.is_empty() && mark.reference == mark.request_id;
        let (lot, portions) = match draft.portions.as_slice() {
            [lot] if draft.kind == EntryKind::Earn => (KeptPortion::pack(lot), Vec::new()),
            portions => (KeptPortion::default(), portions.iter().map(KeptPortion::pack).collect()),
        };
        let text = |wanted: bool, text: &str| if wanted { text.to_owned() } else { String::new() };
        let related = draft.related_entry_id.map(|id| id.uuid().as_bytes().to_vec());
        Kept {
            kind: kind_to_wire(draft.kind).into(),
            wallet: draft.wallet.to_string(),
            points: draft.points.get(),
            noise: journal_noise(draft.entry_id.uuid()),
            by_request,
            request_id: text(by_request && !remembered, mark.request_id),
            is_own_reference,
            reference: text(by_request && !is_own_reference, mark.reference),
            portions,
            first_number: lot.first_number,
            activates: lot.activates,
            activates_on: lot.activates_on,
            expires: lot.expires,
            extended_to: draft.extended_to.map(instant::pack),
            other_member: draft
                .other_member
                .map(|id| id.uuid().as_bytes().to_vec())
                .unwrap_or_default(),
            hold_expires: draft.hold_expires_at.map(instant::pack),
            debt_points: draft.debt_points.get(),
            lost_points: draft.lost_points.get(),
            related_entry_id: related.unwrap_or_default(),
            available_after: draft.after.available.get(),
            pending_after: draft.after.pending.get(),
            held_after: draft.after.held.get(),
            debt_after: draft.after.debt.get(),
            wallet_published: None,
            attempt: None,
            funder: draft.funder.as_ref().map(FunderCode::to_string).unwrap_or_default(),
            expiring: None,
        }
    }

    /// Keeps what a member is told of points in a wallet that lapse.
    pub fn notice(wallet: &WalletCode, notice: &Notice) -> Kept {
        let expiring = pb::PointsExpiring {
            member_id: String::new(),
            wallet: wallet.to_string(),
            points: notice.points.get(),
            on: notice.on.to_string(),
            expires_at: Some(time::to_wire(notice.expires_at)),
            lead_days: notice.lead_days.into(),
            days_left: notice.days_left.into(),
        };
        Kept {
            expiring: Some(expiring),
            ..Kept::default()
        }
    }

    /// Tells of an event that is kept whether it is a notice, without reading it.
    pub fn is_notice(event: &[u8]) -> bool {
        event.starts_with(&NOTICE)
    }

    /// Keeps a version of a wallet.
    pub fn wallet(published: pb::WalletPublished) -> Kept {
        Kept {
            wallet_published: Some(published),
            ..Kept::default()
        }
    }

    /// Keeps an attempt to give or take points by hand.
    pub fn attempt(attempt: pb::AdjustmentAttempt) -> Kept {
        Kept {
            attempt: Some(attempt),
            ..Kept::default()
        }
    }

    /// Tells whether this is an entry.
    pub fn is_entry(&self) -> bool {
        self.wallet_published.is_none() && self.attempt.is_none() && self.expiring.is_none()
    }

    /// Returns the attempt again; nothing when this is none.
    pub fn into_attempt(self, place: &Place<'_>) -> Option<pb::AdjustmentAttempt> {
        let attempt = self.attempt?;
        Some(pb::AdjustmentAttempt {
            recorded_at: Some(time::to_wire(place.recorded_at)),
            ..attempt
        })
    }

    /// Tells of an event that is kept whether a request made it, without reading the rest.
    pub fn is_by_request(event: &[u8]) -> bool {
        #[derive(Clone, Copy, PartialEq, Message)]
        struct Made {
            #[prost(bool, tag = "5")]
            by_request: bool,
        }
        Made::decode(event).is_ok_and(|made| made.by_request)
    }

    /// Makes the event of the contract again; nothing when this makes no sense.
    pub fn into_event(self, place: &Place<'_>) -> Option<Event> {
        if let Some(published) = self.wallet_published {
            return Some(Event::WalletPublished(published));
        }
        if self.attempt.is_some() {
            let attempt = self.into_attempt(place);
            return Some(Event::AdjustmentAttempted(pb::AdjustmentAttempted { attempt }));
        }
        if let Some(expiring) = self.expiring {
            let member_id = place.member_id.to_string();
            return Some(Event::PointsExpiring(pb::PointsExpiring { member_id, ..expiring }));
        }
        let entry = Some(self.into_entry(place)?);
        Some(Event::EntryPosted(pb::EntryPosted { entry }))
    }

    /// Makes the entry of the contract again.
    pub fn into_entry(self, place: &Place<'_>) -> Option<pb::Entry> {
        let draft = self.draft(place)?;
        let request_id = if self.request_id.is_empty() {
            place.request_id.unwrap_or_default()
        } else {
            &self.request_id
        };
        let reference = if self.is_own_reference {
            request_id
        } else {
            &self.reference
        };
        let mark = EntryMark {
            member_id: place.member_id,
            request_id,
            reference,
            recorded_at: place.recorded_at,
        };
        Some(entry_to_wire(&draft, &mark))
    }

    /// Makes again what was decided.
    pub fn draft(&self, place: &Place<'_>) -> Option<EntryDraft> {
        let lot = KeptPortion {
            first_number: self.first_number,
            points: self.points,
            activates: self.activates,
            expires: self.expires,
            activates_on: self.activates_on.clone(),
        };
        let portions = if self.first_number > 0 {
            std::slice::from_ref(&lot)
        } else {
            &self.portions
        };
        let related_entry_id = match self.related_entry_id.as_slice() {
            [] => None,
            bytes => Some(entry_id(bytes)?),
        };
        let other_member = match self.other_member.as_slice() {
            [] => None,
            bytes => Some(Uuid::from_slice(bytes).ok()?.into()),
        };
        let funder = match self.funder.as_str() {
            "" => None,
            code => Some(FunderCode::new(code)?),
        };
        Some(EntryDraft {
            entry_id: journal_id_with(place.recorded_at, place.shard, place.seq, self.noise).into(),
            seq: place.seq,
            wallet: WalletCode::new(&self.wallet)?,
            kind: kind_from_wire(self.kind())?,
            points: Points::new(self.points)?,
            portions: portions.iter().map(KeptPortion::unpack).collect::<Option<_>>()?,
            extended_to: instant::unpack_optional(self.extended_to)?,
            other_member,
            funder,
            debt_points: Points::new(self.debt_points)?,
            lost_points: Points::new(self.lost_points)?,
            related_entry_id,
            hold_expires_at: instant::unpack_optional(self.hold_expires)?,
            by_request: self.by_request,
            occurred_at: place.occurred_at,
            after: Amounts {
                available: Points::new(self.available_after)?,
                pending: Points::new(self.pending_after)?,
                held: Points::new(self.held_after)?,
                debt: Points::new(self.debt_after)?,
            },
        })
    }
}

fn entry_id(bytes: &[u8]) -> Option<EntryId> {
    Uuid::from_slice(bytes).ok().map(EntryId::from)
}

#[cfg(test)]
mod tests;
