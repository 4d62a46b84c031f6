//! What a batch concerns.

use std::collections::BTreeSet;

use common::{
    ids::{MemberId, ProgramId},
    writer::{Stamp, Work, Writes},
};
use sqlx::PgConnection;

use super::Command;
use crate::{
    domain::{BirthdayRecord, Identifier, Member, Profile, Program},
    error::Error,
    store::{
        DueBirthday, IdentifierKey, Identifiers, Place, Table, ToldConsent, insert_consents, load_birthdays, load_keys,
        load_members, load_profiles, load_programs, save_birthdays, save_keys, save_members, save_profiles,
        save_programs,
    },
    vault::{SealedProfile, Vault, WrappedKey},
};

/// What a batch concerns: as it was loaded, and as the decisions leave it.
pub struct State {
    pub(super) programs: Table<ProgramId, Program>,
    pub(super) members: Table<Place, Member>,
    pub(super) keys: Table<Place, WrappedKey>,
    pub(super) profiles: Table<Place, SealedProfile>,
    pub(super) birthdays: Table<Place, DueBirthday>,
    pub(super) identifiers: Identifiers,
    pub(super) consents: Vec<ToldConsent>,
}

/// Which rows a batch needs.
#[derive(Default)]
struct Needs {
    programs: BTreeSet<ProgramId>,
    members: BTreeSet<Place>,
    people: BTreeSet<Place>,
    birthdays: BTreeSet<Place>,
    identifiers: Vec<(IdentifierKey, MemberId)>,
}

impl State {
    pub(super) async fn load(tx: &mut PgConnection, work: &Work<'_, Command>) -> Result<State, sqlx::Error> {
        let needs = Needs::of(work);
        Ok(State {
            programs: load_programs(tx, &needs.programs).await?,
            members: load_members(tx, &needs.members).await?,
            keys: load_keys(tx, &needs.people).await?,
            profiles: load_profiles(tx, &needs.people).await?,
            birthdays: load_birthdays(tx, &needs.birthdays).await?,
            identifiers: Identifiers::claim(tx, needs.identifiers).await?,
            consents: Vec::new(),
        })
    }

    pub(super) fn persist(&self, writes: &mut Writes) {
        save_programs(&self.programs, writes);
        save_members(&self.members, writes);
        save_keys(&self.keys, writes);
        save_profiles(&self.profiles, writes);
        save_birthdays(&self.birthdays, writes);
        self.identifiers.save(writes);
        insert_consents(&self.consents, writes);
    }

    /// Returns the member that a command is about.
    pub(super) fn member(&self, stamp: &Stamp<'_>) -> Result<(Place, &Member), Error> {
        let place = Place::of(stamp.program_id(), stamp.member_id());
        let member = self
            .members
            .get(&place)
            .ok_or_else(|| Error::no_member(stamp.member_id()))?;
        Ok((place, member))
    }

    /// Returns the program that a command is about.
    pub(super) fn program(&self, stamp: &Stamp<'_>) -> Result<&Program, Error> {
        let program_id = stamp.program_id();
        self.programs
            .get(&program_id)
            .ok_or(Error::ProgramNotFound { program_id })
    }

    /// Opens what is stored of a person: an empty profile when it is nothing.
    pub(super) fn profile(&self, vault: &Vault, place: &Place) -> Result<Profile, Error> {
        match (self.keys.get(place), self.profiles.get(place)) {
            (Some(key), Some(sealed)) => Ok(vault.open(place.program_id(), place.member_id(), key, sealed)?),
            _ => Ok(Profile::default()),
        }
    }

    /// Tells nobody of a member's birthday for now.
    pub(super) fn hold_birthday(&mut self, place: Place) {
        self.change_birthday(place, BirthdayRecord::held);
    }

    /// Forgets a member's birthday.
    pub(super) fn forget_birthday(&mut self, place: Place) {
        self.change_birthday(place, BirthdayRecord::forget);
    }

    fn change_birthday(&mut self, place: Place, change: impl FnOnce(BirthdayRecord) -> BirthdayRecord) {
        if let Some(record) = self.birthdays.get(&place).map(|due| change(due.record)) {
            self.birthdays.put(place, DueBirthday { record, due_at: None });
        }
    }

    /// Refuses when another member has one of some identifiers.
    pub(super) fn check_free(&self, wanted: &[IdentifierKey], member_id: MemberId) -> Result<(), Error> {
        let taken = wanted.iter().find(|key| !self.identifiers.is_free_for(key, member_id));
        taken.map_or(Ok(()), |key| Err(Error::IdentifierTaken { kind: key.kind }))
    }
}

impl Needs {
    fn of(work: &Work<'_, Command>) -> Needs {
        let mut needs = Needs::default();
        for (key, command) in &work.calls {
            let place = Place::of(key.program_id(), key.member_id());
            match command {
                Command::EnrollMember(command) => {
                    if command.birth_date.is_some() {
                        needs.programs.insert(key.program_id());
                    }
                    needs
                        .identifiers
                        .extend(command.identifiers.iter().map(|key| (*key, command.member_id)));
                }
                Command::UpdateMember(command) => {
                    if command.names_birth_date() {
                        needs.programs.insert(key.program_id());
                        needs.birthdays.insert(place);
                    }
                    needs.members.insert(place);
                    needs.people.insert(place);
                    needs
                        .identifiers
                        .extend(command.identifiers.iter().map(|wanted| (*wanted, key.member_id())));
                }
                Command::CloseMember(_) => {
                    needs.members.insert(place);
                    needs.people.insert(place);
                    needs.birthdays.insert(place);
                }
                Command::RegisterMember(_) | Command::ActivateMember(_) | Command::TellConsents(_) => {
                    _ = needs.members.insert(place);
                }
                Command::FreezeMember(_) => {
                    needs.members.insert(place);
                    needs.birthdays.insert(place);
                }
                Command::UnfreezeMember(_) => {
                    needs.programs.insert(key.program_id());
                    needs.members.insert(place);
                    needs.birthdays.insert(place);
                }
                Command::TellBirthdays(_) => {
                    needs.programs.insert(key.program_id());
                    needs.birthdays.insert(place);
                }
                Command::RewrapKey(_) => _ = needs.people.insert(place),
                Command::CreateProgram(_) | Command::UpdateProgram(_) | Command::AdvanceClock(_) => {
                    needs.programs.insert(key.program_id());
                }
            }
        }
        needs
    }
}

/// Returns what some identifiers are stored as.
pub(super) fn identifier_keys(vault: &Vault, program_id: ProgramId, profile: &Profile) -> Vec<IdentifierKey> {
    let key = |identifier: Identifier| IdentifierKey {
        program_id,
        kind: identifier.kind(),
        index: vault.index(program_id, &identifier),
    };
    profile.identifiers().map(key).collect()
}
