//! Takes in what other services report: who there is, and what members did.

use common::{
    time,
    writer::{Event, Stamp},
};
use proto::{
    campaign::{MetricDeltas as WireDeltas, campaign_event},
    event::event::Payload,
    member::{Member as WireMember, MemberStatus, member_event},
};

use super::{
    State,
    bring_up::{change_member, keep_early},
};
use crate::{domain::MetricDeltas, store::MemberKey};

/// What an event reports of a member.
enum Report<'a> {
    /// Who they are.
    Member(&'a WireMember),
    /// What they did, or took back.
    Activity(MetricDeltas),
}

/// Returns the member of whom an event reports something that matters here.
pub fn whom(event: &Event) -> Option<MemberKey> {
    report(event)?;
    Some((event.program_id.parse().ok()?, event.member_id.parse().ok()?))
}

/// Takes in what an event reports.
///
/// The program's clock may be known here later than elsewhere: nothing is judged before it happened.
pub fn take_in(state: &mut State, event: &Event, stamp: &mut Stamp<'_>) {
    let now = event
        .occurred_at
        .and_then(time::from_wire)
        .map_or(stamp.now(), |at| at.max(stamp.now()));
    match report(event) {
        None => {}
        Some(Report::Member(reported)) => change_member(state, stamp, |member, ladders| {
            let known = member.enrolled_at;
            member.enrolled_at = known
                .or_else(|| reported.enrolled_at.and_then(time::from_wire))
                .or(Some(now));
            // What was due before someone left was due.
            let changes = member.bring_up_to(ladders, now);
            member.closed = reported.status() == MemberStatus::Closed;
            changes
        }),
        Some(Report::Activity(deltas)) if stamp.program().is_none() => keep_early(state, stamp, deltas),
        Some(Report::Activity(deltas)) => change_member(state, stamp, |member, ladders| {
            member.take_in(ladders, &deltas, now).unwrap_or_else(|too_much| {
                tracing::error!(member_id = event.member_id, seq = event.seq, %too_much, "an activity cannot be counted");
                Vec::new()
            })
        }),
    }
}

fn report(event: &Event) -> Option<Report<'_>> {
    match event.payload.as_ref()? {
        Payload::Member(member) => match member.event.as_ref()? {
            member_event::Event::MemberEnrolled(enrolled) => enrolled.member.as_ref().map(Report::Member),
            member_event::Event::MemberStatusChanged(changed) => changed.member.as_ref().map(Report::Member),
            _ => None,
        },
        Payload::Campaign(campaign) => match campaign.event.as_ref()? {
            campaign_event::Event::ActivityRecorded(recorded) => {
                recorded.metrics.and_then(read_deltas).map(Report::Activity)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Reads what an activity adds; nothing when it adds nothing.
fn read_deltas(wire: WireDeltas) -> Option<MetricDeltas> {
    let adds = wire.spend_minor_units != 0 || wire.orders != 0 || wire.points_earned != 0;
    Some(MetricDeltas {
        spend_minor_units: wire.spend_minor_units,
        orders: wire.orders,
        points_earned: wire.points_earned,
        counted_at: time::from_wire(wire.counted_at?)?,
    })
    .filter(|_| adds)
}
