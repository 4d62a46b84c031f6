//! What was answered: an answer holds the entries that its request made, so that the journal need not keep most answers a second time.

use bytes::Bytes;
use common::journal::JournalRow;
use prost::Message;
use proto::points as pb;
use sqlx::error::BoxDynError;

use super::{
    balance_token, capture_hold, earn_points, hold_points, post_batch, release_hold, restore_spend, reverse_entry,
    spend_points,
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
        method if is_entries(method) => return Ok(pb::PostBatchResponse::decode(answer)?.entries),
        _ => None,
    };
    Ok(entry.into_iter().collect())
}

/// Tells whether the answers of a method are entries and a balance token, in the fields of `PostBatchResponse`.
fn is_entries(method: i16) -> bool {
    matches!(
        method,
        earn_points::METHOD | spend_points::METHOD | reverse_entry::METHOD | restore_spend::METHOD | post_batch::METHOD
    )
}

/// Returns what of an answer the row does not say: the tag of the balance token, where the one entry that was answered is the row's own.
fn rest_beside_entry(row: &JournalRow, method: i16, answer: &Bytes) -> Option<Vec<u8>> {
    if !is_entries(method) {
        return None;
    }
    let answer = Entries::decode(answer.clone()).ok()?;
    let is_own = answer.entries.len() == 1 && Kept::decode(row.event.clone()).ok()?.is_by_request();
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
