use super::fixtures::*;
use crate::domain::*;

const NEVER: DowngradePolicy = DowngradePolicy::Never;

fn with_platinum() -> Ladder {
    let mut levels = status(YEAR, 12, NEVER).levels().to_vec();
    levels.insert(3, level("platinum", &[&[spend(YEAR, 1000)]]));
    ladder_of(levels, 12, NEVER)
}

#[test]
fn a_level_may_be_inserted_and_none_may_be_lost() {
    let (before, after) = (status(YEAR, 12, NEVER), with_platinum());
    assert_eq!(before.level_lost_in(&after), None);
    assert_eq!(
        after.level_lost_in(&before).map(|level| level.code.as_str()),
        Some("platinum")
    );
}

#[test]
fn a_version_holds_from_its_instant_until_the_next() {
    let (june, july) = (at("1997-06-01T00:00:00Z"), at("1997-07-01T00:00:00Z"));
    let known = versions(
        status(YEAR, 12, NEVER),
        [(with_platinum(), june), (status(YEAR, 6, NEVER), july)],
    );
    let in_force = |instant: &str| known.in_force(at(instant)).version;
    assert_eq!(in_force("1960-01-01T00:00:00Z"), 1, "the first holds for all the past");
    assert_eq!(
        (in_force("1997-05-31T23:59:59Z"), in_force("1997-06-01T00:00:00Z")),
        (1, 2)
    );
    assert_eq!(
        (in_force("1997-07-01T00:00:00Z"), in_force("2026-01-01T00:00:00Z")),
        (3, 3)
    );
    assert_eq!(
        (known.next_from(1), known.next_from(2), known.next_from(3)),
        (Some(june), Some(july), None)
    );
}

#[test]
fn an_easier_version_lifts_members_when_it_comes_into_force_whoever_looks_when() {
    let easier = ladder_of(
        vec![
            level("standard", &[]),
            level("silver", &[&[spend(YEAR, 50)]]),
            level("gold", &[&[spend(YEAR, 500)]]),
        ],
        12,
        NEVER,
    );
    let harder = ladder_of(
        vec![
            level("standard", &[]),
            level("silver", &[&[spend(YEAR, 100)]]),
            level("gold", &[&[spend(YEAR, 500)]]),
        ],
        12,
        NEVER,
    );
    let versions = versions(harder, [(easier, at("1997-07-01T00:00:00-04:00"))]);
    let mut story = Story::new(versions, at("1997-01-01T12:00:00-05:00"));
    story.buys(60, "1997-06-01T12:00:00-04:00");
    assert_eq!(
        story.member.due_at(&story.ladders),
        Some(at("1997-07-01T00:00:00-04:00"))
    );
    story.look(at("1997-09-01T12:00:00-04:00"));
    assert_eq!(
        story.told(),
        ["1997-01-01: Enrolled standard", "1997-07-01: Qualified silver"]
    );
    assert_eq!(story.changes[1].ladder_version, 2);
    assert_eq!(story.member.due_at(&story.ladders), story.standing().valid_until);
}

#[test]
fn a_level_that_a_version_puts_below_theirs_gives_members_of_the_old_lowest_level_a_term() {
    let guests = ladder_of(
        vec![
            level("guest", &[]),
            level("standard", &[&[spend(YEAR, 10)]]),
            level("silver", &[&[spend(YEAR, 100)]]),
        ],
        12,
        DowngradePolicy::OneLevel,
    );
    let first = ladder_of(
        vec![level("standard", &[]), level("silver", &[&[spend(YEAR, 100)]])],
        12,
        NEVER,
    );
    let versions = versions(first, [(guests, at("1997-07-01T00:00:00-04:00"))]);
    let mut story = Story::new(versions, at("1997-01-01T00:00:00-05:00"));
    story.look(at("1997-07-01T00:00:00-04:00"));
    assert_eq!(
        story.standing().valid_until,
        Some(at("1998-07-01T00:00:00-04:00")),
        "counted from the new version"
    );
    story.look(at("1999-01-01T00:00:00-05:00"));
    assert_eq!(story.told()[1..], ["1998-07-01: ReviewedDown guest"]);
}
