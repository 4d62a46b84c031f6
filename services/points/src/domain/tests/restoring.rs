use super::ledger::*;
use crate::domain::*;

#[test]
fn the_very_points_that_were_spent_come_back_with_their_dates() {
    let mut ledger = Ledger::new();
    let old = ledger.earn(100);
    ledger.now = day(1);
    let new = ledger.earn(100);
    let before = ledger.account.open.clone();
    let spent = ledger.spend(150).unwrap();
    ledger.now = day(2);
    let restored = ledger.restore(&spent, None, Initiator::Member).unwrap();
    assert_eq!(ledger.moves(&restored), [(new.entry_id, 50), (old.entry_id, 100)]);
    assert_eq!(ledger.account.open, before);
    assert_eq!(restored.related_entry_id, Some(spent.entry_id));
}

#[test]
fn a_partial_restoration_leaves_what_a_smaller_spend_would_have_left() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    ledger.now = day(1);
    ledger.earn(100);
    let mut smaller = ledger.clone();
    smaller.spend(70).unwrap();
    let spent = ledger.spend(150).unwrap();
    ledger.restore(&spent, Some(30), Initiator::Member).unwrap();
    ledger.restore(&spent, Some(50), Initiator::Member).unwrap();
    assert_eq!(ledger.account.open, smaller.account.open);
}

#[test]
fn what_lapsed_in_the_meantime_is_lost_when_the_member_changed_their_mind() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    ledger.now = day(5);
    ledger.earn(100);
    let spent = ledger.spend(130).unwrap();
    ledger.now = day(12);
    let restored = ledger.restore(&spent, None, Initiator::Member).unwrap();
    assert_eq!((restored.points, restored.lost_points), (points(130), points(100)));
    assert_eq!(restored.after, amounts(100, 0, 0, 0));
}

#[test]
fn what_lapsed_in_the_meantime_lives_on_for_a_week_when_the_merchant_did() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let spent = ledger.spend(100).unwrap();
    ledger.now = day(12);
    let restored = ledger.restore(&spent, None, Initiator::Merchant).unwrap();
    assert_eq!(
        (restored.lost_points, restored.portions[0].expires_at),
        (points(0), Some(day(19)))
    );
    assert_eq!(restored.after, amounts(100, 0, 0, 0));
    ledger.now = day(19);
    assert_eq!(ledger.amounts(), amounts(0, 0, 0, 0));
}

#[test]
fn points_of_one_lot_that_were_revived_on_two_days_lapse_on_two_days() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let spent = ledger.spend(100).unwrap();
    ledger.now = day(12);
    ledger.restore(&spent, Some(40), Initiator::Merchant).unwrap();
    ledger.now = day(14);
    ledger.restore(&spent, Some(60), Initiator::Merchant).unwrap();
    ledger.now = day(19);
    assert_eq!(ledger.amounts(), amounts(60, 0, 0, 0));
    ledger.now = day(21);
    assert_eq!(ledger.amounts(), amounts(0, 0, 0, 0));
}

#[test]
fn a_capture_is_restored_like_a_spend() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let held = ledger.hold(70, None).unwrap();
    let captured = ledger.capture(held.entry_id, Some(50)).unwrap();
    assert_eq!(
        ledger.restore(&captured, None, Initiator::Merchant).unwrap().after,
        amounts(100, 0, 0, 0)
    );
}

#[test]
fn the_restorations_of_a_spend_never_exceed_it() {
    let mut ledger = Ledger::new();
    ledger.earn(100);
    let spent = ledger.spend(80).unwrap();
    ledger.restore(&spent, Some(50), Initiator::Member).unwrap();
    let refused = Refusal::MoreThanEntry {
        left: points(30),
        asked: points(31),
    };
    assert_eq!(ledger.restore(&spent, Some(31), Initiator::Member), Err(refused));
    ledger.restore(&spent, None, Initiator::Member).unwrap();
    let refused = Refusal::MoreThanEntry {
        left: points(0),
        asked: points(0),
    };
    assert_eq!(ledger.restore(&spent, None, Initiator::Member), Err(refused));
}

#[test]
fn only_a_spend_or_a_capture_can_be_restored() {
    let mut ledger = Ledger::new();
    let earned = ledger.earn(100);
    let refused = Refusal::NotRestorable {
        entry_id: earned.entry_id,
        kind: EntryKind::Earn,
    };
    assert_eq!(ledger.restore(&earned, None, Initiator::Member), Err(refused));
}

#[test]
fn a_balance_that_cannot_be_counted_is_not_restored() {
    let mut ledger = Ledger::new();
    ledger.earn(10);
    let spent = ledger.spend(10).unwrap();
    ledger.earn(common::points::Points::MAX.get());
    let wallet = ledger.wallet.code.clone();
    assert_eq!(
        ledger.restore(&spent, None, Initiator::Member),
        Err(Refusal::BalanceOutOfRange { wallet })
    );
}
