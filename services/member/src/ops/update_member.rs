//! Changes a member's channel or profile.

use std::collections::BTreeSet;

use common::{auth::ProgramScope, writer::Stamp};
use prost::Message as _;
use proto::member::{self as pb, member_event::Event};

use super::{
    birthday::{Calendar, keep},
    state::{State, identifier_keys},
    told::record,
};
use crate::{
    domain::{BirthdayRecord, MEMBER_FIELDS, Member, MemberField, Profile, Status},
    error::Error,
    store::{IdentifierKey, Place},
    vault::Vault,
};

/// A change of a member, field by field. The profile holds the new values of the named fields and nothing else.
#[derive(Debug)]
pub struct UpdateMember {
    etag: String,
    fields: BTreeSet<MemberField>,
    channel: String,
    profile: Profile,
    pub(super) identifiers: Vec<IdentifierKey>,
}

impl UpdateMember {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 2;

    /// Finds out what the new identifiers are found by.
    pub fn prepare(
        vault: &Vault,
        scope: ProgramScope,
        etag: String,
        fields: BTreeSet<MemberField>,
        channel: String,
        profile: Profile,
    ) -> UpdateMember {
        let identifiers = identifier_keys(vault, scope.id(), &profile);
        UpdateMember {
            etag,
            fields,
            channel,
            profile,
            identifiers,
        }
    }

    pub(super) fn decide(&self, state: &mut State, vault: &Vault, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let (place, before) = state.member(stamp)?;
        let (program_id, member_id) = (place.program_id(), place.member_id());
        let channel = self
            .fields
            .contains(&MemberField::Channel)
            .then(|| self.channel.clone());
        let after = before.update(&self.etag, channel).map_err(Error::update(member_id))?;
        state.check_free(&self.identifiers, member_id)?;
        let birthday = self.birthday(state, stamp, &place, before.status)?;
        let person = state.profile(vault, &place)?;
        let changed_person = person.clone().with(&self.fields, self.profile.clone());

        let fields = changed_fields(&self.fields, (before, &after), (&person, &changed_person));
        if person != changed_person {
            for old in identifier_keys(vault, program_id, &person) {
                state.identifiers.take_back(old, member_id);
            }
            for new in identifier_keys(vault, program_id, &changed_person) {
                state.identifiers.give(new, member_id);
            }
            let (key, profile) = vault.seal(program_id, member_id, state.keys.get(&place), &changed_person);
            state.keys.put(place, key);
            state.profiles.put(place, profile);
        }
        let told = pb::Member::from(&after);
        record(
            stamp,
            Event::MemberUpdated(pb::MemberUpdated {
                member: Some(told.clone()),
                fields,
            }),
        );
        if let Some((record, calendar)) = birthday {
            keep(state, stamp, (place, record), &calendar, stamp.now());
        }
        state.members.put(place, after);
        Ok(pb::UpdateMemberResponse { member: Some(told) }.encode_to_vec())
    }

    /// Tells whether it says when the person was born, or takes that away.
    pub(super) fn names_birth_date(&self) -> bool {
        self.fields.contains(&MemberField::BirthDate)
    }

    /// Returns what becomes of the birthday; nothing where it is not concerned.
    fn birthday(
        &self,
        state: &State,
        stamp: &Stamp<'_>,
        place: &Place,
        status: Status,
    ) -> Result<Option<(BirthdayRecord, Calendar)>, Error> {
        if !self.names_birth_date() {
            return Ok(None);
        }
        let calendar = Calendar::of(state, stamp)?;
        let known = state.birthdays.get(place).map(|due| due.record);
        let record = match (&self.profile.birth_date, known) {
            (None, None) => return Ok(None),
            (None, Some(known)) => known.forget(),
            (Some(birth_date), known) => {
                calendar.check(birth_date)?;
                let (birthday, leap_day, today) = (birth_date.birthday(), calendar.leap_day, calendar.today());
                match known {
                    None => BirthdayRecord::first(birthday, leap_day, today),
                    Some(known) => {
                        let changed = known.change(birthday, leap_day, today);
                        changed.map_err(Error::birthday(place.member_id()))?
                    }
                }
            }
        };
        let is_open = matches!(status, Status::Open(_));
        Ok(Some((if is_open { record } else { record.held() }, calendar)))
    }
}

/// Returns the names of the fields that have another value than before.
fn changed_fields(
    named: &BTreeSet<MemberField>,
    (before, after): (&Member, &Member),
    (person, changed_person): (&Profile, &Profile),
) -> Vec<String> {
    let has_changed = |field: &MemberField| match field {
        MemberField::Channel => before.channel != after.channel,
        MemberField::Name => person.name != changed_person.name,
        MemberField::Phone => person.phone != changed_person.phone,
        MemberField::Email => person.email != changed_person.email,
        MemberField::CardNumber => person.card_number != changed_person.card_number,
        MemberField::Attributes => person.attributes != changed_person.attributes,
        MemberField::BirthDate => person.birth_date != changed_person.birth_date,
    };
    let changed = MEMBER_FIELDS
        .iter()
        .filter(|(_, field)| named.contains(field) && has_changed(field));
    changed.map(|(path, _)| (*path).to_owned()).collect()
}
