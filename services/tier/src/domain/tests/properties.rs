//! Whatever members do, and whenever anyone looks.

use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::fixtures::*;
use crate::domain::*;

const START: Timestamp = Timestamp::constant(852_130_800, 0); // 1997-01-01 00:20 in New York

/// Something that is recorded at a time, and counts at that time or an earlier one.
#[derive(Clone, Copy, Debug)]
struct Recorded {
    deltas: MetricDeltas,
    at: Timestamp,
}

fn hours(hours: i64) -> Timestamp {
    START + SignedDuration::from_hours(hours)
}

/// Purchases over two and a half years, some of them late in arriving, some returned, in the order in which they are recorded.
fn histories() -> impl Strategy<Value = Vec<Recorded>> {
    let purchase = (
        0..22_000i64,
        1..700i64,
        prop_oneof![4 => Just(0), 1 => 0..2_000i64],
        option::weighted(0.3, 0..3_000i64),
    );
    vec(purchase, 0..25).prop_map(|purchases| {
        let mut history = Vec::new();
        for (hour, amount, late, kept_for) in purchases {
            let purchase = bought(amount, hours(hour));
            history.push(Recorded {
                deltas: purchase,
                at: hours(hour + late),
            });
            history.extend(kept_for.map(|kept| Recorded {
                deltas: returned(purchase),
                at: hours(hour + late + kept),
            }));
        }
        history.sort_by_key(|recorded| recorded.at);
        history
    })
}

fn windows() -> impl Strategy<Value = MetricWindow> {
    prop_oneof![
        Just(MetricWindow::Lifetime),
        Just(MetricWindow::CalendarYear),
        (1..800u16).prop_map(MetricWindow::RollingDays)
    ]
}

fn ladders() -> impl Strategy<Value = Ladder> {
    let policies = select(vec![
        DowngradePolicy::Never,
        DowngradePolicy::OneLevel,
        DowngradePolicy::ToQualified,
    ]);
    (windows(), 1..18u16, policies).prop_map(|(window, months, policy)| status(window, months, policy))
}

/// A ladder that is replaced by another one in the course of a history, or is not.
fn changing_ladders() -> impl Strategy<Value = LadderVersions> {
    (ladders(), option::of((ladders(), 0..22_000i64)))
        .prop_map(|(first, second)| versions(first, second.map(|(ladder, hour)| (ladder, hours(hour)))))
}

fn sums_of(history: &[Recorded]) -> Metrics {
    let mut metrics = Metrics::new(new_york());
    for recorded in history {
        metrics.add(&recorded.deltas).unwrap();
    }
    metrics
}

/// Lets a history happen, with someone looking at these hours too.
fn replay(versions: &LadderVersions, history: &[Recorded], looks: &[i64], until: Timestamp) -> Story {
    let mut story = Story::new(versions.clone(), START);
    let mut looks: Vec<_> = looks.iter().map(|hour| hours(*hour)).collect();
    looks.sort();
    for recorded in history {
        looks
            .extract_if(.., |look| *look <= recorded.at)
            .for_each(|look| story.look(look));
        story.takes(recorded.deltas, recorded.at);
    }
    looks
        .into_iter()
        .filter(|look| *look <= until)
        .for_each(|look| story.look(look));
    story.look(until);
    story
}

proptest! {
    #[test]
    fn sums_do_not_depend_on_the_order_of_arrival((history, shuffled) in histories().prop_flat_map(|history| {
        (Just(history.clone()), Just(history).prop_shuffle())
    })) {
        prop_assert_eq!(sums_of(&history), sums_of(&shuffled));
    }

    #[test]
    fn what_was_taken_back_leaves_no_trace((kept, mixed) in (histories(), histories()).prop_flat_map(|(kept, undone)| {
        let undoing = undone.iter().map(|recorded| Recorded { deltas: returned(recorded.deltas), ..*recorded });
        let mixed: Vec<_> = kept.iter().copied().chain(undone.iter().copied()).chain(undoing).collect();
        (Just(kept), Just(mixed).prop_shuffle())
    })) {
        prop_assert_eq!(sums_of(&kept), sums_of(&mixed));
    }

    #[test]
    fn a_window_sums_what_lies_in_it(history in histories(), window in windows(), hour in 0..26_000i64) {
        let metrics = sums_of(&history);
        let today = metrics.day_of(hours(hour));
        let counts = |recorded: &&Recorded| {
            let day = metrics.day_of(recorded.deltas.counted_at);
            day <= today && match window {
                MetricWindow::Lifetime => true,
                MetricWindow::CalendarYear => day.year() == today.year(),
                MetricWindow::RollingDays(days) => (today - day).get_days() < i32::from(days),
            }
        };
        let sum = |of: fn(&MetricDeltas) -> i64| history.iter().filter(counts).map(|recorded| of(&recorded.deltas)).sum::<i64>();
        prop_assert_eq!(metrics.sum(Metric::Spend, window, today), sum(|deltas| deltas.spend_minor_units));
        prop_assert_eq!(metrics.sum(Metric::Orders, window, today), sum(|deltas| deltas.orders));
        prop_assert_eq!(metrics.sum(Metric::PointsEarned, window, today), sum(|deltas| deltas.points_earned));
    }

    #[test]
    fn standings_do_not_depend_on_the_order_of_arrival(
        (history, shuffled) in histories().prop_flat_map(|history| (Just(history.clone()), Just(history).prop_shuffle())),
        versions in changing_ladders(),
        mut looks in vec(0..26_000i64, 1..5),
    ) {
        looks.sort();
        let follow = |metrics: Metrics| {
            let mut story = Story::new(versions.clone(), START);
            story.member.metrics = metrics;
            looks.iter().for_each(|hour| story.look(hours(*hour)));
            (story.member, story.changes)
        };
        prop_assert_eq!(follow(sums_of(&history)), follow(sums_of(&shuffled)));
    }

    #[test]
    fn looking_changes_nothing(history in histories(), versions in changing_ladders(), looks in vec(0..27_000i64, 0..12)) {
        let undisturbed = replay(&versions, &history, &[], hours(27_000));
        let watched = replay(&versions, &history, &looks, hours(27_000));
        prop_assert_eq!(&undisturbed.changes, &watched.changes);
        prop_assert_eq!(undisturbed.member, watched.member);
    }

    #[test]
    fn a_level_falls_only_at_its_review(history in histories(), versions in changing_ladders()) {
        let mut story = Story::new(versions, START);
        for recorded in &history {
            let (before, told) = (story.standing().clone(), story.changes.len());
            story.takes(recorded.deltas, recorded.at);
            let mut term_ends = before.valid_until;
            for change in &story.changes[told..] {
                let ladder = &story.ladders["status"].in_force(change.occurred_at).ladder;
                let from = ladder.rank_of(change.from_level.as_ref().unwrap()).unwrap();
                match change.cause {
                    TierChangeCause::Qualified => prop_assert!(change.to_rank > from),
                    TierChangeCause::Renewed => prop_assert!(change.to_rank == from && term_ends == Some(change.occurred_at)),
                    TierChangeCause::ReviewedDown => prop_assert!(change.to_rank < from && term_ends == Some(change.occurred_at)),
                    TierChangeCause::Enrolled => prop_assert!(false, "a member enrols once"),
                    TierChangeCause::Granted | TierChangeCause::GrantEnded | TierChangeCause::GrantRevoked => {
                        prop_assert!(false, "nothing was given");
                    }
                }
                term_ends = change.valid_until;
            }
        }
    }

    #[test]
    fn changes_tell_the_whole_story(history in histories(), versions in changing_ladders(), until in 0..27_000i64) {
        let last = history.last().map_or(START, |recorded| recorded.at);
        let now = hours(until).max(last);
        let story = replay(&versions, &history, &[], now);
        for (earlier, later) in story.changes.iter().zip(&story.changes[1..]) {
            prop_assert_eq!(Some(&earlier.to_level), later.from_level.as_ref());
            prop_assert!(earlier.occurred_at <= later.occurred_at && later.occurred_at <= now);
        }
        let (standing, told) = (story.standing(), story.changes.last().unwrap());
        prop_assert_eq!((&standing.level, standing.valid_until), (&told.to_level, told.valid_until));
    }

    #[test]
    fn members_stand_at_least_where_they_qualify(history in histories(), versions in changing_ladders(), until in 0..27_000i64) {
        let last = history.last().map_or(START, |recorded| recorded.at);
        let now = hours(until).max(last);
        let story = replay(&versions, &history, &[], now);
        prop_assert_eq!(story.standing().valid_until.is_none(), story.rank(now) == 0);
        prop_assert!(story.standing().valid_until.is_none_or(|end| end > now));
        let next = next_level(&versions, &story.member.metrics, story.standing(), now);
        prop_assert!(next.is_none_or(|next| next.any_of.iter().all(|way| !way.is_met())));
        prop_assert_eq!(story.standing().ladder_version, versions.in_force(now).version);
    }
}
