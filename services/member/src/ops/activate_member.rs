//! Confirms a registered member.

use common::writer::Stamp;
use prost::Message as _;
use proto::member as pb;

use super::{state::State, told::record_status};
use crate::error::Error;

/// A registered member to be confirmed.
#[derive(Debug)]
pub struct ActivateMember;

impl ActivateMember {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 3;

    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let (place, before) = state.member(stamp)?;
        let after = before.activate().map_err(Error::status(place.member_id()))?;
        record_status(stamp, &after, before.status, "");
        let told = pb::Member::from(&after);
        state.members.put(place, after);
        Ok(pb::ActivateMemberResponse { member: Some(told) }.encode_to_vec())
    }
}
