use std::sync::Arc;

use jiff::Timestamp;

use super::fixtures::*;
use crate::domain::*;

#[test]
fn a_ladder_that_comes_later_is_joined_from_the_bottom_and_judged_when_it_became_known() {
    let ladder = status(YEAR, 12, DowngradePolicy::OneLevel);
    let first = LadderVersion {
        ladder: Arc::new(ladder),
        version: 1,
        effective_from: Timestamp::UNIX_EPOCH,
    };
    let versions = LadderVersions::new(first, at("1997-06-01T00:00:00-04:00"));
    let mut story = Story::new(versions, at("1997-01-01T00:00:00-05:00"));
    (story.member.standings, story.changes) = Default::default();
    story
        .member
        .metrics
        .add(&bought(150, at("1997-02-01T12:00:00-05:00")))
        .unwrap();
    story.buys(500, "1997-08-01T12:00:00-04:00");
    let told = [
        "1997-01-01: Enrolled standard",
        "1997-06-01: Qualified silver",
        "1997-08-01: Qualified gold",
    ];
    assert_eq!(story.told(), told);
}

#[test]
fn a_sum_that_cannot_be_held_changes_nothing() {
    let now = at("1997-02-01T12:00:00-05:00");
    let mut story = Story::new(only(status(YEAR, 12, DowngradePolicy::OneLevel)), now);
    story.takes(bought(i64::MAX, now), now);
    let before = story.member.clone();
    let refused = story.member.take_in(&story.ladders, &bought(1, now), now);
    assert_eq!(
        refused,
        Err(TooMuch {
            date: story.member.metrics.day_of(now)
        })
    );
    assert_eq!(story.member, before);
}

#[test]
fn sums_beyond_any_number_still_meet_what_is_asked() {
    let mut metrics = Metrics::new(new_york());
    for day in ["1997-02-01T12:00:00Z", "1997-02-02T12:00:00Z", "1997-02-03T12:00:00Z"] {
        metrics.add(&bought(i64::MAX, at(day))).unwrap();
    }
    assert_eq!(
        metrics.sum(Metric::Spend, YEAR, metrics.day_of(at("1997-02-03T12:00:00Z"))),
        i64::MAX
    );
}

#[test]
fn a_return_that_arrives_before_its_purchase_counts_as_nothing_until_then() {
    let purchase = bought(600, at("1997-02-01T12:00:00Z"));
    let mut metrics = Metrics::new(new_york());
    metrics.add(&returned(purchase)).unwrap();
    assert_eq!(metrics.sum(Metric::Spend, YEAR, metrics.day_of(purchase.counted_at)), 0);
    metrics.add(&purchase).unwrap();
    assert_eq!(metrics, Metrics::new(new_york()));
}

#[test]
fn days_that_are_out_of_order_are_not_metrics() {
    let mut metrics = Metrics::new(new_york());
    metrics.add(&bought(1, at("1997-02-01T12:00:00Z"))).unwrap();
    metrics.add(&bought(1, at("1997-03-01T12:00:00Z"))).unwrap();
    let days = metrics.days().to_vec();
    assert_eq!(Metrics::from_days(new_york(), days.clone()), Some(metrics));
    assert_eq!(
        Metrics::from_days(new_york(), days.iter().rev().copied().collect()),
        None
    );
    assert_eq!(Metrics::from_days(new_york(), vec![days[0], days[0]]), None);
}

#[test]
fn who_did_something_before_their_enrolment_was_heard_of_is_judged_once_it_is() {
    let mut story = Story::new(
        only(status(YEAR, 12, DowngradePolicy::OneLevel)),
        at("1997-01-01T12:00:00-05:00"),
    );
    story.member = Member::unknown(new_york());
    story.changes.clear();
    story.buys(150, "1997-02-01T12:00:00-05:00");
    assert!(story.changes.is_empty());
    story.member.enrolled_at = Some(at("1997-01-31T12:00:00-05:00"));
    story.look(at("1997-02-02T12:00:00-05:00"));
    assert_eq!(
        story.told(),
        ["1997-01-31: Enrolled standard", "1997-02-02: Qualified silver"]
    );
}

#[test]
fn who_has_left_is_no_longer_judged() {
    let mut story = Story::new(
        only(status(YEAR, 12, DowngradePolicy::OneLevel)),
        at("1997-01-01T12:00:00-05:00"),
    );
    story.buys(150, "1997-02-01T12:00:00-05:00");
    story.member.closed = true;
    assert_eq!(story.member.due_at(&story.ladders), None);
    story.look(at("2000-01-01T12:00:00-05:00"));
    assert_eq!(story.standing().level, "silver");
}

#[test]
fn imagining_changes_nothing_and_tells_what_would_come() {
    let now = at("1997-03-01T12:00:00-05:00");
    let mut story = Story::new(
        only(status(YEAR, 12, DowngradePolicy::OneLevel)),
        at("1997-01-01T12:00:00-05:00"),
    );
    story.buys(60, "1997-02-01T12:00:00-05:00");
    let before = story.member.clone();
    let gains = [
        bought(440, at("1997-06-01T12:00:00-04:00")),
        bought(40, now),
        bought(9000, at("2001-01-01T12:00:00-05:00")),
    ];
    let (imagined, changes) = story
        .member
        .imagine(&story.ladders, &gains, now, at("1998-07-01T12:00:00-04:00"))
        .unwrap();
    assert_eq!(story.member, before);
    assert_eq!(imagined.standings["status"].level, "silver");
    story.changes = changes;
    let told = [
        "1997-03-01: Qualified silver",
        "1997-06-01: Qualified gold",
        "1998-06-01: ReviewedDown silver",
    ];
    assert_eq!(story.told(), told);
}
