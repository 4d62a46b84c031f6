//! Where an event of the journal is.

use common::{ids::MemberId, journal::JournalRow, shard::Shard};
use jiff::Timestamp;

/// What a row of the journal says of its event.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub shard: Shard,
    pub seq: i64,
    pub member_id: MemberId,
    /// The request that the row remembers.
    pub request_id: Option<&'a str>,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
}

impl<'a> Place<'a> {
    /// Reads it from a row.
    pub fn of(row: &'a JournalRow) -> Place<'a> {
        Place {
            shard: row.shard,
            seq: row.seq,
            member_id: row.member_id,
            request_id: row.request.as_ref().map(|request| request.request_id.as_str()),
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
        }
    }
}
