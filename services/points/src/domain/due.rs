//! What happens by itself when its time has come: points become available, holds end, points lapse.
//!
//! It is applied before anything else is decided, so that a decision never depends on whether a worker was in time. Each entry occurred at
//! the instant at which it fell due, however much later it is recorded.

use common::{canary, ids::EntryId, points::Points};
use jiff::Timestamp;

use super::{
    account::Account,
    amounts::sum,
    entry::{EntryDraft, EntryKind},
    hold::{Hold, HoldState},
    portions::Portion,
    stamp::Stamp,
};

/// Brings an account up to now and returns the entries that record it, in the order of time. Within an instant, points become
/// available, then holds end, then points lapse.
pub fn apply_due(account: &mut Account, stamp: &mut Stamp<'_>) -> Vec<EntryDraft> {
    let mut drafts = Vec::new();
    while let Some(at) = next_due_at(account).filter(|at| *at <= stamp.now) {
        drafts.extend(activate(account, at, stamp));
        // One by one: what is held after the first of two that end together is what the second holds.
        while let Some(ended) = account.holds.iter().position(|hold| hold.expires_at <= at) {
            let hold = account.holds.remove(ended);
            drafts.push(end_hold(account, hold, at, stamp));
        }
        drafts.extend(expire(account, at, stamp));
    }
    drafts
}

/// Applies what is due up to an instant, for reading: the entries that would record it have no ids and no places.
pub fn foresee(account: &mut Account, until: Timestamp) -> Vec<EntryDraft> {
    let mut stamp = Stamp {
        now: until,
        next_seq: account.last_seq,
        id_at: &|_| EntryId::nil(),
    };
    apply_due(account, &mut stamp)
}

/// Returns the next instant at which something happens to an account by itself.
pub fn next_due_at(account: &Account) -> Option<Timestamp> {
    account
        .open
        .next_due_at()
        .into_iter()
        .chain(account.holds.iter().map(|hold| hold.expires_at))
        .min()
}

/// Returns the next instant at which something is to be done about an account: an entry, or a notice.
pub fn wakes_at(account: &Account) -> Option<Timestamp> {
    [next_due_at(account), account.notices.due_at]
        .into_iter()
        .flatten()
        .min()
}

fn activate(account: &mut Account, at: Timestamp, stamp: &mut Stamp<'_>) -> Option<EntryDraft> {
    let is_due = |portion: &Portion| portion.activates_at().is_some_and(|activates_at| activates_at <= at);
    let portions = account.open.take_all(is_due);
    portions.iter().for_each(|portion| {
        account.open.put(Portion {
            waits: None,
            ..portion.clone()
        })
    });
    record(account, EntryKind::Activate, portions, at, stamp)
}

fn expire(account: &mut Account, at: Timestamp, stamp: &mut Stamp<'_>) -> Option<EntryDraft> {
    let portions = account.open.take_all(|portion| portion.has_lapsed(at));
    record(account, EntryKind::Expire, portions, at, stamp)
}

fn record(
    account: &mut Account,
    kind: EntryKind,
    portions: Vec<Portion>,
    at: Timestamp,
    stamp: &mut Stamp<'_>,
) -> Option<EntryDraft> {
    let points = sum(portions.iter().map(Portion::points));
    (points > Points::ZERO).then(|| {
        let draft = account.open_entry(kind, points, stamp);
        account.close_entry(EntryDraft {
            portions,
            by_request: false,
            occurred_at: at,
            ..draft
        })
    })
}

fn end_hold(account: &mut Account, hold: Hold, at: Timestamp, stamp: &mut Stamp<'_>) -> EntryDraft {
    let draft = account.open_entry(EntryKind::Release, hold.points(), stamp);
    let portions = hold.come_back(at);
    let back = canary::spoil("expiry-forgets-holds", &portions[..], || &[]);
    let lost_points = account.put_back(back, at);
    account.lately.ended_holds.push((hold.hold_id, HoldState::Expired));
    account.close_entry(EntryDraft {
        portions,
        lost_points,
        related_entry_id: Some(hold.hold_id),
        hold_expires_at: Some(hold.expires_at),
        by_request: false,
        occurred_at: at,
        ..draft
    })
}
