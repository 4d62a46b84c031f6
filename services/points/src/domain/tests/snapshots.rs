use super::ledger::*;
use crate::domain::*;

#[test]
fn points_with_the_same_dates_are_one_part_of_a_snapshot() {
    let month = ExpiryPolicy::AtPeriodEnd {
        period: Period::Month,
        after_months: 0,
        after_days: 0,
    };
    let mut ledger = Ledger::of(month, OverdraftPolicy::Forbid);
    ledger.now = day(5);
    ledger.earn_at(10, day(1), None).unwrap();
    ledger.earn_at(20, day(2), Some(day(8))).unwrap();
    ledger.earn_at(30, day(3), None).unwrap();
    ledger.earn_at(40, day(4), Some(day(8))).unwrap();
    let snapshot = ledger.snapshot();
    let parts: Vec<_> = snapshot
        .parts
        .iter()
        .map(|part| (part.activates_at, part.points.get()))
        .collect();
    assert_eq!(parts, [(None, 40), (Some(day(8)), 60)]);
    assert_eq!(snapshot.seq, 4);
}

#[test]
fn a_snapshot_tells_what_lapses_next() {
    let mut ledger = Ledger::new();
    ledger.earn(10);
    ledger.earn(20);
    ledger.now = day(1);
    ledger.earn(40);
    ledger.hold(5, Some(3_600)).unwrap();
    assert_eq!(ledger.snapshot().next_expiry_at(day(1)), Some((day(10), points(25))));
    assert_eq!(ledger.snapshot().next_expiry_at(day(2)), Some((day(10), points(30))));
    assert_eq!(ledger.snapshot().next_expiry_at(day(10)), Some((day(11), points(40))));
    assert_eq!(ledger.snapshot().next_expiry_at(day(11)), None);
}
