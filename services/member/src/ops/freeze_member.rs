//! Holds a membership: no earning and no spending until it is given back, and no birthday is told.

use common::writer::Stamp;
use prost::Message as _;
use proto::member as pb;

use super::{state::State, told::record_status};
use crate::error::Error;

/// A membership to be held.
#[derive(Debug)]
pub struct FreezeMember {
    /// Why, as a code of the retailer's.
    pub reason_code: String,
}

impl FreezeMember {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 4;

    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let (place, before) = state.member(stamp)?;
        let after = before.freeze().map_err(Error::status(place.member_id()))?;
        record_status(stamp, &after, before.status, &self.reason_code);
        state.hold_birthday(place);
        let told = pb::Member::from(&after);
        state.members.put(place, after);
        Ok(pb::FreezeMemberResponse { member: Some(told) }.encode_to_vec())
    }
}
