//! What days in a row bring, in whatever order they become known.

use jiff::civil::Date;
use proptest::prelude::*;

use super::*;

fn streak(points_by_day: &[i64], end: StreakEnd) -> Streak {
    Streak {
        points_by_day: points_by_day.to_vec(),
        end,
        within: None,
        milestones: Vec::new(),
    }
}

fn check_ins(streak: Streak) -> Campaign {
    Campaign {
        trigger: Trigger::Custom("check-in".into()),
        make_up: Some(MakeUp {
            kind: "make-up".into(),
            days_per_month: 2,
        }),
        ..campaign("check-in", Does::Streak(streak))
    }
}

/// Someone who does something at noon of some days, and what each time brings.
struct Keen {
    rules: Arc<Rules>,
    member: Member,
}

impl Keen {
    fn of(streak: Streak) -> Keen {
        Keen {
            rules: rules(vec![accrual()], vec![check_ins(streak)]),
            member: Member::default(),
        }
    }

    fn does(&mut self, kind: &str, day: Date) -> Decision {
        let zone = Zone::find("Asia/Shanghai").unwrap();
        let at = day.at(12, 0, 0, 0).to_zoned(zone.tz().clone()).unwrap().timestamp();
        let of = FactsOf {
            member_id: common::ids::MemberId::nil(),
            trigger: &Trigger::Custom(kind.to_owned()),
            at,
        };
        let facts = self.member.facts(&self.rules, &Ladders::default(), &zone, &of);
        let custom = Custom {
            kind: kind.into(),
            reference: String::new(),
            attributes: BTreeMap::new(),
        };
        let occasion = occasion(&at.to_string());
        let decided = decide_custom(&occasion, &custom, &facts, &self.rules).unwrap();
        self.member.uses.count(&decided.uses, day);
        decided.decision
    }

    fn checks_in(&mut self, day: &str) -> i64 {
        self.does("check-in", day.parse().unwrap()).metrics.points_earned
    }
}

#[test]
fn every_day_in_a_row_brings_what_it_is_promised() {
    let week = |end| {
        let mut keen = Keen::of(streak(&[1, 2, 5], end));
        let days = ["01", "02", "03", "04", "05", "07"];
        days.map(|day| keen.checks_in(&format!("2026-03-{day}")))
    };
    assert_eq!(week(StreakEnd::Stay), [1, 2, 5, 5, 5, 1]);
    assert_eq!(week(StreakEnd::BeginAgain), [1, 2, 5, 1, 2, 1]);
}

#[test]
fn a_day_counts_once() {
    let mut keen = Keen::of(streak(&[1, 2], StreakEnd::Stay));
    assert_eq!(
        [
            keen.checks_in("2026-03-01"),
            keen.checks_in("2026-03-01"),
            keen.checks_in("2026-03-02")
        ],
        [1, 0, 2]
    );
}

#[test]
fn a_day_that_comes_late_joins_what_lies_around_it() {
    let mut keen = Keen::of(streak(&[1, 2, 5], StreakEnd::Stay));
    for day in ["01", "02", "04", "05"] {
        keen.checks_in(&format!("2026-03-{day}"));
    }
    let decision = keen.does("check-in", "2026-03-03".parse().unwrap());
    // 1, 2, 5, 5, 5 are 12 more than 1, 2 and 1, 2.
    assert_eq!(decision.metrics.points_earned, 12);
    let fact = &decision.facts.streaks[0];
    assert_eq!((fact.days_before, fact.days_after, fact.other_days), (2, 2, 4));
}

#[test]
fn a_streak_ends_with_its_week_or_month() {
    let within = |period, days: [&str; 4]| {
        let mut keen = Keen::of(Streak {
            within: Some(period),
            ..streak(&[1, 2, 5], StreakEnd::Stay)
        });
        days.map(|day| keen.checks_in(day))
    };
    // 1 March 2026 is a Sunday.
    let days = ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"];
    assert_eq!(within(LimitPeriod::Week, days), [1, 2, 5, 1]);
    assert_eq!(within(LimitPeriod::Month, days), [1, 2, 1, 2]);
    assert_eq!(within(LimitPeriod::Year, days), [1, 2, 5, 5]);
}

#[test]
fn milestones_are_reached_once_in_their_time_and_not_only_in_a_row() {
    let mut keen = Keen::of(Streak {
        within: Some(LimitPeriod::Month),
        milestones: vec![Milestone { days: 3, points: 100 }],
        ..streak(&[1], StreakEnd::Stay)
    });
    let days = ["03-01", "03-03", "03-05", "03-07", "04-01", "04-03", "04-05"];
    let brought = days.map(|day| keen.checks_in(&format!("2026-{day}")));
    assert_eq!(brought, [1, 1, 101, 1, 1, 1, 101]);
}

#[test]
fn missing_days_are_made_up_for_as_often_as_may_be() {
    let mut keen = Keen::of(streak(&[1, 2, 5], StreakEnd::Stay));
    for day in ["01", "03", "05", "07"] {
        keen.checks_in(&format!("2026-03-{day}"));
    }
    let mut made_up = |day: &str| keen.does("make-up", format!("2026-03-{day}").parse().unwrap());
    // What is there already takes nothing of what may be made up for.
    assert_eq!(made_up("03").metrics.points_earned, 0);
    assert_eq!(
        [made_up("02"), made_up("04")].map(|of| of.metrics.points_earned),
        [6, 9]
    );
    // Nobody collects what else the campaign brings by making up for what is there.
    assert_eq!(fared(&made_up("04")), [("check-in", Some(NotFired::NoMakeUpLeft))]);
    let one_too_many = made_up("06");
    assert_eq!(fared(&one_too_many), [("check-in", Some(NotFired::NoMakeUpLeft))]);
    assert_eq!(keen.checks_in("2026-03-06"), 9);
    let before_enrolment = Facts {
        enrolled_at: Some("2026-05-02T00:00:00Z".parse().unwrap()),
        ..facts(Ratio::ONE)
    };
    let custom = Custom {
        kind: "make-up".into(),
        reference: String::new(),
        attributes: BTreeMap::new(),
    };
    let in_vain = decide_custom(
        &occasion("2026-05-01T12:00:00Z"),
        &custom,
        &before_enrolment,
        &keen.rules,
    )
    .unwrap();
    assert_eq!(fared(&in_vain.decision), [("check-in", Some(NotFired::NoMakeUpLeft))]);
    let of_april = keen.does("make-up", "2026-04-01".parse().unwrap());
    assert_eq!(of_april.metrics.points_earned, 1);
}

#[test]
fn a_streak_that_can_never_be_is_refused() {
    let fields = |campaign: &Campaign| -> Vec<String> {
        let found = campaign.contradictions(&[&accrual()]);
        found.into_iter().map(|contradiction| contradiction.field).collect()
    };
    let sinking = check_ins(streak(&[2, 1], StreakEnd::Stay));
    let nothing = check_ins(streak(&[0], StreakEnd::Stay));
    let too_long = check_ins(Streak {
        within: Some(LimitPeriod::Week),
        milestones: vec![Milestone { days: 8, points: 1 }],
        ..streak(&[1; 8], StreakEnd::Stay)
    });
    let days = "effects[0].streak.points_by_day";
    assert_eq!(fields(&sinking), [days]);
    assert_eq!(fields(&nothing), [days]);
    assert_eq!(fields(&too_long), [days, "effects[0].streak.milestones"]);
    let of_orders = Campaign {
        trigger: Trigger::Purchase,
        make_up: None,
        ..capped(5, check_ins(streak(&[1], StreakEnd::Stay)))
    };
    assert_eq!(fields(&of_orders), ["effects[0].streak", "effects[0].max_points"]);
    let make_up = |kind: &str| {
        Some(MakeUp {
            kind: kind.into(),
            days_per_month: 1,
        })
    };
    let of_itself = Campaign {
        make_up: make_up("check-in"),
        ..check_ins(streak(&[1], StreakEnd::Stay))
    };
    let of_purchases = Campaign {
        make_up: make_up("enrolment"),
        ..campaign("c", add(1))
    };
    assert_eq!(fields(&of_itself), ["make_up.kind"]);
    assert_eq!(fields(&of_purchases), ["make_up", "make_up", "make_up.kind"]);
}

fn any_streak() -> impl Strategy<Value = Streak> {
    let points = prop::collection::vec(0..20_i64, 1..6).prop_map(|mut points| {
        points.sort_unstable();
        points
    });
    let end = prop_oneof![Just(StreakEnd::BeginAgain), Just(StreakEnd::Stay)];
    let within = prop_oneof![
        Just(None),
        Just(Some(LimitPeriod::Week)),
        Just(Some(LimitPeriod::Month))
    ];
    let milestones = prop::collection::vec((1..10_i64, 1..50_i64), 0..3);
    (points, end, within, milestones).prop_map(|(points_by_day, end, within, milestones)| Streak {
        points_by_day,
        end,
        within,
        milestones: milestones
            .into_iter()
            .map(|(days, points)| Milestone { days, points })
            .collect(),
    })
}

proptest! {
    #[test]
    fn the_order_in_which_days_become_known_does_not_matter(
        streak in any_streak(),
        days in prop::collection::btree_set(0..45_i32, 1..30).prop_map(|days| days.into_iter().collect::<Vec<_>>()),
        seed in any::<u64>(),
    ) {
        let day = |number: i32| jiff::civil::date(2026, 2, 10).checked_add(jiff::Span::new().days(number)).unwrap();
        let brings = |days: &[i32]| {
            let mut keen = Keen::of(streak.clone());
            let brought: Vec<i64> = days.iter().map(|of| keen.does("check-in", day(*of)).metrics.points_earned).collect();
            assert!(brought.iter().all(|points| *points >= 0));
            brought.iter().sum::<i64>()
        };
        let mut shuffled = days.clone();
        let mut state = seed;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, (state >> 33) as usize % (at + 1));
        }
        prop_assert_eq!(brings(&days), brings(&shuffled));
    }
}
