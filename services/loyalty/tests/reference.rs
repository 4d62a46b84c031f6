//! What the replay of a few customers ends with when nothing goes wrong.

use loyalty::demo::{books::Books, checks, replay::Tally};
use proto::points::EntryKind;
use tokio::sync::OnceCell;

use crate::process::{Process, purchases};

/// How many customers the tests replay.
pub const CUSTOMERS: u32 = 150;

/// What must be the same on every run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    tally: Tally,
    issued: i64,
    reversed: i64,
    expired: i64,
    captured: i64,
    outstanding: i64,
}

/// Returns the totals of an undisturbed replay.
pub async fn undisturbed() -> Totals {
    static TOTALS: OnceCell<Totals> = OnceCell::const_new();
    let totals = TOTALS.get_or_init(|| async {
        let process = Process::start().await;
        let tally = process
            .replay()
            .run(&purchases(CUSTOMERS), |_| {})
            .await
            .expect("the replay ends");
        totals(&process, tally).await
    });
    totals.await.clone()
}

/// Reads the totals back, and sees that every check holds.
pub async fn totals(process: &Process, tally: Tally) -> Totals {
    let books = Books::read(&process.clients(), "points")
        .await
        .expect("the books can be read");
    let broken: Vec<&str> = checks::check(&books)
        .into_iter()
        .filter(|(_, holds)| !holds)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(broken, Vec::<&str>::new(), "every check holds");
    Totals {
        tally,
        issued: books.moved(EntryKind::Earn),
        reversed: books.moved(EntryKind::Reverse),
        expired: books.moved(EntryKind::Expire),
        captured: books.moved(EntryKind::Capture),
        outstanding: books.sum(|amounts| amounts.available + amounts.pending + amounts.held),
    }
}
