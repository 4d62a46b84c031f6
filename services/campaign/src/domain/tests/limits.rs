//! How often campaigns apply for a member.

use super::*;

fn limited(period: LimitPeriod, times: Option<i64>, most: Option<i64>) -> Campaign {
    let limit = Limit {
        period,
        times,
        points: most.map(points),
    };
    Campaign {
        limits: vec![limit],
        ..campaign("gift", add(30))
    }
}

/// A member for whom the campaign had applied so often on that day, and brought so many points.
fn used(times: i64, points: i64) -> Facts {
    let fact = UseFact {
        campaign: "gift".into(),
        period: LimitPeriod::Day,
        used: Used { times, points },
    };
    Facts {
        uses: vec![fact],
        ..facts(Ratio::ONE)
    }
}

fn bought(campaign: Campaign, facts: Facts) -> Order {
    order(
        purchase(vec![line("1", 100_00, 0, 0)]),
        facts,
        rules(vec![accrual()], vec![campaign]),
    )
}

#[test]
fn a_campaign_applies_as_often_as_its_limit_says() {
    let twice = || limited(LimitPeriod::Day, Some(2), None);
    assert_eq!(earned(&bought(twice(), used(1, 30))), 130);
    let order = bought(twice(), used(2, 60));
    assert_eq!(
        (earned(&order), fared(&decided(&order))),
        (100, vec![("gift", Some(NotFired::LimitReached))])
    );
    assert_eq!(
        earned(&bought(limited(LimitPeriod::Week, Some(2), None), used(2, 60))),
        130
    );
}

#[test]
fn a_campaign_brings_as_many_points_as_its_limit_says() {
    let fifty = || limited(LimitPeriod::Day, None, Some(50));
    let order = bought(fifty(), used(1, 30));
    assert_eq!(earned(&order), 120);
    let contribution = decided(&order).accruals[0].contributions[0].clone();
    assert_eq!((contribution.points.get(), contribution.capped_points.get()), (20, 10));
    assert_eq!(earned(&bought(fifty(), used(2, 50))), 100);
}

#[test]
fn the_points_of_all_effects_count_together() {
    let effects = vec![
        on_base(add(30)),
        on_base(add(30)),
        on_base(multiply(3, 2)),
        on_base(multiply(3, 2)),
    ];
    let campaign = Campaign {
        effects,
        ..limited(LimitPeriod::Day, None, Some(70))
    };
    let order = bought(campaign, facts(Ratio::ONE));
    let decided = decide_purchase(&mut order.clone()).unwrap();
    assert_eq!(decided.decision.metrics.points_earned, 170);
    assert_eq!(decided.uses[0].by, Used { times: 1, points: 70 });
    let judged = &decided.decision.accruals[0];
    assert_eq!(
        (
            judged.rounded_points.get(),
            judged.added_points.get(),
            judged.points.get()
        ),
        (170, 0, 170)
    );
}

#[test]
fn what_comes_back_is_counted_back() {
    let mut order = bought(limited(LimitPeriod::Day, Some(2), Some(50)), facts(Ratio::ONE));
    let of_purchase = decide_purchase(&mut order).unwrap().uses;
    assert_eq!(of_purchase[0].by, Used { times: 1, points: 30 });
    let (rest, part) = try_take_back(&order, &[("1", 50_00)]).unwrap();
    assert_eq!(part.uses, []);
    let (_, all) = try_take_back(&rest, &[]).unwrap();
    assert_eq!(all.uses[0].by, Used { times: -1, points: -30 });
}

#[test]
fn uses_are_counted_where_the_calendar_puts_them() {
    let change = UseChange {
        campaign: "gift".into(),
        periods: vec![LimitPeriod::Day, LimitPeriod::Month],
        by: Used { times: 1, points: 30 },
    };
    let mut member = Member::default();
    let day = |text: &str| text.parse().unwrap();
    member.uses.count(std::slice::from_ref(&change), day("1997-01-15"));
    member.uses.count(&[change], day("1997-01-16"));
    let used = |period, starts_on: &str| member.uses.get("gift", period, day(starts_on));
    assert_eq!(used(LimitPeriod::Day, "1997-01-16").times, 1);
    assert_eq!(used(LimitPeriod::Month, "1997-01-01"), Used { times: 2, points: 60 });
    // At noon in London it is the evening of the same day in Shanghai.
    let at = "1997-01-16T12:00:00Z".parse().unwrap();
    let facts = member.facts(
        &rules(vec![accrual()], vec![limited(LimitPeriod::Day, Some(1), None)]),
        &Ladders::default(),
        &Zone::find("Asia/Shanghai").unwrap(),
        &bought_at(at),
    );
    assert_eq!(facts.used("gift", LimitPeriod::Day), Used { times: 1, points: 30 });
}
