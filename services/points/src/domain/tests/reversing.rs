use super::ledger::*;
use crate::domain::*;

#[test]
fn an_earning_is_taken_back_from_its_own_lot_first() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    ledger.now = day(1);
    let returned = ledger.earn(100);
    let reversed = ledger.reverse(&returned, Some(60)).unwrap();
    assert_eq!(ledger.moves(&reversed), [(returned.entry_id, 60)]);
    assert_eq!(
        (reversed.related_entry_id, reversed.after),
        (Some(returned.entry_id), amounts(140, 0, 0, 0))
    );
}

#[test]
fn an_earning_is_taken_back_while_it_is_pending() {
    let mut ledger = Ledger::new();
    ledger.earn(50);
    let returned = ledger.earn_at(100, day(0), Some(day(5))).unwrap();
    let reversed = ledger.reverse(&returned, None).unwrap();
    assert_eq!(
        (ledger.moves(&reversed), reversed.after),
        (vec![(returned.entry_id, 100)], amounts(50, 0, 0, 0))
    );
    assert_eq!(reversed.portions[0].activates_at(), Some(day(5)));
}

#[test]
fn what_was_spent_of_it_is_taken_from_other_available_lots() {
    let mut ledger = Ledger::new();
    let returned = ledger.earn(100);
    ledger.spend(80).unwrap();
    ledger.now = day(1);
    let other = ledger.earn(50);
    ledger.earn_at(500, day(1), Some(day(5))).unwrap();
    let reversed = ledger.reverse(&returned, None).unwrap();
    assert_eq!(ledger.moves(&reversed), [(returned.entry_id, 20), (other.entry_id, 50)]);
    assert_eq!((reversed.lost_points, reversed.debt_points), (points(30), points(0)));
    assert_eq!(reversed.after, amounts(0, 500, 0, 0));
}

#[test]
fn what_is_missing_becomes_a_debt_where_the_wallet_says_so() {
    let mut ledger = Ledger::with_debts();
    let returned = ledger.earn(100);
    ledger.spend(80).unwrap();
    let reversed = ledger.reverse(&returned, None).unwrap();
    assert_eq!((reversed.lost_points, reversed.debt_points), (points(0), points(80)));
    assert_eq!(reversed.after, amounts(0, 0, 0, 80));
}

#[test]
fn what_is_held_stays_held() {
    let mut ledger = Ledger::with_debts();
    let returned = ledger.earn(100);
    let held = ledger.hold(100, None).unwrap();
    assert_eq!(ledger.reverse(&returned, None).unwrap().after, amounts(0, 0, 100, 100));
    assert_eq!(
        ledger.capture(held.entry_id, None).unwrap().after,
        amounts(0, 0, 0, 100)
    );
}

#[test]
fn what_has_lapsed_of_it_counts_as_recovered() {
    let mut ledger = Ledger::with_debts();
    let returned = ledger.earn(100);
    ledger.spend(30).unwrap();
    ledger.now = day(9);
    let other = ledger.earn(100);
    ledger.now = day(12);
    let first = ledger.reverse(&returned, Some(50)).unwrap();
    assert_eq!(
        (ledger.moves(&first), first.debt_points, first.lost_points),
        (vec![], points(0), points(0))
    );
    let second = ledger.reverse(&returned, None).unwrap();
    assert_eq!(
        ledger.moves(&second),
        [(other.entry_id, 30)],
        "seventy lapsed, and they count once"
    );
    assert_eq!(second.after, amounts(70, 0, 0, 0));
}

#[test]
fn what_lapsed_after_the_journal_was_read_counts_as_recovered_too() {
    let mut ledger = Ledger::new();
    let returned = ledger.earn(100);
    ledger.now = day(9);
    ledger.earn(100);
    let original = ledger.original(returned.entry_id, ledger.last_seq());
    ledger.now = day(10);
    ledger.spend(1).unwrap();
    let reversed = ledger
        .ask(Command::ReverseEntry(ReverseEntry { original, points: None }))
        .unwrap();
    assert_eq!(
        (ledger.moves(&reversed), reversed.after),
        (vec![], amounts(99, 0, 0, 0))
    );
}

#[test]
fn the_reversals_of_an_earning_never_exceed_it() {
    let mut ledger = Ledger::new();
    let returned = ledger.earn(100);
    ledger.earn(100);
    ledger.reverse(&returned, Some(60)).unwrap();
    assert_eq!(
        ledger.reverse(&returned, Some(41)),
        Err(Refusal::MoreThanEntry {
            left: points(40),
            asked: points(41)
        })
    );
    ledger.reverse(&returned, None).unwrap();
    assert_eq!(
        ledger.reverse(&returned, None),
        Err(Refusal::MoreThanEntry {
            left: points(0),
            asked: points(0)
        })
    );
    assert_eq!(ledger.amounts(), amounts(100, 0, 0, 0));
}

#[test]
fn only_an_earning_can_be_reversed() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let spent = ledger.spend(10).unwrap();
    let refused = Refusal::NotReversible {
        entry_id: spent.entry_id,
        kind: EntryKind::Spend,
    };
    assert_eq!(ledger.reverse(&spent, None), Err(refused));
}
