//! Advances the clock of a sandbox. Whoever follows the feed brings the program up to it.

use common::{program, time::to_wire, writer::Stamp};
use jiff::Timestamp;
use prost::Message as _;
use proto::member::{self as pb, member_event::Event};

use super::{
    state::State,
    told::{clock_at, record},
};
use crate::error::Error;

/// A clock to be advanced.
#[derive(Debug)]
pub struct AdvanceClock {
    /// Where it shall stand.
    pub to: Timestamp,
}

impl AdvanceClock {
    /// The number under which requests are remembered.
    pub const METHOD: i16 = 9;

    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let program_id = stamp.program_id();
        let before = state.program(stamp)?;
        let after = before
            .advance_clock(self.to)
            .map_err(Error::advance(program_id, self.to))?;
        let from = clock_at(before.clock).map(to_wire);
        if let Some(known) = stamp.program().cloned() {
            stamp.put_program(program::Program {
                clock_at: Some(self.to),
                ..known
            });
        }
        record(
            stamp,
            Event::ClockAdvanced(pb::ClockAdvanced {
                from,
                to: Some(to_wire(self.to)),
            }),
        );
        state.programs.put(program_id, after);
        Ok(pb::AdvanceClockResponse {
            clock_at: Some(to_wire(self.to)),
        }
        .encode_to_vec())
    }
}
