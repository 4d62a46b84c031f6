use harness::refusal;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use proto::points::{self as pb, DayBasis, Period};
use tonic::Code;

use crate::{
    story::{first_day, five_weeks, forget_value, roll_forward, try_roll_forward, value},
    support::Ledger,
};

fn all_of_it(late: i64, expired: i64) -> pb::RollForwardLines {
    pb::RollForwardLines {
        issued: 1_870 + late,
        // 120 arrived, and 40 came back.
        transferred_in: 160,
        restored: 100,
        redeemed: 720,
        transferred_out: 160,
        expired,
        reversed: 300,
        settled: 20,
        ..pb::RollForwardLines::default()
    }
}

#[tokio::test]
async fn months_are_rolled_forward_by_when_it_happened() {
    let ledger = five_weeks().await;
    let months = roll_forward(&ledger, Period::Month, DayBasis::Occurred, ("2025-12-15", "2026-02-10")).await;
    let [december, january, february] = months.as_slice() else {
        panic!("three months: {months:#?}")
    };
    assert_eq!(
        (december.first_day.as_str(), december.last_day.as_str()),
        ("2025-12-15", "2025-12-31")
    );
    assert_eq!(
        (december.closing_points, &december.lines),
        (0, &Some(pb::RollForwardLines::default()))
    );

    assert_eq!((january.opening_points, january.closing_points), (0, 77));
    assert_eq!(january.lines, Some(all_of_it(77, 930)));
    let debt = pb::DebtRollForward {
        opening_points: 0,
        made_points: 50,
        settled_points: 20,
        written_off_points: 10,
        closing_points: 20,
    };
    assert_eq!(january.debt, Some(debt));
    let money = january.money.as_ref().unwrap();
    assert_eq!(
        (money.value, money.closing, money.revaluation),
        (Some(value(100)), 77, 0)
    );

    // Points became worth twice as much when February began.
    assert_eq!(
        (february.first_day.as_str(), february.last_day.as_str()),
        ("2026-02-01", "2026-02-10")
    );
    let money = february.money.as_ref().unwrap();
    assert_eq!(
        (money.value, money.opening, money.revaluation, money.closing),
        (Some(value(200)), 77, 77, 154)
    );
}

#[tokio::test]
async fn what_was_reported_late_belongs_to_the_day_on_which_it_happened_or_was_recorded() {
    let ledger = five_weeks().await;
    let days = roll_forward(&ledger, Period::Day, DayBasis::Occurred, ("2026-01-14", "2026-01-31")).await;
    let of_day = |day: &str| days.iter().find(|period| period.first_day == day).unwrap();
    let issued = |day| of_day(day).lines.as_ref().unwrap().issued;
    assert_eq!((issued("2026-01-15"), issued("2026-01-20")), (77, 0));
    assert_eq!(
        (of_day("2026-01-31").opening_points, of_day("2026-01-31").closing_points),
        (1_007, 77)
    );

    // A sandbox has a clock of its own, and the database another: all of it was recorded today, or around midnight.
    let today = Timestamp::now()
        .to_zoned(TimeZone::get("America/New_York").unwrap())
        .date();
    let (first, last) = (today - 1.day(), today + 1.day());
    let of_three = |basis| {
        let days = (first.to_string(), last.to_string());
        let ledger = &ledger;
        async move { roll_forward(ledger, Period::Year, basis, (&days.0, &days.1)).await }
    };
    let recorded = of_three(DayBasis::Recorded).await;
    let lines = recorded.iter().map(|period| period.lines.as_ref().unwrap());
    assert_eq!(lines.clone().map(|lines| lines.issued).sum::<i64>(), 1_947);
    assert_eq!(lines.map(|lines| lines.expired).sum::<i64>(), 930);
    assert_eq!(
        (recorded[0].opening_points, recorded.last().unwrap().closing_points),
        (0, 77)
    );
    let occurred = of_three(DayBasis::Occurred).await;
    assert_eq!(
        (occurred[0].opening_points, occurred.last().unwrap().closing_points),
        (77, 77)
    );
}

#[tokio::test]
async fn a_period_that_ends_without_a_value_has_no_money() {
    let ledger = first_day().await;
    forget_value(&ledger).await;
    let answer = try_roll_forward(&ledger, Period::Month, DayBasis::Occurred, ("2026-01-01", "2026-01-31")).await;
    let rolled = answer.unwrap().into_inner();
    assert_eq!((&rolled.periods[0].money, rolled.currency_code.as_str()), (&None, ""));
    assert_eq!(rolled.periods[0].lines, Some(all_of_it(0, 0)));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_all_at_once() {
    let ledger = Ledger::open().await;
    let ask = |period, basis, days| try_roll_forward(&ledger, period, basis, days);
    let refused = refusal(ask(Period::Unspecified, DayBasis::Unspecified, ("2026-02-30", "yesterday")).await);
    assert_eq!(refused.code, Code::InvalidArgument);
    for field in ["period", "basis", "first_day", "last_day"] {
        assert!(
            refused.fields.iter().any(|found| found == field),
            "{field} is missing in {refused:?}"
        );
    }
    for days in [("2026-02-01", "2026-01-31"), ("2025-01-01", "2026-02-05")] {
        let refused = refusal(ask(Period::Day, DayBasis::Occurred, days).await);
        assert_eq!(
            (refused.reason.as_str(), refused.fields.as_slice()),
            ("INVALID_REQUEST", ["last_day".to_owned()].as_slice()),
            "{days:?}"
        );
    }
    let most = ask(Period::Day, DayBasis::Occurred, ("2025-01-01", "2026-02-04")).await;
    assert_eq!(most.unwrap().into_inner().periods.len(), 400);
}
