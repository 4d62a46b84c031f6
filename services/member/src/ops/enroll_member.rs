//! Enrols a member, or records a prospect.

use common::{auth::ProgramScope, ids::MemberId, shard::Shard, writer::Stamp};
use jiff::Timestamp;
use prost::Message as _;
use proto::member::{self as pb, member_event::Event};

use super::{
    birthday::{Calendar, keep},
    state::{State, identifier_keys},
    tell_consents::tell,
};
use crate::{
    domain::{BirthDate, BirthdayRecord, Consent, Member, OccurredInFuture, Profile, passed},
    error::Error,
    store::{IdentifierKey, Place},
    vault::{SealedProfile, Vault, WrappedKey},
};

/// Someone to be enrolled or recorded, with the person encrypted already.
#[derive(Debug)]
pub struct EnrollMember {
    pub(super) member_id: MemberId,
    joining: Joining,
    pub(super) identifiers: Vec<IdentifierKey>,
    pub(super) birth_date: Option<BirthDate>,
    consents: Vec<Consent>,
    person: Option<(WrappedKey, SealedProfile)>,
}

/// How someone comes to a program.
#[derive(Clone, Debug)]
pub struct Joining {
    /// The channel that brings them.
    pub channel: String,
    /// When; without it, now.
    pub occurred_at: Option<Timestamp>,
    /// Whether they have not joined, and only become known.
    pub is_prospect: bool,
}

impl EnrollMember {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 1;

    /// Draws the member's id and encrypts the person. It is done once, before the first attempt: whatever is tried again afterwards is
    /// about the same member.
    pub fn prepare(
        vault: &Vault,
        scope: ProgramScope,
        shard: Shard,
        joining: Joining,
        profile: &Profile,
        consents: Vec<Consent>,
    ) -> EnrollMember {
        let (program_id, member_id) = (scope.id(), draw(scope, shard));
        EnrollMember {
            member_id,
            joining,
            identifiers: identifier_keys(vault, program_id, profile),
            birth_date: profile.birth_date.clone(),
            consents,
            person: (!profile.is_empty()).then(|| vault.seal(program_id, member_id, None, profile)),
        }
    }

    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let (member, occurred_at) = self.member(stamp.now())?;
        state.check_free(&self.identifiers, self.member_id)?;
        let birthday = self.birthday(state, stamp)?;

        let place = Place::of(stamp.program_id(), self.member_id);
        for identifier in &self.identifiers {
            state.identifiers.give(*identifier, self.member_id);
        }
        if let Some((key, profile)) = self.person.clone() {
            state.keys.put(place, key);
            state.profiles.put(place, profile);
        }
        let told = pb::Member::from(&member);
        let event = if self.joining.is_prospect {
            Event::ProspectRecorded(pb::ProspectRecorded {
                member: Some(told.clone()),
            })
        } else {
            Event::MemberEnrolled(pb::MemberEnrolled {
                member: Some(told.clone()),
            })
        };
        stamp.record(self.member_id, occurred_at, &pb::MemberEvent { event: Some(event) });
        if let Some((record, calendar)) = birthday {
            keep(state, stamp, (place, record), &calendar, stamp.now());
        }
        if !self.consents.is_empty() {
            tell(state, stamp, place, &self.consents);
        }
        state.members.put(place, member);
        Ok(pb::EnrollMemberResponse { member: Some(told) }.encode_to_vec())
    }

    /// Makes the member, and tells when that happened.
    fn member(&self, now: Timestamp) -> Result<(Member, Timestamp), OccurredInFuture> {
        let Joining {
            channel,
            occurred_at,
            is_prospect,
        } = self.joining.clone();
        let member = if is_prospect {
            Member::prospect(self.member_id, channel)
        } else {
            Member::enroll(self.member_id, channel, occurred_at, now)?
        };
        Ok((member, passed(occurred_at, now)?))
    }

    fn birthday(&self, state: &State, stamp: &Stamp<'_>) -> Result<Option<(BirthdayRecord, Calendar)>, Error> {
        let Some(birth_date) = &self.birth_date else {
            return Ok(None);
        };
        let calendar = Calendar::of(state, stamp)?;
        calendar.check(birth_date)?;
        let record = BirthdayRecord::first(birth_date.birthday(), calendar.leap_day, calendar.today());
        Ok(Some((record, calendar)))
    }
}

/// Draws ids until one falls on the shard, which takes as many as there are shards on average.
fn draw(scope: ProgramScope, shard: Shard) -> MemberId {
    loop {
        let member_id = MemberId::new();
        if Shard::of(scope.id(), member_id) == shard {
            return member_id;
        }
    }
}
