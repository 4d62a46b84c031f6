//! Taking in the member feed: who there is, and whether they may earn and spend. The programs and their clocks are kept by the writer.

use common::{
    ids::MemberId,
    writer::{Event, Stamp},
};
use proto::{
    event::event::Payload,
    member::{Member, MemberEvent, MemberStatus, member_event},
};

use super::Loaded;

/// Takes in an event of the member feed.
pub fn take_in(state: &mut Loaded, event: &Event, stamp: &mut Stamp<'_>) {
    let Some(Payload::Member(event)) = &event.payload else {
        return;
    };
    let Some(member) = member_after(event) else { return };
    match (member.member_id.parse::<MemberId>(), member.status()) {
        (Ok(member_id), status) if status != MemberStatus::Unspecified => {
            state.learn_status((stamp.program_id(), member_id), status);
        }
        _ => tracing::error!(program_id = %stamp.program_id(), "the member feed tells of a member that makes no sense"),
    }
}

/// Returns the member as an event left them.
fn member_after(event: &MemberEvent) -> Option<&Member> {
    match event.event.as_ref()? {
        member_event::Event::ProspectRecorded(recorded) => recorded.member.as_ref(),
        member_event::Event::MemberEnrolled(enrolled) => enrolled.member.as_ref(),
        member_event::Event::MemberUpdated(updated) => updated.member.as_ref(),
        member_event::Event::MemberStatusChanged(changed) => changed.member.as_ref(),
        member_event::Event::ProgramCreated(_)
        | member_event::Event::ProgramUpdated(_)
        | member_event::Event::ClockAdvanced(_)
        | member_event::Event::BirthdayAhead(_)
        | member_event::Event::ConsentsTold(_) => None,
    }
}
