use super::fixtures::*;
use crate::domain::*;

fn story(downgrade: DowngradePolicy) -> Story {
    Story::new(only(status(YEAR, 12, downgrade)), at("1997-01-01T12:00:00-05:00"))
}

#[test]
fn a_purchase_that_meets_two_levels_enters_the_higher_one_at_once() {
    let mut story = story(DowngradePolicy::OneLevel);
    story.buys(600, "1997-03-05T15:30:00-05:00");
    assert_eq!(
        story.told(),
        ["1997-01-01: Enrolled standard", "1997-03-05: Qualified gold"]
    );
    let change = &story.changes[1];
    assert_eq!((change.from_level.as_deref(), change.to_rank), (Some("standard"), 2));
    assert_eq!(change.valid_until, Some(at("1998-03-05T15:30:00-05:00")));
    let met = Progress {
        requirement: spend(YEAR, 500),
        current: 600,
        missing: 0,
    };
    assert_eq!(change.reasons, [ProgressSet { all_of: vec![met] }]);
}

#[test]
fn a_return_lowers_what_counts_and_never_the_level_before_its_review() {
    let mut story = story(DowngradePolicy::ToQualified);
    let purchase = story.buys(600, "1997-03-05T12:00:00-05:00");
    story.takes(returned(purchase), at("1997-03-12T12:00:00-05:00"));
    assert_eq!(story.standing().level, "gold");
    assert_eq!(story.member.metrics.days(), []);
    story.look(at("1998-03-05T12:00:00-05:00"));
    assert_eq!(story.told()[2..], ["1998-03-05: ReviewedDown standard"]);
    let unmet = Progress {
        requirement: spend(YEAR, 500),
        current: 0,
        missing: 500,
    };
    assert_eq!(story.changes[2].reasons, [ProgressSet { all_of: vec![unmet] }]);
    assert_eq!(story.standing().valid_until, None);
}

#[test]
fn a_member_who_still_qualifies_is_renewed_for_another_term() {
    let mut story = story(DowngradePolicy::ToQualified);
    story.buys(600, "1997-03-05T12:00:00-05:00");
    story.buys(500, "1998-03-04T12:00:00-05:00");
    story.look(at("1998-03-06T12:00:00-05:00"));
    assert_eq!(story.told()[2..], ["1998-03-05: Renewed gold"]);
    assert_eq!(story.standing().since, at("1997-03-05T12:00:00-05:00"));
    assert_eq!(story.standing().valid_until, Some(at("1999-03-05T12:00:00-05:00")));
}

#[test]
fn a_member_who_was_away_for_years_lands_softly_one_level_a_year() {
    let mut story = story(DowngradePolicy::OneLevel);
    story.buys(2000, "1997-03-05T12:00:00-05:00");
    story.look(at("2003-01-01T00:00:00-05:00"));
    let down = [
        "1998-03-05: ReviewedDown gold",
        "1999-03-05: ReviewedDown silver",
        "2000-03-05: ReviewedDown standard",
    ];
    assert_eq!(story.told()[2..], down);
}

#[test]
fn a_ladder_that_never_takes_a_level_away_renews_it() {
    let mut story = story(DowngradePolicy::Never);
    story.buys(600, "1997-03-05T12:00:00-05:00");
    story.look(at("1999-12-31T00:00:00-05:00"));
    assert_eq!(
        story.told()[2..],
        ["1998-03-05: Renewed gold", "1999-03-05: Renewed gold"]
    );
    assert_eq!(story.changes[2].reasons[0].all_of[0].missing, 500);
}

#[test]
fn a_purchase_at_the_instant_of_a_review_comes_after_it() {
    let mut story = story(DowngradePolicy::ToQualified);
    story.buys(600, "1997-03-05T12:00:00-05:00");
    story.buys(150, "1998-03-05T12:00:00-05:00");
    assert_eq!(
        story.told()[2..],
        ["1998-03-05: ReviewedDown standard", "1998-03-05: Qualified silver"]
    );
}

#[test]
fn a_calendar_year_starts_at_midnight_of_the_zone() {
    let ladder = status(MetricWindow::CalendarYear, 12, DowngradePolicy::OneLevel);
    let mut story = Story::new(only(ladder), at("1997-01-01T12:00:00-05:00"));
    story.buys(60, "1997-12-31T23:59:59-05:00");
    story.buys(60, "1998-01-01T00:00:00-05:00");
    assert_eq!(story.told(), ["1997-01-01: Enrolled standard"]);
    story.buys(40, "1998-12-31T23:59:59-05:00");
    assert_eq!(story.told()[1..], ["1998-12-31: Qualified silver"]);
}

#[test]
fn any_way_in_suffices_and_all_of_a_way_must_be_met() {
    let orders = |at_least| Requirement {
        metric: Metric::Orders,
        window: YEAR,
        at_least,
    };
    let silver = level("silver", &[&[spend(YEAR, 100), orders(2)], &[orders(4)]]);
    let ladder = ladder_of(vec![level("standard", &[]), silver], 12, DowngradePolicy::OneLevel);
    let mut story = Story::new(only(ladder), at("1997-01-01T12:00:00-05:00"));
    story.buys(1000, "1997-02-01T12:00:00-05:00");
    let next = next_level(
        &story.ladders["status"],
        &story.member.metrics,
        story.standing(),
        at("1997-02-01T12:00:00-05:00"),
    );
    let next = next.unwrap();
    assert_eq!(next.level, "silver");
    let missing: Vec<Vec<_>> = next
        .any_of
        .iter()
        .map(|way| way.all_of.iter().map(|p| p.missing).collect())
        .collect();
    assert_eq!(missing, [vec![0, 1], vec![3]]);
    story.buys(0, "1997-02-02T12:00:00-05:00");
    assert_eq!(story.standing().level, "silver");
    assert_eq!(story.changes[1].reasons.len(), 1, "only the way that was met");
    let highest = next_level(
        &story.ladders["status"],
        &story.member.metrics,
        story.standing(),
        at("1997-02-02T12:00:00-05:00"),
    );
    assert_eq!(highest, None);
}
