//! Keeps marks of a member.

use common::{
    auth::Caller,
    ids::MemberId,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::campaign as pb;

use super::state::{State, member_of};
use crate::error::Error;

/// What this is remembered under.
const METHOD: i16 = 92;

/// Asks to keep marks.
#[derive(Clone, Debug)]
pub struct TellMarks {
    /// The request, as it came.
    pub request: pb::TellMarksRequest,
    /// The member.
    pub member_id: MemberId,
}

impl TellMarks {
    /// Returns what it is remembered by.
    pub fn key(&self, caller: &Caller) -> Key {
        let request = &self.request;
        Key::of_member(caller.program(), self.member_id, METHOD, &request.request_id, request)
    }

    /// Keeps them, as far as they are new.
    pub fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let member = member_of(stamp);
        if state.member(&member).is_none() {
            return Err(Error::MemberNotFound {
                member_id: self.member_id,
            });
        }
        state.referrals.add_marks(member, &self.request.marks);
        Ok(pb::TellMarksResponse {}.encode_to_vec())
    }
}
