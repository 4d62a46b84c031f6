//! What can be done to programs and members: one file for each change.
//!
//! Everything goes through the shard writer, which asks [`Membership`] to load what a batch of commands concerns, to decide them one after another,
//! and to persist what changed. Personal data is encrypted before the batch where it can be, so that a shard does not wait for it.

mod activate_member;
mod advance_clock;
mod birthday;
mod close_member;
mod create_program;
mod enroll_member;
mod freeze_member;
mod register_member;
mod rewrap_key;
mod state;
mod tell_birthdays;
mod tell_consents;
mod told;
mod unfreeze_member;
mod update_member;
mod update_program;

use std::sync::Arc;

use common::writer::{Event, Memory, Stamp, Steps, Work, Writes};
use sqlx::PgConnection;

use crate::{SCHEMA, error::Error, vault::Vault};

use state::State;

pub use activate_member::ActivateMember;
pub use advance_clock::AdvanceClock;
pub use close_member::CloseMember;
pub use create_program::CreateProgram;
pub use enroll_member::{EnrollMember, Joining};
pub use freeze_member::FreezeMember;
pub use register_member::RegisterMember;
pub use rewrap_key::RewrapKey;
pub use tell_birthdays::TellBirthdays;
pub use tell_consents::{TellConsents, consent_to_wire};
pub use unfreeze_member::UnfreezeMember;
pub use update_member::UpdateMember;
pub use update_program::UpdateProgram;

/// What can be done.
#[derive(Debug)]
pub enum Command {
    /// Enrol someone.
    EnrollMember(EnrollMember),
    /// Change a member's channel or profile.
    UpdateMember(UpdateMember),
    /// Enrol a prospect.
    RegisterMember(RegisterMember),
    /// Confirm a member.
    ActivateMember(ActivateMember),
    /// Hold a membership.
    FreezeMember(FreezeMember),
    /// Give a held membership back what it was.
    UnfreezeMember(UnfreezeMember),
    /// End a membership.
    CloseMember(CloseMember),
    /// Make the program.
    CreateProgram(CreateProgram),
    /// Rename the program.
    UpdateProgram(UpdateProgram),
    /// Advance the program's clock.
    AdvanceClock(AdvanceClock),
    /// Keep what a member says to being written to.
    TellConsents(TellConsents),
    /// Wrap a member's key under the current master key.
    RewrapKey(RewrapKey),
    /// Tell that a member's birthday is near.
    TellBirthdays(TellBirthdays),
}

/// Decides about programs and members.
pub struct Membership {
    vault: Arc<Vault>,
}

impl Membership {
    /// Prepares to decide.
    pub fn new(vault: Arc<Vault>) -> Membership {
        Membership { vault }
    }
}

impl Steps for Membership {
    type Command = Command;
    type State = State;
    type Remembered = ();
    type Refusal = Error;

    const SCHEMA: &'static str = SCHEMA;
    const OWNS_PROGRAMS: bool = true;

    /// An identifier belongs to one member on whatever shard: it is claimed before anything is decided.
    fn claims(&self, command: &Command) -> bool {
        match command {
            Command::EnrollMember(command) => !command.identifiers.is_empty(),
            Command::UpdateMember(command) => !command.identifiers.is_empty(),
            _ => false,
        }
    }

    async fn load(
        &self,
        tx: &mut PgConnection,
        _: &mut Memory<()>,
        work: &Work<'_, Command>,
    ) -> Result<State, sqlx::Error> {
        State::load(tx, work).await
    }

    fn decide(&self, state: &mut State, command: &Command, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        if stamp.program().is_none() && !matches!(command, Command::CreateProgram(_)) {
            return Err(Error::ProgramNotFound {
                program_id: stamp.program_id(),
            });
        }
        match command {
            Command::EnrollMember(command) => command.decide(state, stamp),
            Command::UpdateMember(command) => command.decide(state, &self.vault, stamp),
            Command::RegisterMember(command) => command.decide(state, stamp),
            Command::ActivateMember(command) => command.decide(state, stamp),
            Command::FreezeMember(command) => command.decide(state, stamp),
            Command::UnfreezeMember(command) => command.decide(state, stamp),
            Command::CloseMember(command) => command.decide(state, &self.vault, stamp),
            Command::CreateProgram(command) => command.decide(state, stamp),
            Command::UpdateProgram(command) => command.decide(state, stamp),
            Command::AdvanceClock(command) => command.decide(state, stamp),
            Command::TellConsents(command) => command.decide(state, stamp),
            Command::RewrapKey(command) => command.decide(state, &self.vault, stamp),
            Command::TellBirthdays(command) => command.decide(state, stamp),
        }
    }

    /// Takes in nothing: this service follows no feed.
    fn take_in(&self, _state: &mut State, _event: &Event, _stamp: &mut Stamp<'_>) {}

    fn persist(&self, state: &mut State, writes: &mut Writes) {
        state.persist(writes);
    }

    /// Follows up on nothing: there is no mirror, and the writer itself tells what became of programs.
    async fn committed(&self, _state: State) {}
}
