//! Levels that campaigns give: what they change, and what they leave alone.

use common::ids::ActivityId;
use jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, option, prelude::*};
use uuid::Uuid;

use super::fixtures::*;
use crate::domain::*;

const START: &str = "1997-01-01T12:00:00-05:00";

fn key(number: u128) -> GrantKey {
    GrantKey {
        activity_id: ActivityId::from(Uuid::from_u128(number)),
        campaign: "lift".to_owned(),
        grant: 0,
    }
}

fn lift(number: u128, to: ToLevel, lasts_days: Option<i32>, given_at: Timestamp) -> LevelGrant {
    LevelGrant {
        key: key(number),
        ladder: "status".to_owned(),
        to,
        given_at,
        lasts_days,
    }
}

fn to(level: &str) -> ToLevel {
    ToLevel::Level(level.to_owned())
}

/// Lets a member be given a level, and returns why it comes to nothing.
fn gives(story: &mut Story, given: LevelGrant, now: Timestamp) -> Option<NotGranted> {
    story.member.awaiting.push(given);
    let (changes, ignored) = story.member.take_in_grants(&story.ladders, now);
    story.changes.extend(changes);
    ignored.first().map(|(_, reason)| *reason)
}

fn revokes(story: &mut Story, number: u128, now: Timestamp) {
    let changes = story.member.revoke(&story.ladders, &key(number), now);
    story.changes.extend(changes);
}

fn story() -> Story {
    Story::new(only(status(YEAR, 12, DowngradePolicy::ToQualified)), at(START))
}

#[test]
fn a_level_above_ones_own_holds_for_its_time_and_leaves_ones_own_alone() {
    let mut story = story();
    story.buys(150, "1997-02-01T12:00:00-05:00");
    let own = story.standing().clone();
    let given_at = at("1997-03-01T12:00:00-05:00");
    assert_eq!(
        gives(&mut story, lift(1, ToLevel::Up(1), Some(90), given_at), given_at),
        None
    );
    assert_eq!(story.standing().stands_on(), "gold");
    let told = story.changes.last().unwrap();
    assert_eq!(
        (told.to_rank, told.valid_until),
        (2, Some(at("1997-05-31T00:00:00-04:00")))
    );
    assert_eq!(told.granted.as_ref().unwrap().1, "silver");
    story.look(at("1997-05-31T00:00:00-04:00"));
    assert_eq!(*story.standing(), own);
    let told = story.changes.last().unwrap();
    assert_eq!((told.valid_until, &told.granted), (own.valid_until, &None));
    assert_eq!(
        story.told()[2..],
        ["1997-03-01: Granted gold", "1997-05-31: GrantEnded silver"]
    );
}

#[test]
fn what_happens_below_a_granted_level_is_told_when_it_shows() {
    let mut story = story();
    gives(&mut story, lift(1, to("gold"), Some(400), at(START)), at(START));
    story.buys(150, "1997-02-01T12:00:00-05:00");
    story.look(at("1998-02-01T12:00:00-05:00"));
    assert_eq!(
        story.told(),
        ["1997-01-01: Enrolled standard", "1997-01-01: Granted gold"]
    );
    story.buys(600, "1998-02-02T12:00:00-05:00");
    assert_eq!(story.told()[2..], ["1998-02-02: Qualified gold"]);
    story.look(at("1998-06-01T12:00:00-05:00"));
    assert_eq!(
        story.changes.len(),
        3,
        "whose own level it is does not notice that the gift is over"
    );
}

#[test]
fn a_review_that_takes_ones_own_level_leaves_the_one_that_was_given() {
    let mut story = story();
    let bought = story.buys(600, "1997-02-01T12:00:00-05:00");
    story.takes(returned(bought), at("1997-02-02T12:00:00-05:00"));
    gives(
        &mut story,
        lift(1, to("silver"), None, at("1997-03-01T12:00:00-05:00")),
        at("1997-03-01T12:00:00-05:00"),
    );
    assert_eq!(
        story.changes.len(),
        2,
        "a lower level is not noticed while one's own is higher"
    );
    story.look(at("1998-02-01T12:00:00-05:00"));
    assert_eq!(story.told()[2..], ["1998-02-01: ReviewedDown silver"]);
    assert_eq!(
        (story.standing().level.as_str(), story.standing().stands_until()),
        ("standard", None)
    );
}

#[test]
fn levels_up_are_counted_from_where_the_member_stands_and_end_at_the_highest() {
    let mut story = story();
    for number in 1..=5 {
        gives(&mut story, lift(number, ToLevel::Up(1), Some(10), at(START)), at(START));
    }
    let told = ["Granted silver", "Granted gold", "Granted diamond"].map(|told| format!("1997-01-01: {told}"));
    assert_eq!(story.told()[1..], told);
    revokes(&mut story, 3, at(START));
    assert_eq!(story.changes.last().unwrap().cause, TierChangeCause::GrantRevoked);
    assert_eq!(story.standing().stands_on(), "diamond", "others lifted to it too");
    story.look(at("1997-01-12T00:00:00-05:00"));
    assert_eq!(story.told().last().unwrap(), "1997-01-12: GrantEnded standard");
    assert_eq!(story.standing().grants, Grants::default());
}

#[test]
fn what_makes_no_sense_is_ignored_with_the_reason() {
    let mut story = story();
    let other = LevelGrant {
        ladder: "growth".to_owned(),
        ..lift(1, to("gold"), None, at(START))
    };
    assert_eq!(gives(&mut story, other, at(START)), Some(NotGranted::LadderNotFound));
    let given = lift(2, to("platinum"), None, at(START));
    assert_eq!(gives(&mut story, given, at(START)), Some(NotGranted::LevelNotFound));
    let long_ago = lift(3, to("gold"), Some(1), at(START));
    let now = at("1997-01-03T00:00:00-05:00");
    assert_eq!(gives(&mut story, long_ago.clone(), now), Some(NotGranted::Over));
    story.member.closed = true;
    assert_eq!(gives(&mut story, long_ago, at(START)), Some(NotGranted::MemberClosed));
    assert_eq!(story.told(), ["1997-01-01: Enrolled standard"]);
}

#[test]
fn what_comes_before_the_enrolment_waits_for_it_and_can_be_taken_back_until_then() {
    let mut story = story();
    story.member = Member::unknown(new_york());
    story.changes.clear();
    for number in 1..=2 {
        gives(&mut story, lift(number, ToLevel::Up(1), None, at(START)), at(START));
    }
    revokes(&mut story, 1, at(START));
    story.member.enrolled_at = Some(at(START));
    let (changes, _) = story.member.take_in_grants(&story.ladders, at(START));
    story.changes.extend(changes);
    assert_eq!(
        story.told(),
        ["1997-01-01: Enrolled standard", "1997-01-01: Granted silver"]
    );
    assert!(story.member.awaiting.is_empty());
}

#[test]
fn a_version_with_another_order_of_levels_shows_and_hides_what_was_given() {
    let ladder = |codes: [&str; 3]| {
        let levels = codes.iter().enumerate().map(|(rank, code)| match rank {
            0 => level(code, &[]),
            rank => level(code, &[&[spend(YEAR, 100 * i64::try_from(rank).unwrap())]]),
        });
        ladder_of(levels.collect(), 120, DowngradePolicy::Never)
    };
    let later = at("1997-06-01T00:00:00-04:00");
    let versions = versions(
        ladder(["standard", "gold", "platinum"]),
        [(ladder(["standard", "platinum", "gold"]), later)],
    );
    let mut story = Story::new(versions, at(START));
    story.buys(150, "1997-02-01T12:00:00-05:00");
    gives(
        &mut story,
        lift(1, to("platinum"), None, at("1997-03-01T12:00:00-05:00")),
        at("1997-03-01T12:00:00-05:00"),
    );
    story.look(later);
    let told = [
        "1997-02-01: Qualified gold",
        "1997-03-01: Granted platinum",
        "1997-06-01: GrantEnded gold",
    ];
    assert_eq!(story.told()[1..], told);
}

/// What is recorded of a member, so many hours after the start.
#[derive(Clone, Debug)]
enum Recorded {
    Bought(i64),
    Given {
        number: u128,
        to: ToLevel,
        lasts_days: Option<i32>,
    },
    Revoked(u128),
}

fn histories() -> impl Strategy<Value = Vec<(i64, Recorded)>> {
    let to = prop_oneof![
        (1..4usize).prop_map(ToLevel::Up),
        prop::sample::select(vec!["silver", "gold", "diamond"]).prop_map(to),
    ];
    let given = (
        0..20_000i64,
        to,
        option::weighted(0.9, 1..500i32),
        option::weighted(0.3, 0..9_000i64),
    );
    let bought = (0..20_000i64, 1..400i64).prop_map(|(hour, amount)| (hour, Recorded::Bought(amount)));
    (vec(given, 0..12), vec(bought, 0..12)).prop_map(|(given, mut history)| {
        for ((hour, to, lasts_days, kept_for), number) in given.into_iter().zip(1..) {
            history.push((hour, Recorded::Given { number, to, lasts_days }));
            history.extend(kept_for.map(|kept| (hour + kept, Recorded::Revoked(number))));
        }
        history.sort_by_key(|(hour, _)| *hour);
        history
    })
}

fn hours(hours: i64) -> Timestamp {
    at(START) + SignedDuration::from_hours(hours)
}

fn replay(history: &[(i64, Recorded)], looks: &[i64], with_grants: bool) -> Story {
    let mut story = Story::new(only(status(YEAR, 7, DowngradePolicy::OneLevel)), at(START));
    let mut looks = looks.to_vec();
    looks.sort_unstable();
    for (hour, recorded) in history {
        let now = hours(*hour);
        looks
            .extract_if(.., |look| *look <= *hour)
            .for_each(|look| story.look(hours(look)));
        match recorded {
            Recorded::Bought(amount) => story.takes(bought(*amount, now), now),
            Recorded::Given { number, to, lasts_days } if with_grants => {
                assert_eq!(
                    gives(&mut story, lift(*number, to.clone(), *lasts_days, now), now),
                    None
                );
            }
            Recorded::Revoked(number) => revokes(&mut story, *number, now),
            Recorded::Given { .. } => {}
        }
    }
    looks.into_iter().for_each(|look| story.look(hours(look)));
    story.look(hours(30_000));
    story
}

proptest! {
    #[test]
    fn what_is_given_touches_nothing_that_is_the_members_own(history in histories()) {
        let (with, without) = (replay(&history, &[], true), replay(&history, &[], false));
        let own = |story: &Story| Standing { grants: Grants::default(), ..story.standing().clone() };
        prop_assert_eq!(own(&with), own(&without));
        prop_assert_eq!(with.member.metrics, without.member.metrics);
    }

    #[test]
    fn a_member_stands_on_the_highest_of_what_is_theirs_and_what_was_given(history in histories()) {
        let story = replay(&history, &[], true);
        let standing = story.standing();
        let ladder = &story.ladders["status"].latest().ladder;
        let rank = |level: &str| ladder.rank_of(level).unwrap();
        let granted = standing.grants.all().iter().map(|granted| rank(&granted.level));
        prop_assert_eq!(rank(standing.stands_on()), granted.chain([rank(&standing.level)]).max().unwrap());
        prop_assert!(standing.grants.next_end().is_none_or(|end| end > hours(30_000)));
        let last = story.changes.last().unwrap();
        prop_assert_eq!((last.to_level.as_str(), last.valid_until), (standing.stands_on(), standing.stands_until()));
        for (earlier, later) in story.changes.iter().zip(&story.changes[1..]) {
            prop_assert_eq!(Some(&earlier.to_level), later.from_level.as_ref());
            prop_assert!(earlier.occurred_at <= later.occurred_at);
        }
    }

    #[test]
    fn looking_changes_nothing(history in histories(), looks in vec(0..30_000i64, 0..12)) {
        let (undisturbed, watched) = (replay(&history, &[], true), replay(&history, &looks, true));
        prop_assert_eq!(&undisturbed.changes, &watched.changes);
        prop_assert_eq!(undisturbed.member, watched.member);
    }
}
