use common::zone::Zone;

use super::*;

fn on(on: On) -> Schedule {
    Schedule {
        days: vec![Days { on, lasts_days: 1 }],
        ..Schedule::default()
    }
}

fn includes(schedule: &Schedule, zone: &str, at: &str) -> bool {
    let at: Timestamp = at.parse().unwrap();
    schedule.includes(at, Zone::find(zone).unwrap().tz().to_datetime(at))
}

/// The days of a month that a schedule includes, at noon.
fn days_of(schedule: &Schedule, year: i16, month: i8) -> Vec<i8> {
    let first = Date::new(year, month, 1).unwrap();
    let days = (1..=first.days_in_month()).map(|day| Date::new(year, month, day).unwrap());
    days.filter(|day| schedule.includes_local(day.at(12, 0, 0, 0)))
        .map(Date::day)
        .collect()
}

fn on_last_weekend(zone: &str, at: &str) -> bool {
    includes(&on(On::LastWeekend(LastWeekend::LastSaturdayAndNextDay)), zone, at)
}

#[test]
fn a_window_includes_its_start_and_excludes_its_end() {
    let instant = |at: &str| Some(at.parse().unwrap());
    let march = Schedule {
        start: instant("1997-03-01T00:00:00Z"),
        end: instant("1997-04-01T00:00:00Z"),
        ..Schedule::default()
    };
    assert!(
        includes(&march, "UTC", "1997-03-01T00:00:00Z") && includes(&march, "UTC", "1997-03-31T23:59:59.999999999Z")
    );
    assert!(
        !includes(&march, "UTC", "1997-02-28T23:59:59.999999999Z") && !includes(&march, "UTC", "1997-04-01T00:00:00Z")
    );
    assert!(includes(&Schedule::default(), "UTC", "0001-01-01T00:00:00Z"));
}

#[test]
fn days_of_the_week_the_month_and_the_year_are_found() {
    assert_eq!(
        days_of(&on(On::Weekly(vec![Weekday::Tuesday, Weekday::Sunday])), 2026, 2),
        [1, 3, 8, 10, 15, 17, 22, 24]
    );
    assert_eq!(days_of(&on(On::Monthly(vec![1, 31, -1, -2])), 2026, 2), [1, 27, 28]);
    assert_eq!(days_of(&on(On::Monthly(vec![31])), 2026, 4), [0; 0]);
    assert_eq!(days_of(&on(On::NthWeekday(2, Weekday::Tuesday)), 2026, 9), [8]);
    assert_eq!(days_of(&on(On::NthWeekday(5, Weekday::Tuesday)), 2026, 9), [29]);
    assert_eq!(days_of(&on(On::NthWeekday(5, Weekday::Monday)), 2026, 9), [0; 0]);
    assert_eq!(days_of(&on(On::NthWeekday(-1, Weekday::Monday)), 2026, 9), [28]);
    assert_eq!(days_of(&on(On::Yearly(vec![(2, 3), (2, 29)])), 2028, 2), [3, 29]);
    assert_eq!(days_of(&on(On::Yearly(vec![(2, 29)])), 2026, 3), [0; 0]);
}

#[test]
fn what_lasts_goes_on_over_the_end_of_the_month() {
    let festival = Schedule {
        days: vec![Days {
            on: On::Monthly(vec![-2]),
            lasts_days: 4,
        }],
        ..Schedule::default()
    };
    assert_eq!(days_of(&festival, 2026, 4), [1, 2, 29, 30]);
    assert_eq!(days_of(&festival, 2026, 5), [1, 2, 30, 31]);
}

#[test]
fn exceptions_take_days_out() {
    let day = |day| Date::new(2026, 2, day).unwrap();
    let weekdays = Schedule {
        except: vec![(day(16), day(22))],
        ..on(On::Weekly(vec![Weekday::Monday]))
    };
    assert_eq!(days_of(&weekdays, 2026, 2), [2, 9, 23]);
}

#[test]
fn a_time_of_day_may_go_past_midnight() {
    let happy = |from_minute, until_minute| Schedule {
        times: vec![DayTime {
            from_minute,
            until_minute,
        }],
        ..on(On::Weekly(vec![Weekday::Friday]))
    };
    let (evening, night) = (happy(18 * 60, 20 * 60), happy(22 * 60, 2 * 60));
    // 9 January 2026 is a Friday.
    assert!(includes(&evening, "UTC", "2026-01-09T18:00:00Z") && includes(&evening, "UTC", "2026-01-09T19:59:59Z"));
    assert!(!includes(&evening, "UTC", "2026-01-09T17:59:59Z") && !includes(&evening, "UTC", "2026-01-09T20:00:00Z"));
    assert!(includes(&night, "UTC", "2026-01-09T23:00:00Z") && includes(&night, "UTC", "2026-01-10T01:59:59Z"));
    assert!(
        !includes(&night, "UTC", "2026-01-10T02:00:00Z")
            && !includes(&night, "UTC", "2026-01-10T23:00:00Z")
            && !includes(&night, "UTC", "2026-01-09T01:00:00Z")
    );
}

#[test]
fn an_hour_that_comes_twice_counts_twice_and_one_that_is_left_out_never() {
    let night = Schedule {
        times: vec![DayTime {
            from_minute: 2 * 60,
            until_minute: 3 * 60,
        }],
        ..Schedule::default()
    };
    // In Berlin two o'clock comes twice on 25 October 2026 and not at all on 29 March.
    for at in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"] {
        assert!(includes(&night, "Europe/Berlin", at));
    }
    for at in ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"] {
        assert!(!includes(&night, "Europe/Berlin", at));
    }
}

#[test]
fn the_two_readings_of_the_last_weekend_differ_where_a_month_ends_on_a_saturday() {
    let last_saturday = on(On::LastWeekend(LastWeekend::LastSaturdayAndNextDay));
    let full_weekend = on(On::LastWeekend(LastWeekend::LastFullWeekendInsideMonth));
    // 31 January 2026 is a Saturday.
    assert_eq!(
        (days_of(&last_saturday, 2026, 1), days_of(&full_weekend, 2026, 1)),
        (vec![31], vec![24, 25])
    );
    assert_eq!(
        (days_of(&last_saturday, 2026, 2), days_of(&full_weekend, 2026, 2)),
        (vec![1, 28], vec![21, 22])
    );
    for (year, month) in (2020..2040).flat_map(|year| (1..=12).map(move |month| (year, month))) {
        let full = days_of(&full_weekend, year, month);
        let ends_on_saturday = Date::new(year, month, 1).unwrap().last_of_month().weekday() == Weekday::Saturday;
        assert_eq!(full.len(), 2);
        assert_eq!(
            days_of(&last_saturday, year, month).ends_with(&full),
            !ends_on_saturday,
            "{year}-{month}"
        );
    }
}

#[test]
fn the_last_weekend_begins_and_ends_at_midnight_of_the_zone() {
    assert!(!on_last_weekend("America/New_York", "1997-01-25T04:59:59.999999999Z"));
    assert!(on_last_weekend("America/New_York", "1997-01-25T05:00:00Z"));
    assert!(on_last_weekend("America/New_York", "1997-01-27T04:59:59.999999999Z"));
    assert!(!on_last_weekend("America/New_York", "1997-01-27T05:00:00Z"));
}

#[test]
fn a_weekend_may_end_in_the_next_month_and_a_last_sunday_alone_is_none() {
    // 31 May 1997 is a Saturday, 31 August 1997 a Sunday.
    assert!(on_last_weekend("UTC", "1997-05-31T12:00:00Z"));
    assert!(on_last_weekend("UTC", "1997-06-01T12:00:00Z"));
    assert!(!on_last_weekend("UTC", "1997-05-25T12:00:00Z"));
    assert!(on_last_weekend("UTC", "1997-08-31T12:00:00Z"));
}

#[test]
fn a_day_of_23_or_25_hours_is_a_whole_day() {
    // In Berlin the clocks change on the last Sunday of March and October, and these Sundays are on last weekends.
    for (first, last) in [
        ("1997-03-28T23:00:00Z", "1997-03-30T21:59:59Z"),
        ("1997-10-24T22:00:00Z", "1997-10-26T22:59:59Z"),
    ] {
        assert!(on_last_weekend("Europe/Berlin", first) && on_last_weekend("Europe/Berlin", last));
        let second = jiff::SignedDuration::from_secs(1);
        let (first, last): (Timestamp, Timestamp) = (first.parse().unwrap(), last.parse().unwrap());
        assert!(!on_last_weekend("Europe/Berlin", &(first - second).to_string()));
        assert!(!on_last_weekend("Europe/Berlin", &(last + second).to_string()));
    }
}

#[test]
fn a_day_without_midnight_begins_at_its_first_instant() {
    // In Gaza the clocks went from midnight to one o'clock on Saturday, 27 March 2021.
    assert!(!on_last_weekend("Asia/Gaza", "2021-03-26T21:59:59Z"));
    assert!(on_last_weekend("Asia/Gaza", "2021-03-26T22:00:00Z"));
}
