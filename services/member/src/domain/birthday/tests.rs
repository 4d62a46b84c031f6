use jiff::civil::date;

use super::*;

fn born(month: i8, day: i8) -> Birthday {
    Birthday::of(date(1996, month, day))
}

/// Tells the birthdays that are told when a clock jumps over them, each with the day on which it is near.
fn told_until(mut record: BirthdayRecord, leap_day: LeapDay, today: Date) -> Vec<(Date, Date)> {
    let mut told = Vec::new();
    while let Some(on) = record.next_on.filter(|on| near_from(*on) <= today) {
        told.push((near_from(on), on));
        record = record.told(leap_day);
    }
    told
}

#[test]
fn a_birthday_is_near_from_the_earlier_of_its_week_and_its_month() {
    for (on, from) in [
        (date(2026, 5, 20), date(2026, 5, 1)),
        // The 1st is a Friday: its week begins in the month before.
        (date(2026, 5, 1), date(2026, 4, 27)),
        (date(2026, 5, 3), date(2026, 4, 27)),
        (date(2026, 5, 4), date(2026, 5, 1)),
        // The week over the turn of the year.
        (date(2027, 1, 2), date(2026, 12, 28)),
        // A month that begins on a Monday.
        (date(2026, 6, 1), date(2026, 6, 1)),
    ] {
        assert_eq!(near_from(on), from, "{on}");
    }
}

#[test]
fn a_birthday_is_near_until_both_are_over() {
    assert_eq!(near_until(date(2026, 5, 20)), date(2026, 5, 31));
    assert_eq!(near_until(date(2026, 12, 30)), date(2027, 1, 3));
}

#[test]
fn whoever_was_born_on_29_february_has_a_birthday_every_year() {
    let on = |year, leap_day| born(2, 29).in_year(year, leap_day).unwrap();
    assert_eq!(on(2028, LeapDay::Feb28), date(2028, 2, 29));
    assert_eq!(on(2028, LeapDay::Mar1), date(2028, 2, 29));
    assert_eq!(on(2027, LeapDay::Feb28), date(2027, 2, 28));
    assert_eq!(on(2027, LeapDay::Mar1), date(2027, 3, 1));
    assert_eq!(Birthday::new(2, 29), Some(born(2, 29)));
    assert_eq!(Birthday::new(2, 30), None);
}

#[test]
fn who_tells_their_birthday_is_told_of_until_its_week_and_month_are_over() {
    let next = |birthday, today| BirthdayRecord::first(birthday, LeapDay::Mar1, today).next_on;
    assert_eq!(next(born(5, 20), date(2026, 1, 15)), Some(date(2026, 5, 20)));
    assert_eq!(next(born(5, 20), date(2026, 5, 31)), Some(date(2026, 5, 20)));
    assert_eq!(next(born(5, 20), date(2026, 6, 1)), Some(date(2027, 5, 20)));
    // Of the year before, in the week over the turn of the year.
    assert_eq!(next(born(12, 30), date(2027, 1, 3)), Some(date(2026, 12, 30)));
    assert_eq!(next(born(12, 30), date(2027, 1, 4)), Some(date(2027, 12, 30)));
    // The 28th of February 2027 is a Sunday, the 1st of March begins another week.
    assert_eq!(next(born(2, 29), date(2027, 3, 31)), Some(date(2027, 3, 1)));
}

#[test]
fn a_clock_that_jumps_over_years_tells_each_birthday_in_order() {
    let record = BirthdayRecord::first(born(2, 29), LeapDay::Feb28, date(2026, 1, 10));
    let told = told_until(record, LeapDay::Feb28, date(2028, 2, 1));
    assert_eq!(
        told,
        [
            (date(2026, 2, 1), date(2026, 2, 28)),
            (date(2027, 2, 1), date(2027, 2, 28)),
            (date(2028, 2, 1), date(2028, 2, 29)),
        ]
    );
}

#[test]
fn a_birthday_is_changed_once_in_a_calendar_year() {
    let first = BirthdayRecord::first(born(5, 20), LeapDay::Mar1, date(2026, 1, 15));
    let changed = first.change(born(7, 1), LeapDay::Mar1, date(2026, 2, 1)).unwrap();
    assert_eq!(changed.next_on, Some(date(2026, 7, 1)));
    let refused = BirthdayChanged {
        changeable_on: date(2027, 1, 1),
    };
    assert_eq!(
        changed.change(born(8, 1), LeapDay::Mar1, date(2026, 12, 31)),
        Err(refused)
    );
    assert_eq!(changed.change(born(7, 1), LeapDay::Mar1, date(2026, 3, 1)), Ok(changed));
    assert!(changed.change(born(8, 1), LeapDay::Mar1, date(2027, 1, 1)).is_ok());
}

#[test]
fn one_that_comes_after_another_was_removed_is_a_change() {
    let first = BirthdayRecord::first(born(5, 20), LeapDay::Mar1, date(2026, 1, 15));
    let forgotten = first.forget();
    assert_eq!((forgotten.birthday, forgotten.next_on), (None, None));
    let again = forgotten.change(born(7, 1), LeapDay::Mar1, date(2026, 2, 1)).unwrap();
    assert!(
        again
            .forget()
            .change(born(8, 1), LeapDay::Mar1, date(2026, 2, 2))
            .is_err()
    );
}

#[test]
fn no_year_is_told_twice() {
    let told = BirthdayRecord::first(born(5, 20), LeapDay::Mar1, date(2026, 5, 2)).told(LeapDay::Mar1);
    assert_eq!(told.next_on, Some(date(2027, 5, 20)));
    let later = told.change(born(12, 5), LeapDay::Mar1, date(2026, 5, 3)).unwrap();
    assert_eq!(later.next_on, Some(date(2027, 12, 5)));
    // Held over years, nothing of them is told afterwards.
    let held = told.held();
    assert_eq!(held.next_on, None);
    assert_eq!(
        held.awaited(LeapDay::Mar1, date(2029, 6, 1)).next_on,
        Some(date(2030, 5, 20))
    );
}
