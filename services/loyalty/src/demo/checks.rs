//! What must be true of the books. Each check is a sum or a comparison over what the services themselves tell.

use std::collections::{BTreeMap, HashMap, HashSet};

use proto::points::{Entry, EntryKind, Portion};

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
    let moved = |kinds: &[EntryKind]| -> i64 {
        let of_kind = books.entries.iter().filter(|entry| kinds.contains(&entry.kind()));
        of_kind
            .flat_map(|entry| &entry.portions)
            .map(|portion| portion.points)
            .sum()
    };
    let settled: i64 = of(books, EntryKind::Earn).map(|entry| entry.debt_points).sum();
    let owed: i64 = of(books, EntryKind::Reverse).map(|entry| entry.debt_points).sum();
    let came_in = of(books, EntryKind::Earn).map(|entry| entry.points).sum::<i64>() - settled;
    let back = books.moved(EntryKind::Restore);
    let lapsed = books.lost(EntryKind::Release);
    let went_out = moved(&[
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

/// Tells every point's story from the entries alone and compares it with what the lots say they hold.
fn lots_add_up(books: &Books) -> bool {
    let mut told: HashMap<&str, Told<'_>> = HashMap::new();
    for entry in &books.entries {
        if !told.entry(&entry.member_id).or_default().follow(entry) {
            return false;
        }
    }
    let nothing = Told::default();
    books.holdings.iter().all(|(member, Holdings { lots, recorded, .. })| {
        let told = told.get(member.as_str()).unwrap_or(&nothing).lots();
        told == *lots && lots.values().map(|(holds, _)| holds).sum::<i64>() == recorded.available + recorded.pending
    })
}

/// Where each point of a member is, by its number, as the entries tell.
#[derive(Default)]
struct Told<'a> {
    points: Vec<Place>,
    earnings: Vec<&'a Entry>,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Lies,
    Held,
    Gone,
}

impl<'a> Told<'a> {
    /// Takes in an entry; tells whether the points were where it took them from.
    fn follow(&mut self, entry: &'a Entry) -> bool {
        entry.portions.iter().all(|portion| {
            let back = if has_lapsed(entry, portion) {
                Place::Gone
            } else {
                Place::Lies
            };
            match entry.kind() {
                EntryKind::Earn | EntryKind::TransferIn => self.earn(entry, portion),
                EntryKind::Extend | EntryKind::Activate => self.go(portion, Place::Lies, Place::Lies),
                EntryKind::Spend
                | EntryKind::TransferOut
                | EntryKind::Expire
                | EntryKind::Reverse
                | EntryKind::CashOut
                | EntryKind::Forfeit => self.go(portion, Place::Lies, Place::Gone),
                EntryKind::Hold => self.go(portion, Place::Lies, Place::Held),
                EntryKind::Capture => self.go(portion, Place::Held, Place::Gone),
                EntryKind::Release => self.go(portion, Place::Held, back),
                EntryKind::Restore => self.go(portion, Place::Gone, back),
                EntryKind::Unspecified | EntryKind::ExtendHold | EntryKind::WriteOff => false,
            }
        })
    }

    fn earn(&mut self, entry: &'a Entry, portion: &Portion) -> bool {
        self.earnings.push(entry);
        let settles = entry.debt_points as usize;
        let is_next = portion.first_number == self.points.len() as i64 + 1;
        self.points.extend(std::iter::repeat_n(Place::Gone, settles));
        self.points
            .extend(std::iter::repeat_n(Place::Lies, portion.points as usize - settles));
        is_next
    }

    fn go(&mut self, portion: &Portion, from: Place, to: Place) -> bool {
        let first = portion.first_number as usize - 1;
        let Some(points) = self.points.get_mut(first..first + portion.points as usize) else {
            return false;
        };
        let lay_there = points.iter().all(|place| *place == from);
        points.fill(to);
        lay_there
    }

    /// Returns what of each lot lies in the account, and what is held, where there is any.
    fn lots(&self) -> BTreeMap<String, (i64, i64)> {
        let lot = |entry: &&Entry| {
            let first = entry
                .portions
                .first()
                .map_or(0, |portion| portion.first_number as usize - 1);
            let points = &self.points[first..first + entry.points as usize];
            let count = |place| points.iter().filter(|there| **there == place).count() as i64;
            (entry.entry_id.clone(), (count(Place::Lies), count(Place::Held)))
        };
        let lots = self.earnings.iter().map(lot);
        lots.filter(|(_, amounts)| *amounts != (0, 0)).collect()
    }
}

/// Tells whether points that were given back had lapsed by then.
fn has_lapsed(entry: &Entry, portion: &Portion) -> bool {
    let instant = |at: Option<prost_types::Timestamp>| at.map(|at| (at.seconds, at.nanos));
    match (instant(portion.expires_at), instant(entry.occurred_at)) {
        (Some(expires_at), Some(occurred_at)) => expires_at <= occurred_at,
        _ => false,
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
