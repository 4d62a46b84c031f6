//! What must be true of the books. Each check is a sum or a comparison over what the services themselves tell.

use std::collections::{BTreeMap, HashMap, HashSet};

use proto::points::{Entry, EntryKind, LotMove};

use super::books::{Books, Holdings};

/// Checks the books; every check by its name.
pub fn check(books: &Books) -> BTreeMap<&'static str, bool> {
    BTreeMap::from([
        ("ledger_adds_up", ledger_adds_up(books)),
        ("redis_equals_postgres", redis_equals_postgres(books)),
        ("lots_add_up", lots_add_up(books)),
        ("no_request_twice", no_request_twice(books)),
        ("every_activity_has_its_receipt", every_activity_has_its_receipt(books)),
    ])
}

/// What came in is what is there and what went out: for the points, and for the debts.
fn ledger_adds_up(books: &Books) -> bool {
    let moved_lots = |kinds: &[EntryKind]| -> i64 {
        let of_kind = books.entries.iter().filter(|entry| kinds.contains(&entry.kind()));
        of_kind.flat_map(|entry| &entry.lots).map(|part| part.points).sum()
    };
    let settled: i64 = of(books, EntryKind::Earn).map(|entry| entry.debt_points).sum();
    let owed: i64 = of(books, EntryKind::Reverse).map(|entry| entry.debt_points).sum();
    let came_in = of(books, EntryKind::Earn).map(|entry| entry.points).sum::<i64>() - settled;
    let back = books.moved(EntryKind::Restore);
    let lapsed = books.lost(EntryKind::Release);
    let went_out = moved_lots(&[
        EntryKind::Spend,
        EntryKind::Capture,
        EntryKind::Expire,
        EntryKind::Reverse,
    ]) + lapsed
        - back;
    let there = books.sum(|amounts| amounts.available + amounts.pending + amounts.held);
    came_in - went_out == there && owed - settled == books.sum(|amounts| amounts.debt)
}

fn of(books: &Books, kind: EntryKind) -> impl Iterator<Item = &Entry> {
    books.entries.iter().filter(move |entry| entry.kind() == kind)
}

fn redis_equals_postgres(books: &Books) -> bool {
    books
        .holdings
        .values()
        .all(|holdings| holdings.mirrored == holdings.recorded)
}

/// Tells every lot's story from the entries alone and compares it with what the lots say they hold.
fn lots_add_up(books: &Books) -> bool {
    let mut told: HashMap<&str, BTreeMap<String, (i64, i64)>> = HashMap::new();
    for entry in &books.entries {
        let lots = told.entry(&entry.member_id).or_default();
        if entry.kind() == EntryKind::Earn {
            lots.entry(entry.entry_id.clone()).or_default().0 += entry.points - entry.debt_points;
        }
        for part in &entry.lots {
            let (holds, held) = lots.entry(part.lot_id.clone()).or_default();
            match entry.kind() {
                EntryKind::Spend | EntryKind::Expire | EntryKind::Reverse => *holds -= part.points,
                EntryKind::Hold => (*holds, *held) = (*holds - part.points, *held + part.points),
                EntryKind::Capture => *held -= part.points,
                EntryKind::Release => {
                    (*holds, *held) = (*holds + kept(entry, part), *held - part.points);
                }
                EntryKind::Restore => *holds += kept(entry, part),
                EntryKind::Earn | EntryKind::Activate | EntryKind::Unspecified => {}
            }
        }
    }
    let empty = BTreeMap::new();
    books.holdings.iter().all(|(member, Holdings { lots, recorded, .. })| {
        let mut told = told.get(member.as_str()).unwrap_or(&empty).clone();
        told.retain(|_, amounts| *amounts != (0, 0));
        told == *lots && lots.values().map(|(holds, _)| holds).sum::<i64>() == recorded.available + recorded.pending
    })
}

/// Returns what of a part that was given back had not lapsed by then.
fn kept(entry: &Entry, part: &LotMove) -> i64 {
    let instant = |at: Option<prost_types::Timestamp>| at.map(|at| (at.seconds, at.nanos));
    match (instant(part.expires_at), instant(entry.occurred_at)) {
        (Some(expires_at), Some(occurred_at)) if expires_at <= occurred_at => 0,
        _ => part.points,
    }
}

/// No request made two entries of a kind in a wallet, and none was recorded as two activities.
fn no_request_twice(books: &Books) -> bool {
    let mut posted = HashSet::new();
    let by_request = books.entries.iter().filter(|entry| !entry.request_id.is_empty());
    let once = by_request
        .map(|entry| (&entry.member_id, &entry.request_id, entry.kind, &entry.wallet))
        .all(|effect| posted.insert(effect));
    let mut recorded = HashSet::new();
    once && books
        .activities
        .iter()
        .all(|(member, request_id, _)| recorded.insert((member, request_id)))
}

fn every_activity_has_its_receipt(books: &Books) -> bool {
    books.activities.iter().all(|(member, _, recorded)| {
        books
            .holdings
            .get(member)
            .is_some_and(|holdings| holdings.receipts.contains(&recorded.activity_id))
    })
}
