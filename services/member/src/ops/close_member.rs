//! Ends a membership for good. The person's identifiers become free and the birthday is forgotten; what else is kept of the person stays, encrypted, until it is erased.

use common::writer::Stamp;
use prost::Message as _;
use proto::member as pb;

use super::{
    state::{State, identifier_keys},
    told::record_status,
};
use crate::{error::Error, vault::Vault};

/// A membership to be ended.
#[derive(Debug)]
pub struct CloseMember;

impl CloseMember {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 6;

    pub(super) fn decide(&self, state: &mut State, vault: &Vault, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let (place, before) = state.member(stamp)?;
        let after = before.close().map_err(Error::status(place.member_id()))?;
        let person = state.profile(vault, &place)?;
        record_status(stamp, &after, before.status, "");
        for identifier in identifier_keys(vault, place.program_id(), &person) {
            state.identifiers.take_back(identifier, place.member_id());
        }
        state.forget_birthday(place);
        let told = pb::Member::from(&after);
        state.members.put(place, after);
        Ok(pb::CloseMemberResponse { member: Some(told) }.encode_to_vec())
    }
}
