//! Gives a held membership back what it was.

use common::writer::Stamp;
use prost::Message as _;
use proto::member as pb;

use super::{
    birthday::{Calendar, keep},
    state::State,
    told::record_status,
};
use crate::error::Error;

/// A held membership to be given back.
#[derive(Debug)]
pub struct UnfreezeMember;

impl UnfreezeMember {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 5;

    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let (place, before) = state.member(stamp)?;
        let after = before.unfreeze().map_err(Error::status(place.member_id()))?;
        let calendar = Calendar::of(state, stamp)?;
        record_status(stamp, &after, before.status, "");
        if let Some(due) = state.birthdays.get(&place).copied() {
            let record = due.record.awaited(calendar.leap_day, calendar.today());
            keep(state, stamp, (place, record), &calendar, stamp.now());
        }
        let told = pb::Member::from(&after);
        state.members.put(place, after);
        Ok(pb::UnfreezeMemberResponse { member: Some(told) }.encode_to_vec())
    }
}
