//! The programs that a batch concerns, and what feeds report of them.

use std::collections::HashMap;

use proto::member::member_event;

use super::{Event, Stamp};
use crate::{ids::ProgramId, program::Program, time, zone::Zone};

/// The programs that a batch concerns, and which of them it changed.
#[derive(Default)]
pub(crate) struct Programs {
    pub(crate) known: HashMap<ProgramId, Program>,
    pub(crate) changed: Vec<ProgramId>,
}

impl Programs {
    pub(crate) fn put(&mut self, program: Program) {
        // As it is stored: it may be compared with that.
        let program = Program {
            clock_at: program.clock_at.map(time::to_micros),
            ..program
        };
        if !self.changed.contains(&program.program_id) {
            self.changed.push(program.program_id);
        }
        self.known.insert(program.program_id, program);
    }
}

/// Keeps the program as the member service reports it.
pub(super) fn follow_program(event: &Event, stamp: &mut Stamp<'_>) {
    let Some(proto::event::event::Payload::Member(member)) = &event.payload else {
        return;
    };
    let program = match &member.event {
        Some(member_event::Event::ProgramCreated(created)) => created.program.as_ref(),
        Some(member_event::Event::ProgramUpdated(updated)) => updated.program.as_ref(),
        Some(member_event::Event::ClockAdvanced(advanced)) => {
            if let (Some(known), Some(to)) = (stamp.program().cloned(), advanced.to.and_then(time::from_wire)) {
                stamp.put_program(Program {
                    clock_at: Some(to),
                    ..known
                });
            }
            None
        }
        _ => None,
    };
    let Some(program) = program else { return };
    let Some(zone) = Zone::find(&program.zone) else {
        tracing::error!(program_id = %stamp.program_id(), zone = program.zone, "this build does not know the program's time zone");
        return;
    };
    stamp.put_program(Program {
        program_id: stamp.program_id(),
        zone,
        currency_code: program.currency_code.clone(),
        clock_at: program.clock_at.and_then(time::from_wire),
        config_version: stamp.program().map_or(0, |known| known.config_version),
    });
}
