//! Takes in what the member and tier services did: who is a member, and on which level.

use common::{
    ratio::Ratio,
    time,
    writer::{Event, Stamp},
};
use proto::{
    event::event::Payload,
    member::{Member, member_event},
    tier::{LadderVersion, TierChange, tier_event},
};

use super::state::{State, member_of};
use crate::{
    domain::MemberLevel,
    store::{NewLadder, ladder_from_wire, status_from_wire},
};

/// Takes in an event.
pub fn take_in(state: &mut State, event: &Event, stamp: &mut Stamp<'_>) {
    match &event.payload {
        Some(Payload::Member(member)) => match &member.event {
            Some(member_event::Event::MemberEnrolled(enrolled)) => {
                take_in_status(state, enrolled.member.as_ref(), stamp)
            }
            Some(member_event::Event::MemberStatusChanged(changed)) => {
                take_in_status(state, changed.member.as_ref(), stamp)
            }
            _ => {}
        },
        Some(Payload::Tier(tier)) => match &tier.event {
            Some(tier_event::Event::TierChanged(changed)) => take_in_level(state, changed.tier_change.as_ref(), stamp),
            Some(tier_event::Event::LadderPublished(published)) => {
                take_in_ladder(state, published.ladder_version.as_ref(), stamp);
            }
            None => {}
        },
        _ => {}
    }
}

fn take_in_status(state: &mut State, member: Option<&Member>, stamp: &Stamp<'_>) {
    let Some((wire, status)) = member.and_then(|member| Some((member, status_from_wire(member.status())?))) else {
        return;
    };
    let enrolled_at = wire.enrolled_at.and_then(time::from_wire);
    state.change_member(member_of(stamp), |member| {
        member.status = Some(status);
        member.enrolled_at = enrolled_at;
    });
}

fn take_in_level(state: &mut State, change: Option<&TierChange>, stamp: &Stamp<'_>) {
    let Some(change) = change else { return };
    let given = change.benefits.as_ref().and_then(|benefits| benefits.accrual_factor);
    let accrual_factor = given
        .and_then(|factor| Ratio::new(factor.num, factor.den))
        .unwrap_or(Ratio::ONE);
    let level = MemberLevel {
        ladder: change.ladder.clone(),
        level: change.to_level.clone(),
        accrual_factor,
    };
    state.enter_level(member_of(stamp), level);
}

/// A new version of a ladder counts as a change of the configuration, so that every replica loads the ladders anew.
fn take_in_ladder(state: &mut State, published: Option<&LadderVersion>, stamp: &mut Stamp<'_>) {
    let Some(wire) = published else { return };
    let Some(version) = ladder_from_wire(wire) else {
        tracing::error!(program_id = %stamp.program_id(), "a ladder of the tier service makes no sense here");
        return;
    };
    state.rules.put_ladder(
        version,
        NewLadder {
            program_id: stamp.program_id(),
            wire: wire.clone(),
        },
    );
    stamp.bump_config();
}
