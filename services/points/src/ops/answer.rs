//! What was answered: an answer holds the entries that its request made, so that the journal need not keep most answers a second time.

use bytes::Bytes;
use common::journal::JournalRow;
use prost::Message;
use proto::points as pb;
use sqlx::error::BoxDynError;

use super::{
    activate_points,
    adjust::{self, Attempted},
    balance_token, capture_hold, capture_stored_value, cash_out, earn_points, extend_hold, extend_points, hold_points,
    hold_stored_value, post_batch,
    receive_transfer::{self, Received},
    refund_stored_value, release_hold, restore_spend, return_transfer, reverse_entry, spend_points, spend_stored_value,
    top_up, transfer_points, write_off_debt,
};
use crate::store::{Kept, Place};

/// What is kept begins with one of these.
const WHOLE: u8 = 0;
/// The answer is the row's own entry, and the balance token of its place, whose tag follows.
const OWN_ENTRY: u8 = 1;

/// The form that most answers have: entries, and a balance token.
#[derive(Clone, PartialEq, Message)]
struct Entries {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    entries: Vec<Bytes>,
    #[prost(string, tag = "2")]
    balance_token: String,
}

/// Returns what is to be kept of an answer on the row that remembers its request.
pub fn fold(row: &JournalRow, method: i16, answer: &Bytes) -> Bytes {
    rest_beside_entry(row, method, answer).map_or_else(|| tagged(WHOLE, answer), |tag| tagged(OWN_ENTRY, &tag))
}

/// Makes the answer again of what was kept.
pub fn unfold(row: &JournalRow, kept: &Bytes) -> Result<Bytes, BoxDynError> {
    match kept.first() {
        Some(&WHOLE) => Ok(kept.slice(1..)),
        Some(&OWN_ENTRY) => {
            let entry = Kept::decode(row.event.clone())?.into_entry(&Place::of(row));
            let entry = entry.ok_or("the entry of a kept answer makes no sense")?;
            let answer = Entries {
                entries: vec![entry.encode_to_vec().into()],
                balance_token: balance_token::token_of(row.seq, &kept[1..]),
            };
            Ok(answer.encode_to_vec().into())
        }
        _ => Err("a kept answer begins with an unknown byte".into()),
    }
}

/// Tells whether a request is remembered only because it was refused.
pub fn was_refused(row: &JournalRow) -> Result<bool, BoxDynError> {
    match &row.request {
        Some(request) if matches!(request.method, adjust::PROPOSE | adjust::APPROVE | adjust::REJECT) => {
            Ok(Attempted::decode(unfold(row, &request.answer)?)?.is_refused())
        }
        _ => Ok(false),
    }
}

/// Returns the entries that a request made, in order, from the row that remembers it.
pub fn entries_of_request(row: &JournalRow) -> Result<Vec<pb::Entry>, BoxDynError> {
    let Some(request) = &row.request else {
        return Ok(Vec::new());
    };
    let answer = unfold(row, &request.answer)?;
    let entry = match request.method {
        capture_hold::METHOD => pb::CaptureHoldResponse::decode(answer)?.entry,
        release_hold::METHOD => pb::ReleaseHoldResponse::decode(answer)?.entry,
        hold_points::METHOD => pb::HoldPointsResponse::decode(answer)?.entry,
        extend_hold::METHOD => pb::ExtendHoldResponse::decode(answer)?.entry,
        receive_transfer::METHOD => Received::decode(answer)?.entry,
        adjust::APPROVE => Attempted::decode(answer)?.approved_entry(),
        method if is_entries(method) => return Ok(pb::PostBatchResponse::decode(answer)?.entries),
        _ => None,
    };
    Ok(entry.into_iter().collect())
}

/// What an answer says that its request made.
#[derive(Debug)]
pub struct Made {
    /// The entries, in order.
    pub entry_ids: Vec<String>,
    /// Stands for the state after them.
    pub balance_token: String,
}

/// The id of an entry, without the rest of it.
#[derive(Clone, PartialEq, Message)]
struct EntryId {
    #[prost(string, tag = "1")]
    entry_id: String,
}

/// The form that answers have which tell of a hold too.
#[derive(Clone, PartialEq, Message)]
struct HoldAndEntry {
    #[prost(message, optional, tag = "2")]
    entry: Option<EntryId>,
    #[prost(string, tag = "3")]
    balance_token: String,
}

/// Returns what an answer says that its request made.
pub fn made_by(method: i16, answer: &Bytes) -> Result<Made, prost::DecodeError> {
    if is_entries(method) {
        let answer = Entries::decode(answer.clone())?;
        let ids = answer
            .entries
            .into_iter()
            .map(|entry| Ok(EntryId::decode(entry)?.entry_id));
        return Ok(Made {
            entry_ids: ids.collect::<Result<_, prost::DecodeError>>()?,
            balance_token: answer.balance_token,
        });
    }
    let answer = HoldAndEntry::decode(answer.clone())?;
    Ok(Made {
        entry_ids: answer.entry.map(|entry| entry.entry_id).into_iter().collect(),
        balance_token: answer.balance_token,
    })
}

/// Tells whether the answers of a method are entries and a balance token, in the fields of `PostBatchResponse`.
fn is_entries(method: i16) -> bool {
    matches!(
        method,
        earn_points::METHOD
            | spend_points::METHOD
            | reverse_entry::METHOD
            | restore_spend::METHOD
            | activate_points::METHOD
            | extend_points::METHOD
            | write_off_debt::METHOD
            | transfer_points::METHOD
            | return_transfer::METHOD
            | post_batch::METHOD
            | top_up::METHOD
            | spend_stored_value::METHOD
            | hold_stored_value::METHOD
            | capture_stored_value::CAPTURE
            | capture_stored_value::RELEASE
            | refund_stored_value::METHOD
            | cash_out::METHOD
    )
}

/// Returns what of an answer the row does not say: the tag of the balance token, where the one entry that was answered is the row's own.
fn rest_beside_entry(row: &JournalRow, method: i16, answer: &Bytes) -> Option<Vec<u8>> {
    if !is_entries(method) {
        return None;
    }
    let answer = Entries::decode(answer.clone()).ok()?;
    let is_own = answer.entries.len() == 1 && Kept::is_by_request(&row.event);
    is_own
        .then(|| balance_token::tag_of(&answer.balance_token, row.seq))
        .flatten()
}

fn tagged(tag: u8, bytes: &[u8]) -> Bytes {
    let mut tagged = Vec::with_capacity(1 + bytes.len());
    tagged.push(tag);
    tagged.extend_from_slice(bytes);
    tagged.into()
}

#[cfg(test)]
mod tests {
    use common::{
        ids::{MemberId, ProgramId},
        journal::journal_id,
        points::Points,
        shard::Shard,
    };

    use super::*;
    use crate::{
        domain::{Amounts, EntryDraft, EntryKind, Numbers, Portion, WalletCode},
        store::{EntryMark, entry_to_wire},
    };

    const REQUEST: &str = "order-7";

    /// A row whose entry was made by a request, or fell due by itself; and the entry.
    fn row(by_request: bool) -> (JournalRow, pb::Entry) {
        let (shard, seq) = (Shard::new(9).unwrap(), 70_000);
        let at: jiff::Timestamp = "2026-03-01T12:00:00.123456Z".parse().unwrap();
        let draft = EntryDraft {
            entry_id: journal_id(at, shard, seq).into(),
            seq,
            wallet: WalletCode::new("points").unwrap(),
            kind: EntryKind::Earn,
            points: Points::new(7).unwrap(),
            portions: vec![Portion {
                numbers: Numbers {
                    first: 41,
                    points: Points::new(7).unwrap(),
                },
                waits: None,
                expires_at: Some("2027-03-01T00:00:00Z".parse().unwrap()),
            }],
            extended_to: None,
            other_member: None,
            funder: None,
            debt_points: Points::ZERO,
            lost_points: Points::ZERO,
            related_entry_id: None,
            hold_expires_at: None,
            by_request,
            occurred_at: at,
            after: Amounts::default(),
        };
        let mark = EntryMark {
            member_id: MemberId::new(),
            request_id: REQUEST,
            reference: "a basket",
            recorded_at: at,
        };
        let row = JournalRow {
            shard,
            seq,
            program_id: ProgramId::new(),
            member_id: mark.member_id,
            request: Some(common::journal::RequestRecord {
                request_id: REQUEST.to_owned(),
                method: earn_points::METHOD,
                fingerprint: common::fingerprint::Fingerprint::from_bytes(Vec::new()),
                answer: Bytes::new(),
            }),
            occurred_at: at,
            recorded_at: at,
            event: Kept::entry(&draft, &mark, true).encode_to_vec().into(),
        };
        (row, entry_to_wire(&draft, &mark))
    }

    fn token(seq: i64) -> String {
        balance_token::token_of(seq, &[1, 2, 3, 4, 5, 6, 7, 8])
    }

    fn answered(entries: Vec<pb::Entry>, seq: i64) -> Bytes {
        let answer = pb::PostBatchResponse {
            entries,
            balance_token: token(seq),
        };
        answer.encode_to_vec().into()
    }

    #[test]
    fn an_answer_that_is_the_rows_own_entry_is_kept_in_nine_bytes() {
        let (row, entry) = row(true);
        let earned = pb::EarnPointsResponse {
            entry: Some(entry.clone()),
            balance_token: token(row.seq),
        };
        for (method, answer) in [
            (earn_points::METHOD, earned.encode_to_vec().into()),
            (post_batch::METHOD, answered(vec![entry.clone()], row.seq)),
        ] {
            let kept = fold(&row, method, &answer);
            assert_eq!(kept.len(), 9);
            assert_eq!(unfold(&row, &kept).unwrap(), answer);
        }
    }

    #[test]
    fn any_other_answer_is_kept_whole() {
        let ((own, entry), (due, _)) = (row(true), row(false));
        let of_two = answered(vec![entry.clone(), entry.clone()], own.seq);
        let later = answered(vec![entry.clone()], own.seq + 1);
        let beside = answered(vec![entry], due.seq);
        for (row, method, answer) in [
            (&own, post_batch::METHOD, of_two),
            (&own, earn_points::METHOD, later),
            (&due, earn_points::METHOD, beside.clone()),
            (&own, hold_points::METHOD, beside.clone()),
            (&own, earn_points::METHOD, Bytes::new()),
        ] {
            let kept = fold(row, method, &answer);
            assert_eq!((kept[0], kept.slice(1..)), (WHOLE, answer.clone()));
            assert_eq!(unfold(row, &kept).unwrap(), answer);
        }
        assert!(unfold(&own, &Bytes::new()).is_err());
        assert!(unfold(&own, &Bytes::from_static(&[9])).is_err());
    }
}
