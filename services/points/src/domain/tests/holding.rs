use super::ledger::*;
use crate::domain::*;

#[test]
fn held_points_are_for_their_hold_only() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let held = ledger.hold(70, None).unwrap();
    assert_eq!(
        (held.after, held.hold_expires_at),
        (
            amounts(30, 0, 70, 0),
            Some(day(0) + jiff::SignedDuration::from_secs(900))
        )
    );
    assert_eq!(
        ledger.spend(31),
        Err(Refusal::InsufficientPoints {
            available: points(30),
            asked: points(31)
        })
    );
    assert_eq!(
        ledger.hold(31, None),
        Err(Refusal::InsufficientPoints {
            available: points(30),
            asked: points(31)
        })
    );
}

#[test]
fn a_hold_is_captured_whole() {
    let mut ledger = Ledger::new();
    let earned = ledger.earn(100);
    let held = ledger.hold(70, None).unwrap();
    let captured = ledger.capture(held.entry_id, None).unwrap();
    assert_eq!(
        (captured.kind, captured.after),
        (EntryKind::Capture, amounts(30, 0, 0, 0))
    );
    assert_eq!(
        (ledger.moves(&captured), captured.related_entry_id),
        (vec![(earned.entry_id, 70)], Some(held.entry_id))
    );
    let status = ledger.status(held.entry_id).unwrap();
    assert_eq!(
        (status.state, status.points, status.captured_points),
        (HoldState::Captured, points(70), points(70))
    );
}

#[test]
fn what_is_not_captured_comes_back() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let held = ledger.hold(70, None).unwrap();
    let captured = ledger.capture(held.entry_id, Some(50)).unwrap();
    assert_eq!(captured.after, amounts(30, 0, 20, 0));
    let released = ledger.entries.last().unwrap().clone();
    assert_eq!(
        (released.kind, released.points, released.after),
        (EntryKind::Release, points(20), amounts(50, 0, 0, 0))
    );
    let status = HoldStatus::read(held.entry_id, [&captured, &released]).unwrap();
    assert_eq!(status.state, HoldState::PartiallyCaptured);
    assert_eq!((status.points, status.captured_points), (points(70), points(50)));
    assert_eq!(ledger.status(held.entry_id), Some(status));
}

#[test]
fn a_released_hold_gives_everything_back() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let held = ledger.hold(70, None).unwrap();
    assert_eq!(ledger.release(held.entry_id).unwrap().after, amounts(100, 0, 0, 0));
    assert_eq!(ledger.status(held.entry_id).unwrap().state, HoldState::Released);
}

#[test]
fn a_hold_ends_by_itself_at_its_instant() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let held = ledger.hold(70, Some(3_600)).unwrap();
    ledger.now = hour(1);
    assert_eq!(ledger.amounts(), amounts(100, 0, 0, 0));
    let over = Refusal::HoldNotActive {
        hold_id: held.entry_id,
        state: HoldState::Expired,
    };
    assert_eq!(
        ledger.capture(held.entry_id, None),
        Err(over.clone()),
        "also when nobody noted the end yet"
    );
    ledger.now = hour(2);
    let due = ledger.catch_up();
    assert_eq!(
        (due[0].kind, due[0].occurred_at, due[0].by_request),
        (EntryKind::Release, hour(1), false)
    );
    assert_eq!(ledger.capture(held.entry_id, None), Err(over));
}

#[test]
fn of_two_holds_that_end_together_the_second_is_still_held_after_the_first() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    ledger.hold(30, None).unwrap();
    ledger.hold(20, None).unwrap();
    ledger.now = hour(1);
    let after: Vec<_> = ledger.catch_up().into_iter().map(|released| released.after).collect();
    assert_eq!(after, [amounts(80, 0, 20, 0), amounts(100, 0, 0, 0)]);
}

#[test]
fn a_hold_ends_once() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let held = ledger.hold(70, None).unwrap().entry_id;
    ledger.capture(held, None).unwrap();
    let over = Refusal::HoldNotActive {
        hold_id: held,
        state: HoldState::Captured,
    };
    assert_eq!(ledger.capture(held, None), Err(over.clone()));
    assert_eq!(ledger.release(held), Err(over.clone()));
    ledger.account.lately = Lately::default();
    assert_eq!(ledger.release(held), Err(over), "the journal knows as well");
}

#[test]
fn a_hold_that_never_was_is_not_found() {
    let mut ledger = Ledger::new();
    let earned = ledger.earn(100);
    assert_eq!(
        ledger.release(earned.entry_id),
        Err(Refusal::HoldNotFound {
            hold_id: earned.entry_id
        })
    );
    assert_eq!(
        ledger.capture(id_at(99), None),
        Err(Refusal::HoldNotFound { hold_id: id_at(99) })
    );
}

#[test]
fn nobody_captures_more_than_is_held() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let held = ledger.hold(80, None).unwrap();
    assert_eq!(
        ledger.capture(held.entry_id, Some(100)),
        Err(Refusal::MoreThanHeld {
            held: points(80),
            asked: points(100)
        })
    );
}

#[test]
fn held_points_are_protected_until_the_hold_ends_and_then_lapse_if_their_time_is_over() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    ledger.now = day(9);
    ledger.earn(100);
    let held = ledger.hold(120, Some(5 * 86_400)).unwrap();
    ledger.now = day(11);
    assert_eq!(ledger.amounts(), amounts(80, 0, 120, 0));
    ledger.now = day(14);
    assert_eq!(ledger.amounts(), amounts(100, 0, 0, 0));
    let due = ledger.catch_up();
    assert_eq!(
        (due.len(), due[0].points, due[0].lost_points),
        (1, points(120), points(100))
    );
    assert_eq!(ledger.status(held.entry_id).unwrap().state, HoldState::Expired);
}

#[test]
fn points_that_lapsed_while_they_were_held_are_captured_first() {
    let mut ledger = Ledger::new();
    let old = ledger.earn(100);
    ledger.now = day(9);
    let new = ledger.earn(100);
    let held = ledger.hold(150, Some(5 * 86_400)).unwrap();
    ledger.now = day(11);
    let captured = ledger.capture(held.entry_id, Some(110)).unwrap();
    assert_eq!(ledger.moves(&captured), [(old.entry_id, 100), (new.entry_id, 10)]);
    let released = ledger.entries.last().unwrap();
    assert_eq!((released.points, released.lost_points), (points(40), points(0)));
}
