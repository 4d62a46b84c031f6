//! Takes in what the member, tier and points services did: who is a member, and on which level; and whose points lapse soon.

use common::{
    ratio::Ratio,
    time,
    writer::{Event, Stamp},
};
use jiff::Timestamp;
use proto::{
    campaign::{ActivityInput, CustomActivity, activity_input},
    event::event::Payload,
    member::{BirthdayAhead, Member, MemberStatus, member_event},
    points::points_event,
    tier::{LadderVersion, TierChange, tier_event},
};

use super::state::{State, member_of};
use crate::{
    domain::{MemberLevel, REPORTED},
    store::{MembershipChange, NewLadder, Report, ReportKey, ladder_from_wire, status_from_wire},
};

const ENROLMENT: &str = REPORTED[0];
const ACTIVATION: &str = REPORTED[1];
const LEVEL_CHANGE: &str = REPORTED[2];
const BIRTHDAY: &str = REPORTED[3];
const POINTS_EXPIRING: &str = REPORTED[4];

/// Takes in an event.
pub fn take_in(state: &mut State, event: &Event, stamp: &mut Stamp<'_>) {
    match &event.payload {
        Some(Payload::Member(member)) => match &member.event {
            Some(member_event::Event::ProspectRecorded(recorded)) => {
                take_in_status(state, recorded.member.as_ref(), stamp);
            }
            Some(member_event::Event::MemberEnrolled(enrolled)) => {
                take_in_status(state, enrolled.member.as_ref(), stamp);
                count_membership(state, event, true, stamp);
                let channel = enrolled.member.as_ref().map(|member| member.channel.as_str());
                report(
                    state,
                    ("member", event),
                    (ENROLMENT, channel.unwrap_or_default(), []),
                    stamp,
                );
            }
            Some(member_event::Event::MemberStatusChanged(changed)) => {
                take_in_status(state, changed.member.as_ref(), stamp);
                if changed.member.as_ref().is_some_and(has_left) {
                    count_membership(state, event, false, stamp);
                }
                let was = changed.from();
                if was == MemberStatus::Registered && changed.member.as_ref().is_some_and(is_activated) {
                    report(state, ("member", event), (ACTIVATION, "", []), stamp);
                }
            }
            Some(member_event::Event::BirthdayAhead(ahead)) => take_in_birthday(state, event, ahead, stamp),
            _ => {}
        },
        Some(Payload::Tier(tier)) => match &tier.event {
            Some(tier_event::Event::TierChanged(changed)) => {
                take_in_level(state, changed.tier_change.as_ref(), stamp);
                if let Some(change) = changed
                    .tier_change
                    .as_ref()
                    .filter(|change| !change.from_level.is_empty())
                {
                    let attributes = [
                        ("ladder", change.ladder.as_str()),
                        ("from", change.from_level.as_str()),
                        ("to", change.to_level.as_str()),
                    ];
                    report(state, ("tier", event), (LEVEL_CHANGE, "", attributes), stamp);
                }
            }
            Some(tier_event::Event::LadderPublished(published)) => {
                take_in_ladder(state, published.ladder_version.as_ref(), stamp);
            }
            Some(tier_event::Event::LevelGrantIgnored(_)) | None => {}
        },
        Some(Payload::Points(points)) => {
            if let Some(points_event::Event::PointsExpiring(expiring)) = &points.event {
                let (points, days) = (expiring.points.to_string(), expiring.days_left.to_string());
                let attributes = [
                    ("wallet", expiring.wallet.as_str()),
                    ("points", points.as_str()),
                    ("on", expiring.on.as_str()),
                    ("days", days.as_str()),
                ];
                report(state, ("points", event), (POINTS_EXPIRING, "", attributes), stamp);
            }
        }
        _ => {}
    }
}

fn is_activated(member: &Member) -> bool {
    member.status() == MemberStatus::Activated
}

/// Somebody who never enrolled was none of those who are counted.
fn has_left(member: &Member) -> bool {
    member.status() == MemberStatus::Closed && member.enrolled_at.is_some()
}

fn count_membership(state: &mut State, event: &Event, joined: bool, stamp: &Stamp<'_>) {
    let Some(at) = event.occurred_at.and_then(time::from_wire) else {
        return;
    };
    state.add_membership_change(MembershipChange {
        shard: stamp.shard(),
        seq: event.seq,
        program_id: stamp.program_id(),
        at,
        joined,
    });
}

/// Keeps what another service reported to be recorded as an activity, where a campaign of that time is for it, or any asks how often it was done.
fn report<const N: usize>(
    state: &mut State,
    (source, event): (&'static str, &Event),
    (kind, channel, attributes): (&str, &str, [(&str, &str); N]),
    stamp: &Stamp<'_>,
) {
    let Some(at) = event.occurred_at.and_then(time::from_wire) else {
        return;
    };
    let rules = state.rules.of(stamp.program_id());
    if !rules.in_force_at(at).are_about(kind) && !rules.ask_about(kind) {
        return;
    }
    let attributes = attributes.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let custom = CustomActivity {
        attributes: attributes.into_iter().collect(),
        ..of_kind(kind)
    };
    add_report(state, (source, event), (custom, channel, at), stamp);
}

fn of_kind(kind: &str) -> CustomActivity {
    CustomActivity {
        kind: kind.to_owned(),
        ..CustomActivity::default()
    }
}

/// A birthday that is told lies ahead, and so may the campaign that is for it: whether there is one is asked when the day begins.
/// Whoever became known after their day has had no birthday as a member, and only the rest of its week and month.
fn take_in_birthday(state: &mut State, event: &Event, ahead: &BirthdayAhead, stamp: &Stamp<'_>) {
    let (on, begins_at) = (ahead.on.parse().ok(), ahead.begins_at.and_then(time::from_wire));
    let (Some(on), Some(begins_at)) = (on, begins_at) else {
        tracing::error!(program_id = %stamp.program_id(), "the member feed tells of a birthday that makes no sense");
        return;
    };
    state.change_member(member_of(stamp), |member| member.birthday_on = Some(on));
    if !ahead.over {
        add_report(state, ("member", event), (of_kind(BIRTHDAY), "", begins_at), stamp);
    }
}

fn add_report(
    state: &mut State,
    (source, event): (&'static str, &Event),
    (custom, channel, due_at): (CustomActivity, &str, Timestamp),
    stamp: &Stamp<'_>,
) {
    let member = member_of(stamp);
    state.add_report(Report {
        key: ReportKey {
            shard: stamp.shard(),
            source,
            seq: event.seq,
        },
        program_id: member.program_id,
        member_id: member.member_id,
        input: ActivityInput {
            member_id: member.member_id.to_string(),
            occurred_at: Some(time::to_wire(due_at)),
            channel: channel.to_owned(),
            store: String::new(),
            activity: Some(activity_input::Activity::Custom(custom)),
        },
        due_at,
    });
}

fn take_in_status(state: &mut State, member: Option<&Member>, stamp: &Stamp<'_>) {
    let Some((wire, status)) = member.and_then(|member| Some((member, status_from_wire(member.status())?))) else {
        return;
    };
    let enrolled_at = wire.enrolled_at.and_then(time::from_wire);
    state.change_member(member_of(stamp), |member| member.stand(status, enrolled_at));
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
