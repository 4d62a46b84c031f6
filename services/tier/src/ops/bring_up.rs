//! Judges members: the one place where a standing changes.

use common::{program::Program, writer::Stamp};
use jiff::Timestamp;
use proto::tier::{self as pb, tier_event};

use super::{State, take_in::Activity};
use crate::{
    domain::{Ladders, LevelGrant, Member, Metrics, NotGranted, TierChange},
    store::{MemberRecord, wire},
};

/// Judges the member of a worker's call up to now. Does nothing when nothing is due.
pub fn decide(state: &mut State, stamp: &mut Stamp<'_>) {
    if state.members.contains_key(&(stamp.program_id(), stamp.member_id())) {
        let now = stamp.now();
        change_member(state, stamp, now, |member, ladders| member.bring_up_to(ladders, now));
    }
}

/// Changes the member of a call or event, takes in the levels that campaigns gave them, and records what that did to their levels.
///
/// While the program is not known here the member is not judged: there are no ladders then, and the worker comes by when there are.
pub fn change_member(
    state: &mut State,
    stamp: &mut Stamp<'_>,
    now: Timestamp,
    change: impl FnOnce(&mut Member, &Ladders) -> Vec<TierChange>,
) {
    let (program, member_id) = (stamp.program().cloned(), stamp.member_id());
    let ladders = state.ladders_of(stamp.program_id());
    let key = (stamp.program_id(), member_id);
    let record = state
        .members
        .entry(key)
        .or_insert_with(|| MemberRecord::unknown(program.as_ref()));
    if let Some(program) = &program {
        place_early(record, program);
        record.config_version = program.config_version;
    }
    let mut changes = change(&mut record.member, &ladders);
    let mut ignored = Vec::new();
    if program.is_some() {
        let (changed, not_granted) = record.member.take_in_grants(&ladders, now);
        changes.extend(changed);
        ignored = not_granted;
    }
    record.due_at = record.member.due_at(&ladders);
    for change in changes {
        let tier_change = Some(wire::tier_change(member_id, &change));
        let event = pb::TierEvent {
            event: Some(tier_event::Event::TierChanged(pb::TierChanged { tier_change })),
        };
        stamp.record(member_id, change.occurred_at, &event);
    }
    for (given, reason) in ignored {
        record_ignored(stamp, &given, reason, now);
    }
}

/// Records that a campaign gave a level that comes to nothing.
fn record_ignored(stamp: &mut Stamp<'_>, given: &LevelGrant, reason: NotGranted, now: Timestamp) {
    let member_id = stamp.member_id();
    tracing::warn!(%member_id, campaign = given.key.campaign, ladder = given.ladder, %reason, "a level that was given is ignored");
    let ignored = wire::level_grant_ignored(member_id, given, reason);
    let event = pb::TierEvent {
        event: Some(tier_event::Event::LevelGrantIgnored(ignored)),
    };
    stamp.record(member_id, now, &event);
}

/// Keeps what a member did until the program is known and with it the day on which that counts.
pub fn keep_early(state: &mut State, stamp: &Stamp<'_>, activity: Activity) {
    let key = (stamp.program_id(), stamp.member_id());
    let record = state.members.entry(key).or_insert_with(|| MemberRecord::unknown(None));
    record.early.extend(activity.deltas);
    let awaiting = &mut record.member.awaiting;
    awaiting.retain(|given| !activity.revoked.contains(&given.key));
    awaiting.extend(activity.given);
}

/// Sums by the program's days what came before they were known. Nothing was summed until then. What is summed already stays on its days, also when
/// the machine has learned something new of the zone.
fn place_early(record: &mut MemberRecord, program: &Program) {
    if *record.member.metrics.zone() != program.zone {
        let days = record.member.metrics.days().to_vec();
        record.member.metrics =
            Metrics::from_days(program.zone.clone(), days).expect("the days of metrics are days of metrics");
    }
    for deltas in record.early.drain(..) {
        if let Err(too_much) = record.member.metrics.add(&deltas) {
            tracing::error!(program_id = %program.program_id, %too_much, "an activity cannot be counted");
        }
    }
}
