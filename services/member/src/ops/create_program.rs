//! Creates the program that the caller's token names.

use common::{program, writer::Stamp};
use prost::Message as _;
use proto::member::{self as pb, member_event::Event};

use super::{
    state::State,
    told::{clock_at, record},
};
use crate::{
    domain::{NewProgram, Program},
    error::Error,
};

/// A program to be created.
#[derive(Debug)]
pub struct CreateProgram {
    /// What the caller says of it.
    pub new: NewProgram,
}

impl CreateProgram {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 7;

    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let program_id = stamp.program_id();
        let not_possible = |refusals| Error::ProgramNotPossible {
            refusals,
            zone: self.new.zone.clone(),
        };
        let program = Program::create(program_id, self.new.clone()).map_err(not_possible)?;
        if stamp.program().is_some() {
            return Err(Error::ProgramExists { program_id });
        }
        stamp.put_program(program::Program {
            program_id,
            zone: program.zone.clone(),
            currency_code: program.currency_code.clone(),
            clock_at: clock_at(program.clock),
            config_version: 0,
        });
        let told = pb::Program::from(&program);
        record(
            stamp,
            Event::ProgramCreated(pb::ProgramCreated {
                program: Some(told.clone()),
            }),
        );
        state.programs.put(program_id, program);
        Ok(pb::CreateProgramResponse { program: Some(told) }.encode_to_vec())
    }
}
