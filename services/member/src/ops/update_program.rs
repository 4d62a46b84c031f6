//! Renames the program that the caller's token names.

use common::writer::Stamp;
use prost::Message as _;
use proto::member::{self as pb, member_event::Event};

use super::{state::State, told::record};
use crate::error::Error;

/// A program to be renamed.
#[derive(Debug)]
pub struct UpdateProgram {
    /// The etag that the caller last saw; empty for no check.
    pub etag: String,
    /// The new name.
    pub name: String,
}

impl UpdateProgram {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 8;

    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let renamed = state.program(stamp)?.rename(&self.etag, self.name.clone())?;
        let told = pb::Program::from(&renamed);
        record(
            stamp,
            Event::ProgramUpdated(pb::ProgramUpdated {
                program: Some(told.clone()),
            }),
        );
        state.programs.put(stamp.program_id(), renamed);
        Ok(pb::UpdateProgramResponse { program: Some(told) }.encode_to_vec())
    }
}
