//! What campaigns ask about what a member has done, and about the part of the members that they are for.

use jiff::civil::Date;

use super::*;

fn asks(window: Window, measure: Measure, at_least: i64, at_most: Option<i64>) -> Campaign {
    let condition = Condition::Is(Test::History {
        of: History {
            kind: "purchase".into(),
            window,
        },
        measure,
        at_least,
        at_most,
    });
    Campaign {
        condition: Some(condition),
        ..campaign("again", add(50))
    }
}

/// A member who bought for 30 yuan twice on one day and for 40 on another, and for 1,000 the year before.
fn regular() -> Member {
    let mut member = Member::default();
    for (day, yuan) in [
        ("1996-05-01", 1_000_00),
        ("1997-01-03", 30_00),
        ("1997-01-03", 30_00),
        ("1997-01-10", 40_00),
    ] {
        let key = DayKey {
            kind: "purchase".into(),
            day: day.parse().unwrap(),
        };
        let done = DoneOnDay {
            times: 1,
            spend_minor_units: yuan,
        };
        member.days.count(key, done);
    }
    member
}

/// An order of that price at noon of 15 January 1997 in London, the evening in Shanghai.
fn buys(member: &Member, fen: i64, campaign: Campaign) -> Order {
    let rules = rules(vec![accrual()], vec![campaign]);
    let of = bought_at("1997-01-15T12:00:00Z".parse().unwrap());
    let zone = Zone::find("Asia/Shanghai").unwrap();
    let facts = member.facts(&rules, &Ladders::default(), &zone, &of);
    order(purchase(vec![line("1", fen, 0, 0)]), facts, rules)
}

fn extra(fen: i64, campaign: Campaign) -> i64 {
    earned(&buys(&regular(), fen, campaign)) - fen / 100
}

#[test]
fn times_days_and_spend_are_counted_with_the_order_itself() {
    let month = Window::Period(LimitPeriod::Month);
    let asked = [
        (asks(month, Measure::Times, 4, None), 50),
        (asks(month, Measure::Times, 5, None), 0),
        (asks(month, Measure::Days, 3, None), 50),
        (asks(month, Measure::Days, 4, None), 0),
        (asks(month, Measure::Spend, 110_00, None), 50),
        (asks(month, Measure::Spend, 110_01, None), 0),
        (asks(month, Measure::Times, 0, Some(4)), 50),
        (asks(month, Measure::Times, 0, Some(3)), 0),
    ];
    for (campaign, brings) in asked {
        assert_eq!(extra(10_00, campaign.clone()), brings, "{:?}", campaign.condition);
    }
}

#[test]
fn a_window_ends_with_the_day_of_the_order() {
    let spent = |window, fen| extra(10_00, asks(window, Measure::Spend, fen, None)) > 0;
    let day = |text: &str| Window::Since(text.parse::<Date>().unwrap());
    assert!(spent(Window::LastDays(13), 110_00) && !spent(Window::LastDays(12), 50_01));
    assert!(spent(Window::Period(LimitPeriod::Campaign), 1_110_00));
    assert!(spent(Window::Period(LimitPeriod::Year), 110_00) && !spent(Window::Period(LimitPeriod::Year), 110_01));
    assert!(spent(Window::Period(LimitPeriod::Day), 10_00) && !spent(Window::Period(LimitPeriod::Day), 10_01));
    assert!(spent(day("1997-01-10"), 50_00) && !spent(day("1997-01-11"), 10_01));
    // A time that has not begun has nothing in it, not even the order.
    assert!(!spent(day("1997-01-16"), 1));
}

#[test]
fn what_comes_back_of_the_order_does_not_count_either() {
    let hundred = asks(Window::LastDays(30), Measure::Spend, 120_00, None);
    let mut order = buys(&regular(), 20_00, hundred);
    assert_eq!(earned(&order), 20 + 50);
    assert_eq!(take_back(&mut order, &[("1", 1_00)]).metrics.points_earned, -51);
}

#[test]
fn a_history_that_cannot_be_asked_for_is_refused_where_it_stands() {
    let of = |kind: &str, measure, at_least, at_most| {
        Condition::Is(Test::History {
            of: History {
                kind: kind.into(),
                window: Window::LastDays(7),
            },
            measure,
            at_least,
            at_most,
        })
    };
    let nobody = Condition::Is(Test::Sample(Sample {
        name: "pilot".into(),
        from_per_mille: 100,
        until_per_mille: 100,
    }));
    let fine = of("review", Measure::Times, 1, None);
    let campaign = Campaign {
        condition: Some(Condition::All(vec![
            fine.clone(),
            Condition::Any(vec![fine, of("review", Measure::Spend, 1, None)]),
            of("return", Measure::Times, 2, Some(1)),
            of("review", Measure::Times, 0, None),
            Condition::None(vec![nobody]),
        ])),
        ..campaign("c", add(1))
    };
    let found = campaign.contradictions(&[&accrual()]);
    let fields: Vec<&str> = found.iter().map(|contradiction| contradiction.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "condition.all.conditions[1].any.conditions[1].history.measure",
            "condition.all.conditions[2].history.at_most",
            "condition.all.conditions[2].history.kind",
            "condition.all.conditions[3].history.at_least",
            "condition.all.conditions[4].none.conditions[0].sample.until_per_mille",
        ]
    );
}

#[test]
fn arms_divide_the_members_and_each_sample_divides_them_anew() {
    let arm = |name: &str, from_per_mille, until_per_mille| {
        let condition = Condition::Is(Test::Sample(Sample {
            name: name.into(),
            from_per_mille,
            until_per_mille,
        }));
        Campaign {
            condition: Some(condition),
            ..campaign("arm", add(1))
        }
    };
    let zone = Zone::find("Asia/Shanghai").unwrap();
    let is_in = |campaign: Campaign, number: u128| {
        let rules = rules(vec![accrual()], vec![campaign]);
        let of = FactsOf {
            member_id: uuid::Uuid::from_u128(number).into(),
            ..bought_at("1997-01-15T12:00:00Z".parse().unwrap())
        };
        let facts = Member::default().facts(&rules, &Ladders::default(), &zone, &of);
        earned(&order(purchase(vec![line("1", 1_00, 0, 0)]), facts, rules)) == 2
    };
    let (mut first, mut second, mut both) = (0, 0, 0);
    for number in 0..4_000 {
        let in_first = is_in(arm("pilot", 0, 250), number);
        assert_ne!(
            in_first,
            is_in(arm("pilot", 250, 1_000), number),
            "everyone is in one arm"
        );
        let in_second = is_in(arm("another", 0, 250), number);
        first += u32::from(in_first);
        second += u32::from(in_second);
        both += u32::from(in_first && in_second);
    }
    // Of 4,000 members 1,000 are expected in each, and 250 in both; these bounds are five standard deviations away.
    assert!((863..1_137).contains(&first) && (863..1_137).contains(&second));
    assert!((173..327).contains(&both));
}
