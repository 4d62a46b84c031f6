//! How programs and members are told: in answers, and to whoever follows the feed. The profile is never told here.

use common::{time::to_wire, writer::Stamp};
use jiff::Timestamp;
use proto::member::{self as pb, member_event::Event};

use crate::domain::{LeapDay, Member, Program, ProgramClock, Standing, Status};

impl From<&Member> for pb::Member {
    fn from(member: &Member) -> Self {
        pb::Member {
            member_id: member.member_id.to_string(),
            status: pb::MemberStatus::from(member.status).into(),
            channel: member.channel.clone(),
            enrolled_at: member.enrolled_at.map(to_wire),
            profile: None,
            etag: member.revision.to_string(),
        }
    }
}

impl From<Status> for pb::MemberStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Open(Standing::Prospect) => pb::MemberStatus::Prospect,
            Status::Open(Standing::Registered) => pb::MemberStatus::Registered,
            Status::Open(Standing::Activated) => pb::MemberStatus::Activated,
            Status::Frozen(_) => pb::MemberStatus::Frozen,
            Status::Closed => pb::MemberStatus::Closed,
        }
    }
}

impl From<&Program> for pb::Program {
    fn from(program: &Program) -> Self {
        let clock_at = clock_at(program.clock);
        pb::Program {
            program_id: program.program_id.to_string(),
            name: program.name.clone(),
            zone: program.zone.name().to_owned(),
            currency_code: program.currency_code.clone(),
            sandbox: clock_at.is_some(),
            clock_at: clock_at.map(to_wire),
            etag: program.revision.to_string(),
            leap_day_birthday: pb::LeapDayBirthday::from(program.leap_day).into(),
        }
    }
}

impl From<LeapDay> for pb::LeapDayBirthday {
    fn from(leap_day: LeapDay) -> Self {
        match leap_day {
            LeapDay::Feb28 => pb::LeapDayBirthday::Feb28,
            LeapDay::Mar1 => pb::LeapDayBirthday::Mar1,
        }
    }
}

/// Returns where a sandbox's clock stands.
pub(super) fn clock_at(clock: ProgramClock) -> Option<Timestamp> {
    match clock {
        ProgramClock::Live => None,
        ProgramClock::Sandbox { clock_at } => Some(clock_at),
    }
}

/// Records what happened to the member or program that a command is about, at the program's time.
pub(super) fn record(stamp: &mut Stamp<'_>, event: Event) {
    let (member_id, now) = (stamp.member_id(), stamp.now());
    stamp.record(member_id, now, &pb::MemberEvent { event: Some(event) });
}

/// Records that a member's status changed.
pub(super) fn record_status(stamp: &mut Stamp<'_>, member: &Member, from: Status, reason_code: &str) {
    let changed = pb::MemberStatusChanged {
        member: Some(member.into()),
        from: pb::MemberStatus::from(from).into(),
        reason_code: reason_code.to_owned(),
    };
    record(stamp, Event::MemberStatusChanged(changed));
}
