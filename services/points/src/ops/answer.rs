//! What was answered, read again: an answer holds the entries that its request made.

use prost::Message;
use proto::points as pb;

use super::{
    capture_hold, earn_points, hold_points, post_batch, release_hold, restore_spend, reverse_entry, spend_points,
};

/// Returns the entries that a request made, in order, from what it was answered.
pub fn entries_of_answer(method: i16, answer: &[u8]) -> Vec<pb::Entry> {
    let entry = match method {
        earn_points::METHOD => read(answer, |it: pb::EarnPointsResponse| it.entry),
        spend_points::METHOD => read(answer, |it: pb::SpendPointsResponse| it.entry),
        hold_points::METHOD => read(answer, |it: pb::HoldPointsResponse| it.entry),
        capture_hold::METHOD => read(answer, |it: pb::CaptureHoldResponse| it.entry),
        release_hold::METHOD => read(answer, |it: pb::ReleaseHoldResponse| it.entry),
        reverse_entry::METHOD => read(answer, |it: pb::ReverseEntryResponse| it.entry),
        restore_spend::METHOD => read(answer, |it: pb::RestoreSpendResponse| it.entry),
        post_batch::METHOD => {
            return pb::PostBatchResponse::decode(answer)
                .map(|it| it.entries)
                .unwrap_or_default();
        }
        _ => None,
    };
    entry.into_iter().collect()
}

fn read<M: Message + Default>(answer: &[u8], entry: impl FnOnce(M) -> Option<pb::Entry>) -> Option<pb::Entry> {
    M::decode(answer).ok().and_then(entry)
}
