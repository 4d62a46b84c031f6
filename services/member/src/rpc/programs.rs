//! `ProgramService`.

use common::{
    auth::Caller,
    ids::MemberId,
    parse::{self, parse},
    refusal::Violations,
    time::to_micros,
};
use proto::member::{self as pb, program_service_server::ProgramService};
use tonic::{Request, Response};

use super::{Awaited, Change, Reply, found, optional_time, own_reason::own_reason};
use crate::{
    context::Context,
    domain::{LeapDay, NewProgram, PROGRAM_FIELDS, read_mask},
    error::Error,
    ops::{AdvanceClock, Command, CreateProgram, UpdateProgram},
    store::find_program,
};

/// The RPCs of programs.
pub struct Programs {
    cx: Context,
}

impl Programs {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Programs {
        Programs { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl ProgramService for Programs {
    async fn create_program(&self, request: Request<pb::CreateProgramRequest>) -> Reply<pb::CreateProgramResponse> {
        Change::make(&self.cx, request).await
    }

    async fn get_program(&self, request: Request<pb::GetProgramRequest>) -> Reply<pb::GetProgramResponse> {
        let (caller, Asked): (Caller, Asked) = parse(request)?;
        let program_id = caller.program().id();
        let program = found(find_program(&self.cx.db, caller.program()).await)?;
        let program = program.ok_or(Error::ProgramNotFound { program_id })?;
        Ok(Response::new(pb::GetProgramResponse {
            program: Some((&program).into()),
        }))
    }

    async fn update_program(&self, request: Request<pb::UpdateProgramRequest>) -> Reply<pb::UpdateProgramResponse> {
        Change::make(&self.cx, request).await
    }

    async fn advance_clock(&self, request: Request<pb::AdvanceClockRequest>) -> Reply<pb::AdvanceClockResponse> {
        Change::make(&self.cx, request).await
    }
}

/// The question for the caller's program, which says nothing else.
struct Asked;

impl TryFrom<pb::GetProgramRequest> for Asked {
    type Error = Violations;

    fn try_from(_: pb::GetProgramRequest) -> Result<Self, Violations> {
        Ok(Asked)
    }
}

impl TryFrom<pb::CreateProgramRequest> for Change<pb::CreateProgramRequest> {
    type Error = Violations;

    fn try_from(wire: pb::CreateProgramRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let program = wire.program.clone().unwrap_or_default();
        violations.check(wire.program.is_some(), "program", "is missing");
        let clock_at = optional_time(&mut violations, "program.clock_at", program.clock_at.as_ref());
        let change = clock_at.map(|clock_at| {
            let leap_day = match program.leap_day_birthday() {
                pb::LeapDayBirthday::Feb28 => LeapDay::Feb28,
                pb::LeapDayBirthday::Mar1 | pb::LeapDayBirthday::Unspecified => LeapDay::Mar1,
            };
            let (name, zone, currency_code) = (program.name, program.zone, program.currency_code);
            let new = NewProgram {
                name,
                zone,
                currency_code,
                sandbox: program.sandbox,
                clock_at,
                leap_day,
            };
            Change {
                member_id: MemberId::nil(),
                method: CreateProgram::METHOD,
                request_id: wire.request_id.clone(),
                awaited: wire.await_effects.then_some(Awaited::Change),
                command: Ok(Command::CreateProgram(CreateProgram { new })),
                wire,
            }
        });
        violations.finish(change)
    }
}

impl TryFrom<pb::UpdateProgramRequest> for Change<pb::UpdateProgramRequest> {
    type Error = Violations;

    fn try_from(wire: pb::UpdateProgramRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let program = wire.program.clone().unwrap_or_default();
        violations.check(wire.program.is_some(), "program", "is missing");
        let paths = wire
            .update_mask
            .as_ref()
            .map(|mask| mask.paths.as_slice())
            .unwrap_or_default();
        // Only the name can change, so a mask that names something names that.
        let command = match read_mask(paths, PROGRAM_FIELDS) {
            Ok(_) => Ok(Command::UpdateProgram(UpdateProgram {
                etag: program.etag,
                name: program.name,
            })),
            Err(refused) => Err(own_reason(&wire, violations.clone(), refused.into())?),
        };
        violations.finish(Some(Change {
            member_id: MemberId::nil(),
            method: UpdateProgram::METHOD,
            request_id: wire.request_id.clone(),
            awaited: None,
            command,
            wire,
        }))
    }
}

impl TryFrom<pb::AdvanceClockRequest> for Change<pb::AdvanceClockRequest> {
    type Error = Violations;

    fn try_from(wire: pb::AdvanceClockRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let to = parse::business_time(&mut violations, "to", wire.to.as_ref()).map(to_micros);
        violations.finish(to.map(|to| Change {
            member_id: MemberId::nil(),
            method: AdvanceClock::METHOD,
            request_id: wire.request_id.clone(),
            awaited: wire.await_effects.then_some(Awaited::Clock),
            command: Ok(Command::AdvanceClock(AdvanceClock { to })),
            wire,
        }))
    }
}
