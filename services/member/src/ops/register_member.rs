//! Lets a prospect join.

use common::writer::Stamp;
use jiff::Timestamp;
use prost::Message as _;
use proto::member::{self as pb, member_event::Event};

use super::state::State;
use crate::error::Error;

/// A prospect to be enrolled.
#[derive(Debug)]
pub struct RegisterMember {
    /// The channel by which they join; without it, the one that made them known.
    pub channel: Option<String>,
    /// When they joined; without it, now.
    pub occurred_at: Option<Timestamp>,
}

impl RegisterMember {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 10;

    /// Enrols them. To whoever follows the feed it is an enrolment like any other, so that what is for enrolments happens when they join.
    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let now = stamp.now();
        let (place, prospect) = state.member(stamp)?;
        let member = prospect
            .register(self.channel.clone(), self.occurred_at, now)
            .map_err(Error::register(place.member_id()))?;
        let told = pb::Member::from(&member);
        let event = Event::MemberEnrolled(pb::MemberEnrolled {
            member: Some(told.clone()),
        });
        stamp.record(
            place.member_id(),
            member.enrolled_at.unwrap_or(now),
            &pb::MemberEvent { event: Some(event) },
        );
        state.members.put(place, member);
        Ok(pb::RegisterMemberResponse { member: Some(told) }.encode_to_vec())
    }
}
