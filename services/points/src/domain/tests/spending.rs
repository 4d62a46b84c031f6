use super::ledger::*;
use crate::domain::*;

#[test]
fn what_lapses_first_is_spent_first() {
    let mut ledger = Ledger::new();
    ledger.now = day(5);
    let late = ledger.earn_at(100, day(4), None).unwrap();
    let early = ledger.earn_at(100, day(2), None).unwrap();
    let spent = ledger.spend(130).unwrap();
    assert_eq!(ledger.moves(&spent), [(early.entry_id, 100), (late.entry_id, 30)]);
    assert_eq!(spent.after, amounts(70, 0, 0, 0));
}

#[test]
fn what_never_lapses_is_spent_last() {
    let mut ledger = Ledger::of(ExpiryPolicy::None, OverdraftPolicy::Forbid);
    let forever = ledger.earn(100);
    ledger.wallet.expiry = ExpiryPolicy::AfterDays { days: 1_000 };
    let some_day = ledger.earn(100);
    let spent = ledger.spend(150).unwrap();
    assert_eq!(ledger.moves(&spent), [(some_day.entry_id, 100), (forever.entry_id, 50)]);
}

#[test]
fn of_points_that_lapse_together_those_that_were_recorded_first_are_spent_first() {
    let month = ExpiryPolicy::AtPeriodEnd {
        period: Period::Month,
        after_months: 0,
        after_days: 0,
    };
    let mut ledger = Ledger::of(month, OverdraftPolicy::Forbid);
    ledger.now = day(5);
    let first = ledger.earn_at(10, day(4), None).unwrap();
    let second = ledger.earn_at(10, day(3), None).unwrap();
    let spent = ledger.spend(15).unwrap();
    assert_eq!(ledger.moves(&spent), [(first.entry_id, 10), (second.entry_id, 5)]);
    assert_eq!(spent.portions.len(), 1, "lots that lapse together lie as one portion");
}

#[test]
fn nobody_spends_more_than_is_available() {
    let mut ledger = Ledger::new();
    ledger.earn(80);
    ledger.earn_at(50, day(0), Some(day(1))).unwrap();
    let refused = Refusal::InsufficientPoints {
        available: points(80),
        asked: points(100),
    };
    assert_eq!(ledger.spend(100), Err(refused));
    assert_eq!(ledger.amounts(), amounts(80, 50, 0, 0));
}

#[test]
fn lapsed_points_are_gone_at_the_instant_they_lapse_though_nobody_noted_it_yet() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    ledger.now = day(10);
    assert_eq!(ledger.amounts(), amounts(0, 0, 0, 0));
    let refused = Refusal::InsufficientPoints {
        available: points(0),
        asked: points(1),
    };
    assert_eq!(ledger.spend(1), Err(refused));
    assert_eq!(
        ledger.entries.len(),
        1,
        "a refusal writes nothing, not even what was due"
    );
}

#[test]
fn what_falls_due_is_recorded_in_the_order_of_time_one_entry_for_each_instant() {
    let mut ledger = Ledger::new();
    ledger.earn(10);
    ledger.earn(20);
    ledger.earn_at(5, day(0), Some(day(3))).unwrap();
    ledger.now = day(1);
    ledger.earn(30);
    ledger.now = day(40);
    let due = ledger.catch_up();
    let story: Vec<_> = due
        .iter()
        .map(|entry| (entry.kind, entry.occurred_at, entry.points.get()))
        .collect();
    assert_eq!(
        story,
        [
            (EntryKind::Activate, day(3), 5),
            (EntryKind::Expire, day(10), 35),
            (EntryKind::Expire, day(11), 30),
        ]
    );
    assert_eq!(due[1].after, amounts(30, 0, 0, 0));
}
