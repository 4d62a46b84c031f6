//! Whether a campaign can apply at all, and whether others leave it anything.

use std::collections::BTreeMap;

use jiff::civil::{Date, time};

use super::{Finding, Plan, Strange};
use crate::domain::campaign::{Campaign, REPORTED, Trigger};
use crate::domain::condition::{Condition, Test};
use crate::domain::grant::Gives;
use crate::domain::group::{Group, GroupMode};
use crate::domain::names::Names;
use crate::domain::rules::Version;
use crate::domain::schedule::{LastWeekend, On, Schedule};

/// Tells whether a schedule includes any of a day.
pub(super) fn runs_on(schedule: &Schedule, day: Date, plan: &Plan<'_>) -> bool {
    let minutes = schedule.times.iter().map(|time| time.from_minute).chain([0, 12 * 60]);
    let mut instants = minutes.filter_map(|minute| {
        let at = time((minute / 60 % 24) as i8, (minute % 60) as i8, 0, 0);
        let local = day.to_datetime(at);
        let instant = local.to_zoned(plan.zone.tz().clone()).ok()?.timestamp();
        Some((instant, local))
    });
    let starts_or_ends = schedule
        .start
        .into_iter()
        .chain(schedule.end.map(|end| end - jiff::SignedDuration::from_nanos(1)));
    let mut edges = starts_or_ends.map(|at| (at, plan.zone.tz().to_datetime(at)));
    instants.any(|(at, local)| schedule.includes(at, local))
        || edges.any(|(at, local)| local.date() == day && schedule.includes(at, local))
}

/// Finds what is strange about each by itself, and beside those that are considered before it.
pub(super) fn findings(plan: &Plan<'_>, running: &BTreeMap<usize, Vec<Date>>, days: &[Date]) -> Vec<Finding> {
    let mut found = Vec::new();
    let campaigns = plan.rules.campaigns();
    for (at, runs) in running {
        let campaign = &campaigns[*at].rule;
        let alone = |is: Strange| Finding {
            is,
            campaigns: vec![campaign.code.clone()],
        };
        found.extend(runs.is_empty().then(|| alone(Strange::NeverRuns)));
        found.extend(conditions(campaign, plan).into_iter().map(alone));
        found.extend(is_unlimited(campaign).then(|| alone(Strange::Unlimited)));
        found.extend(lifts_again(campaign).map(alone));
        found.extend(other_weekend(&campaign.schedule, days).map(alone));
        let before = running
            .keys()
            .take_while(|other| *other < at)
            .map(|other| &campaigns[*other]);
        let mut shadows = before.filter(|other| shadows(&other.rule, campaign, plan.rules.groups()));
        found.extend(shadows.next().map(|other| Finding {
            is: Strange::Shadowed,
            campaigns: vec![campaign.code.clone(), other.rule.code.clone()],
        }));
    }
    found
}

/// What a condition asks for that nobody can meet.
fn conditions(campaign: &Campaign, plan: &Plan<'_>) -> Vec<Strange> {
    let mut found = Vec::new();
    for test in campaign.condition.iter().flat_map(Condition::tests) {
        let Test::Level { ladder, levels } = test else { continue };
        let unknown = levels
            .iter()
            .filter(|level| plan.ladders.level(ladder, level, plan.now).is_none());
        found.extend(unknown.map(|level| Strange::UnknownLevel {
            ladder: ladder.clone(),
            level: level.to_owned(),
        }));
    }
    let required: Vec<&Test> = campaign
        .condition
        .iter()
        .flat_map(|condition| condition.required())
        .collect();
    let mut pairs = required
        .iter()
        .enumerate()
        .flat_map(|(at, one)| required[at + 1..].iter().map(move |other| (one, other)));
    found.extend(
        pairs
            .any(|(one, other)| exclude(one, other))
            .then_some(Strange::CannotHold),
    );
    found
}

/// Tells whether two tests can never both hold.
fn exclude(one: &Test, other: &Test) -> bool {
    let apart = |one: &Names, other: &Names| !one.iter().any(|name| other.contains(name));
    match (one, other) {
        (
            Test::Level { ladder, levels },
            Test::Level {
                ladder: of,
                levels: others,
            },
        ) => ladder == of && apart(levels, others),
        (Test::Channel(one), Test::Channel(other)) | (Test::Store(one), Test::Store(other)) => apart(one, other),
        (
            Test::Order {
                base,
                at_least_minor_units: least,
                below_minor_units: below,
            },
            Test::Order {
                base: of,
                at_least_minor_units: other_least,
                below_minor_units: other_below,
            },
        ) => {
            base == of
                && (below.is_some_and(|below| below <= *other_least)
                    || other_below.is_some_and(|below| below <= *least))
        }
        _ => false,
    }
}

/// Whatever callers report can be reported again and again.
fn is_unlimited(campaign: &Campaign) -> bool {
    let is_asked_for = matches!(&campaign.trigger, Trigger::Custom(kind) if !REPORTED.contains(&kind.as_str()));
    is_asked_for && campaign.limits.is_empty() && !campaign.has_streak()
}

fn lifts_again(campaign: &Campaign) -> Option<Strange> {
    if campaign.trigger.kind() != REPORTED[2] {
        return None;
    }
    campaign.grants.iter().find_map(|grant| match &grant.gives {
        Gives::Level(level) => Some(Strange::LiftsAgain {
            ladder: level.ladder.clone(),
        }),
        _ => None,
    })
}

/// Returns the first day of which the two readings of the last weekend say different things.
fn other_weekend(schedule: &Schedule, days: &[Date]) -> Option<Strange> {
    let asks = |of: &&crate::domain::schedule::Days| matches!(of.on, On::LastWeekend(_));
    schedule.days.iter().find(asks)?;
    let both = [
        LastWeekend::LastSaturdayAndNextDay,
        LastWeekend::LastFullWeekendInsideMonth,
    ];
    let differs = |day: &&Date| {
        let [one, other] = both.map(|reading| reading.includes(**day));
        one != other
    };
    days.iter().find(differs).map(|on| Strange::OtherWeekend { on: *on })
}

/// Tells whether a campaign that is considered before another always applies where the other could, and keeps it from applying.
fn shadows(first: &Campaign, other: &Campaign, groups: &[Version<Group>]) -> bool {
    let is_for_the_same =
        first.trigger == other.trigger && (first.schedule == Schedule::default() || first.schedule == other.schedule);
    let asks_no_more = first.condition.is_none() || first.condition == other.condition;
    let always_applies = first.limits.is_empty()
        && first.funding.is_none()
        && (!first.grants.is_empty() || first.line_filters().any(|lines| lines.is_none()));
    let shares_a_tag = first
        .exclusive_tags
        .iter()
        .any(|tag| other.exclusive_tags.contains(tag));
    let first_of_group = || {
        let of = |group: &Version<Group>| {
            Some(&group.rule.code) == other.group.as_ref() && group.rule.mode == GroupMode::FirstMatch
        };
        first.group == other.group && groups.iter().any(of)
    };
    // What its own group leaves out keeps nobody else from applying.
    let is_chosen = first.group.is_none() || first_of_group();
    is_for_the_same && asks_no_more && always_applies && ((shares_a_tag && is_chosen) || first_of_group())
}
