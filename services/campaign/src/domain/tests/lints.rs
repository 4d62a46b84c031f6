//! What is strange about campaigns.

use jiff::civil::Weekday;

use super::*;

/// A ladder by points, of which diamond doubles.
fn ladders(counts_points: bool) -> Ladders {
    let level = |code: &str, factor, discount_per_mille| LadderLevel {
        code: code.into(),
        accrual_factor: factor,
        discount_per_mille,
    };
    let mut ladders = Ladders::default();
    ladders.put(LadderVersion {
        ladder: "status".into(),
        version: 1,
        effective_from: Timestamp::UNIX_EPOCH,
        counts_points,
        levels: vec![level("basic", Ratio::ONE, 0), level("diamond", ratio(2, 1), 200)],
    });
    ladders
}

/// What is strange at the beginning of 2026 in Shanghai.
fn strange(campaigns: Vec<Campaign>, groups: Vec<Group>, ladders: &Ladders) -> Vec<(Strange, Vec<String>)> {
    let rules = grouped(vec![accrual()], campaigns, groups);
    let found = lint(&Plan {
        rules: &rules,
        policy: DiscountPolicy::default(),
        ladders,
        zone: &Zone::find("Asia/Shanghai").unwrap(),
        now: "2025-12-31T16:00:00Z".parse().unwrap(),
    });
    for finding in &found {
        for language in [Language::English, Language::Chinese] {
            let told = sentence(finding, language);
            assert!(
                finding
                    .campaigns
                    .first()
                    .is_none_or(|code| told.contains(code.as_str()) || language == Language::Chinese),
                "{told}"
            );
        }
    }
    found
        .into_iter()
        .map(|finding| (finding.is, finding.campaigns))
        .collect()
}

fn named(code: &str) -> Vec<String> {
    vec![code.to_owned()]
}

fn gift(code: &str) -> Campaign {
    campaign(code, add(5))
}

#[test]
fn nothing_is_strange_about_a_plain_campaign() {
    assert_eq!(strange(vec![gift("plain")], vec![], &ladders(false)), []);
}

#[test]
fn what_never_applies_is_found() {
    let over = Campaign {
        schedule: Schedule {
            end: Some("2025-12-31T15:59:59Z".parse().unwrap()),
            ..Schedule::default()
        },
        ..gift("over")
    };
    let lapsed = Campaign {
        paused: true,
        ..over.clone()
    };
    let lapsed = Campaign {
        code: "off".into(),
        ..lapsed
    };
    let unknown = Campaign {
        condition: Some(on_levels(&["diamond", "platinum"])),
        ..gift("unknown")
    };
    let apart = Campaign {
        condition: Some(Condition::All(vec![
            order_from(100_00),
            on_levels(&["basic"]),
            on_levels(&["diamond"]),
        ])),
        ..gift("apart")
    };
    let found = strange(vec![over, lapsed, unknown, apart], vec![], &ladders(false));
    let platinum = Strange::UnknownLevel {
        ladder: "status".into(),
        level: "platinum".into(),
    };
    assert_eq!(
        found,
        [
            (Strange::CannotHold, named("apart")),
            (Strange::NeverRuns, named("over")),
            (platinum, named("unknown")),
        ]
    );
}

#[test]
fn one_minute_a_year_is_a_time_to_run() {
    let once = Schedule {
        start: Some("2026-06-18T02:30:00Z".parse().unwrap()),
        end: Some("2026-06-18T02:31:00Z".parse().unwrap()),
        ..Schedule::default()
    };
    let late = Schedule {
        days: vec![Days {
            on: On::Weekly(vec![Weekday::Monday]),
            lasts_days: 1,
        }],
        times: vec![DayTime {
            from_minute: 23 * 60 + 59,
            until_minute: 24 * 60,
        }],
        ..Schedule::default()
    };
    for schedule in [once, late] {
        let brief = Campaign {
            schedule,
            ..gift("brief")
        };
        assert_eq!(strange(vec![brief], vec![], &ladders(false)), []);
    }
}

#[test]
fn what_another_always_keeps_from_applying_is_found() {
    let tagged = |code: &str, priority| Campaign {
        exclusive_tags: Names::new(["one"]),
        priority,
        ..gift(code)
    };
    let shadowed = [(Strange::Shadowed, vec!["late".to_owned(), "early".to_owned()])];
    let pair = vec![tagged("early", 1), tagged("late", 0)];
    assert_eq!(strange(pair.clone(), vec![], &ladders(false)), shadowed);
    let limited = Campaign {
        limits: vec![Limit {
            period: LimitPeriod::Campaign,
            times: Some(1),
            points: None,
        }],
        ..tagged("early", 1)
    };
    assert_eq!(strange(vec![limited, tagged("late", 0)], vec![], &ladders(false)), []);

    let first = Group {
        code: "first".into(),
        display_name: "first".into(),
        parent: None,
        mode: GroupMode::FirstMatch,
        priority: 0,
    };
    let in_group = |of: Campaign| Campaign {
        group: Some("first".into()),
        exclusive_tags: Names::default(),
        ..of
    };
    let pair: Vec<_> = pair.into_iter().map(in_group).collect();
    assert_eq!(strange(pair, vec![first], &ladders(false)), shadowed);
}

#[test]
fn what_feeds_itself_or_has_no_end_is_found() {
    let feeds = Strange::FeedsItself {
        accrual: "base".into(),
        ladder: "status".into(),
    };
    assert_eq!(
        strange(vec![gift("gift")], vec![], &ladders(true)),
        [(feeds, named("gift"))]
    );
    let of = |kind: &str, code: &str| Campaign {
        trigger: Trigger::Custom(kind.into()),
        ..gift(code)
    };
    let again = Campaign {
        grants: vec![one_up(0)],
        ..of("level-change", "again")
    };
    let found = strange(vec![of("check-in", "daily"), again], vec![], &ladders(false));
    let lifts = Strange::LiftsAgain {
        ladder: "status".into(),
    };
    assert_eq!(found, [(lifts, named("again")), (Strange::Unlimited, named("daily"))]);
}

#[test]
fn a_weekend_that_can_be_read_in_two_ways_is_told_with_the_first_day() {
    let weekend = Campaign {
        schedule: Schedule {
            days: vec![Days {
                on: On::LastWeekend(LastWeekend::LastSaturdayAndNextDay),
                lasts_days: 1,
            }],
            ..Schedule::default()
        },
        ..gift("weekend")
    };
    // January 2026 ends with a Saturday.
    let on = "2026-01-24".parse().unwrap();
    assert_eq!(
        strange(vec![weekend], vec![], &ladders(false)),
        [(Strange::OtherWeekend { on }, named("weekend"))]
    );
}

#[test]
fn the_most_that_all_together_give_is_told_with_its_day() {
    let in_june = Schedule {
        start: Some("2026-05-31T16:00:00Z".parse().unwrap()),
        end: Some("2026-06-30T16:00:00Z".parse().unwrap()),
        ..Schedule::default()
    };
    let double = Campaign {
        discounts: vec![Discount {
            off: Off::PerMille(50),
            lines: None,
            max_minor_units: None,
        }],
        ..campaign("double", multiply(2, 1))
    };
    let festival = Campaign {
        schedule: in_june,
        discounts: vec![Discount {
            off: Off::Level("status".into()),
            lines: None,
            max_minor_units: None,
        }],
        ..campaign("festival", multiply(3, 1))
    };
    let found = strange(vec![double, festival], vec![], &ladders(false));
    let on = "2026-06-01".parse().unwrap();
    let both = vec!["double".to_owned(), "festival".to_owned()];
    let factor = Strange::HighestFactor {
        accrual: "base".into(),
        factor: ratio(2 + 1 + 2, 1),
        on,
    };
    assert_eq!(
        found,
        [
            (factor, both.clone()),
            (Strange::HighestDiscount { per_mille: 240, on }, both)
        ]
    );
}
