use super::*;
use crate::domain::{Numbers, Wait, WalletCode};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn zone() -> Zone {
    Zone::find("America/New_York").unwrap()
}

fn leads() -> LeadTimes {
    LeadTimes::of([7, 30, 7])
}

/// An account with points that can be spent and lapse at some instants, in New York.
fn account(portions: &[(i64, &str)]) -> Account {
    let mut account = Account::empty(WalletCode::new("points").unwrap());
    for (points, expires_at) in portions {
        let numbers = account.issue(Points::new(*points).unwrap());
        account.open.put(Portion {
            numbers,
            waits: None,
            expires_at: Some(at(expires_at)),
        });
    }
    account.plan_notices(&leads(), &zone(), at("2026-01-01T12:00:00Z"));
    account
}

fn tell(account: &mut Account, now: &str) -> Vec<(String, i64, u16, u16)> {
    let told = account.tell_notices(&leads(), &zone(), at(now));
    assert!(
        account.notices.due_at.is_none_or(|due_at| due_at > at(now)),
        "it is told and done"
    );
    let told = told.into_iter();
    told.map(|notice| {
        (
            notice.on.to_string(),
            notice.points.get(),
            notice.lead_days,
            notice.days_left,
        )
    })
    .collect()
}

#[test]
fn a_day_is_told_at_the_midnight_that_is_so_many_days_before_it_also_when_the_clocks_change_between() {
    // Points to the end of 31 March: midnight there is at 04:00 by then, and was at 05:00 on 1 March.
    let mut account = account(&[(40, "2026-04-01T04:00:00Z"), (2, "2026-03-31T20:00:00Z")]);
    assert_eq!(account.notices.due_at, Some(at("2026-03-01T05:00:00Z")));
    assert_eq!(
        tell(&mut account, "2026-03-01T05:00:00Z"),
        [("2026-03-31".to_owned(), 42, 30, 30)]
    );
    assert_eq!(account.notices.due_at, Some(at("2026-03-24T04:00:00Z")));
    assert_eq!(tell(&mut account, "2026-03-01T05:00:01Z"), []);
    assert_eq!(
        tell(&mut account, "2026-03-24T04:00:00Z"),
        [("2026-03-31".to_owned(), 42, 7, 7)]
    );
    assert_eq!(account.notices.due_at, None);
}

#[test]
fn a_clock_that_jumps_tells_only_the_shortest_time_and_nothing_of_what_lapsed() {
    let mut account = account(&[
        (1, "2026-02-01T05:00:00Z"),
        (2, "2026-03-01T05:00:00Z"),
        (3, "2026-06-01T04:00:00Z"),
    ]);
    assert_eq!(account.notices.due_at, Some(at("2026-01-01T05:00:00Z")));
    assert_eq!(
        tell(&mut account, "2026-02-27T12:00:00Z"),
        [("2026-02-28".to_owned(), 2, 7, 1)]
    );
    assert_eq!(account.notices.due_at, Some(at("2026-05-01T04:00:00Z")));
}

#[test]
fn points_that_join_a_day_that_was_told_are_not_told_and_those_of_a_day_between_are() {
    let mut account = account(&[(1, "2026-02-01T05:00:00Z")]);
    let now = "2026-01-20T12:00:00Z";
    assert_eq!(tell(&mut account, now).len(), 1);
    for (first, expires_at) in [(10, "2026-02-01T05:00:00Z"), (20, "2026-01-31T05:00:00Z")] {
        account.open.put(Portion {
            numbers: Numbers {
                first,
                points: Points::new(5).unwrap(),
            },
            waits: None,
            expires_at: Some(at(expires_at)),
        });
    }
    account.plan_notices(&leads(), &zone(), at(now));
    assert!(account.notices.due_at.is_some_and(|due_at| due_at <= at(now)));
    assert_eq!(tell(&mut account, now), [("2026-01-30".to_owned(), 5, 30, 10)]);
    // The days of a week before come one after another, each with all that lapses on it by then.
    assert_eq!(account.notices.due_at, Some(at("2026-01-23T05:00:00Z")));
    assert_eq!(
        tell(&mut account, "2026-01-23T05:00:00Z"),
        [("2026-01-30".to_owned(), 5, 7, 7)]
    );
    assert_eq!(
        tell(&mut account, "2026-01-24T05:00:00Z"),
        [("2026-01-31".to_owned(), 6, 7, 7)]
    );
    assert_eq!(tell(&mut account, "2026-02-02T05:00:00Z"), []);
    assert_eq!(account.notices, Notices::default(), "days that are over are forgotten");
}

#[test]
fn points_that_wait_are_told_when_they_can_be_spent() {
    let mut account = account(&[]);
    let numbers = account.issue(Points::new(9).unwrap());
    let waiting = Portion {
        numbers,
        waits: Some(Wait::Until(at("2026-01-20T05:00:00Z"))),
        expires_at: Some(at("2026-02-01T05:00:00Z")),
    };
    account.open.put(waiting.clone());
    account.plan_notices(&leads(), &zone(), at("2026-01-10T12:00:00Z"));
    assert_eq!(account.notices.due_at, None);
    account.open.take_all(|_| true);
    account.open.put(Portion { waits: None, ..waiting });
    assert_eq!(
        tell(&mut account, "2026-01-20T05:00:00Z"),
        [("2026-01-31".to_owned(), 9, 30, 11)]
    );
}

#[test]
fn nothing_is_told_where_no_lead_time_is_set() {
    let mut account = account(&[(1, "2026-02-01T05:00:00Z")]);
    let none = LeadTimes::default();
    assert_eq!(account.tell_notices(&none, &zone(), at("2026-01-20T12:00:00Z")), []);
    assert_eq!(account.notices, Notices::default());
}
