//! Taking in what other services did: who the members are, and on which levels.

use common::writer::{Event, Stamp};
use proto::{
    event::event::Payload,
    member::{Member, MemberStatus as WireStatus, member_event},
    tier::tier_event,
};

use super::state::{State, member_key};
use crate::domain::MemberStatus;

/// Takes in an event of a feed that the service follows.
pub fn take_in(state: &mut State, event: &Event, stamp: &mut Stamp<'_>) {
    match &event.payload {
        Some(Payload::Member(event)) => match &event.event {
            Some(member_event::Event::ProspectRecorded(recorded)) => {
                keep_status(state, recorded.member.as_ref(), stamp)
            }
            Some(member_event::Event::MemberEnrolled(enrolled)) => keep_status(state, enrolled.member.as_ref(), stamp),
            Some(member_event::Event::MemberStatusChanged(changed)) => {
                keep_status(state, changed.member.as_ref(), stamp)
            }
            _ => {}
        },
        Some(Payload::Tier(event)) => {
            let Some(tier_event::Event::TierChanged(changed)) = &event.event else {
                return;
            };
            let Some(change) = &changed.tier_change else { return };
            state
                .levels
                .put((member_key(stamp), change.ladder.clone()), change.to_level.clone());
        }
        _ => {}
    }
}

/// Keeps where a member stands. A status that this build does not know may not redeem.
fn keep_status(state: &mut State, member: Option<&Member>, stamp: &Stamp<'_>) {
    let wire = member.and_then(|member| WireStatus::try_from(member.status).ok());
    let status = wire
        .and_then(|wire| MemberStatus::try_from(wire).ok())
        .unwrap_or(MemberStatus::Frozen);
    state.statuses.put(member_key(stamp), status);
}
