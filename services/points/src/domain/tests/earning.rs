use super::ledger::*;
use crate::domain::*;

#[test]
fn what_is_earned_is_available_at_once() {
    let mut ledger = Ledger::new();
    let earned = ledger.earn(100);
    assert_eq!((earned.kind, earned.points), (EntryKind::Earn, points(100)));
    assert_eq!(earned.after, amounts(100, 0, 0, 0));
    assert_eq!(ledger.amounts(), amounts(100, 0, 0, 0));
}

#[test]
fn the_end_counts_from_when_it_happened_not_from_when_it_was_reported() {
    let mut ledger = Ledger::new();
    ledger.now = day(3);
    let earned = ledger.earn_at(100, day(1), None).unwrap();
    assert_eq!(
        (earned.occurred_at, earned.portions[0].expires_at),
        (day(1), Some(day(11)))
    );
}

#[test]
fn an_earning_that_would_have_lapsed_by_now_lapses_at_once() {
    let mut ledger = Ledger::new();
    ledger.now = day(30);
    let earned = ledger.earn_at(100, day(1), None).unwrap();
    let lapsed = ledger.entries.last().unwrap();
    assert_eq!(
        (lapsed.kind, lapsed.occurred_at, lapsed.by_request),
        (EntryKind::Expire, day(11), false)
    );
    assert_eq!(ledger.moves(lapsed), [(earned.entry_id, 100)]);
    assert_eq!(ledger.amounts(), amounts(0, 0, 0, 0));
}

#[test]
fn what_happens_in_the_future_is_refused() {
    let mut ledger = Ledger::new();
    assert_eq!(
        ledger.earn_at(100, hour(1), None),
        Err(Refusal::OccurredInFuture { now: day(0) })
    );
}

#[test]
fn a_debt_is_settled_before_anything_becomes_available() {
    let mut ledger = Ledger::with_debts();
    let returned = ledger.earn(100);
    ledger.spend(80).unwrap();
    ledger.reverse(&returned, None).unwrap();
    assert_eq!(ledger.amounts(), amounts(0, 0, 0, 80));

    let first = ledger.earn(50);
    assert_eq!((first.debt_points, first.after), (points(50), amounts(0, 0, 0, 30)));
    let second = ledger.earn(50);
    assert_eq!((second.debt_points, second.after), (points(30), amounts(20, 0, 0, 0)));
}

#[test]
fn pending_points_become_available_at_their_instant() {
    let mut ledger = Ledger::new();
    let earned = ledger.earn_at(100, day(0), Some(day(2))).unwrap();
    assert_eq!(earned.after, amounts(0, 100, 0, 0));
    ledger.now = day(2);
    assert_eq!(ledger.amounts(), amounts(100, 0, 0, 0));
    let spent = ledger.spend(40).unwrap();
    assert_eq!(ledger.entries[1].kind, EntryKind::Activate);
    assert_eq!(
        (ledger.entries[1].occurred_at, spent.after),
        (day(2), amounts(60, 0, 0, 0))
    );
}

#[test]
fn points_whose_waiting_time_is_over_when_they_are_reported_never_wait() {
    let mut ledger = Ledger::new();
    ledger.now = day(3);
    let earned = ledger.earn_at(100, day(0), Some(day(2))).unwrap();
    assert_eq!(
        (earned.portions[0].activates_at(), earned.after),
        (None, amounts(100, 0, 0, 0))
    );
}

#[test]
fn pending_points_that_can_no_longer_become_available_lapse() {
    let mut ledger = Ledger::new();
    ledger.earn_at(100, day(0), Some(day(20))).unwrap();
    ledger.now = day(10);
    let due = ledger.catch_up();
    assert_eq!(
        (due.len(), due[0].kind, due[0].after),
        (1, EntryKind::Expire, amounts(0, 0, 0, 0))
    );
}

#[test]
fn a_balance_that_cannot_be_counted_is_refused() {
    let mut ledger = Ledger::new();
    ledger.earn(common::points::Points::MAX.get());
    let wallet = ledger.wallet.code.clone();
    assert_eq!(
        ledger.earn_at(1, day(0), None),
        Err(Refusal::BalanceOutOfRange { wallet })
    );
}
