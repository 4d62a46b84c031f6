//! Takes in what other services report: who there is, and what members did.

use common::{
    time,
    writer::{Event, Stamp},
};
use jiff::Timestamp;
use proto::{
    campaign::{ActivityRecorded, MetricDeltas as WireDeltas, campaign_event},
    event::event::Payload,
    member::{Member as WireMember, MemberStatus, member_event},
};

use super::{
    State,
    bring_up::{change_member, keep_early},
};
use crate::{
    domain::{GrantKey, LevelGrant, MetricDeltas},
    store::{MemberKey, wire},
};

/// What an event reports of a member.
enum Report<'a> {
    /// Who they are.
    Member(&'a WireMember),
    /// What they did, or took back.
    Activity(Activity),
}

/// What an activity means for the levels of a member.
#[derive(Default)]
pub struct Activity {
    /// What it adds.
    pub deltas: Option<MetricDeltas>,
    /// The levels that are taken back.
    pub revoked: Vec<GrantKey>,
    /// The levels that are given.
    pub given: Vec<LevelGrant>,
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
        Some(Report::Member(reported)) => change_member(state, stamp, now, |member, ladders| {
            let known = member.enrolled_at;
            // A prospect has not enrolled: nobody judges them before they do.
            member.enrolled_at = known.or_else(|| reported.enrolled_at.and_then(time::from_wire));
            // What was due before someone left was due.
            let changes = member.bring_up_to(ladders, now);
            member.closed = reported.status() == MemberStatus::Closed;
            changes
        }),
        Some(Report::Activity(activity)) if stamp.program().is_none() => keep_early(state, stamp, activity),
        // What counts comes first and what is taken back before what is given: so many levels up are counted from where the member stands then.
        Some(Report::Activity(Activity { deltas, revoked, given })) => {
            change_member(state, stamp, now, |member, ladders| {
                let counted = deltas.map_or(Ok(Vec::new()), |deltas| member.take_in(ladders, &deltas, now));
                let mut changes = counted.unwrap_or_else(|too_much| {
                    tracing::error!(member_id = event.member_id, seq = event.seq, %too_much, "an activity cannot be counted");
                    Vec::new()
                });
                for key in &revoked {
                    changes.extend(member.revoke(ladders, key, now));
                }
                member.awaiting.extend(given);
                changes
            });
        }
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
            campaign_event::Event::ActivityRecorded(recorded) => read_activity(recorded, event).map(Report::Activity),
            _ => None,
        },
        _ => None,
    }
}

/// Reads what an activity means for levels; nothing when it means nothing.
fn read_activity(recorded: &ActivityRecorded, event: &Event) -> Option<Activity> {
    let given_at = || event.occurred_at.and_then(time::from_wire).unwrap_or(Timestamp::MIN);
    let of = |given| wire::read_grant(given, &recorded.activity_id, given_at());
    let activity = Activity {
        deltas: recorded.metrics.and_then(read_deltas),
        revoked: recorded.revoked.iter().filter_map(of).map(|given| given.key).collect(),
        given: recorded.given.iter().filter_map(of).collect(),
    };
    let is_anything = activity.deltas.is_some() || !activity.revoked.is_empty() || !activity.given.is_empty();
    is_anything.then_some(activity)
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
