//! The ledger at size: how fast it is filled through the public API, how much memory that takes, how soon a suite that is killed answers again, and whether the
//! ledger is slower for what lies in it. A small ledger and a large one stand side by side in two databases of one server.

mod crash;
mod growth;
mod room;
mod served;
mod sized;

use std::time::Duration;

use sqlx::PgPool;

use crate::demo::Started;
use sized::Sized;

pub use room::check as check_room;

/// How many members the small ledger has, and how many entries: what growth is measured against.
const SMALL: usize = 10_000;
/// How often the suite is killed.
const KILLS: usize = 3;

/// How large it is to become.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub members: usize,
    pub entries: usize,
}

/// What was measured.
#[derive(Debug)]
pub struct AtSize {
    pub size: Size,
    pub small: Size,
    pub enrolled_per_s: f64,
    pub load_s: f64,
    pub load_entries_per_s: f64,
    /// The most memory that the suite took until everything was loaded, in MB.
    pub load_rss_mb: u64,
    /// The slowest of several, from the kill to the first answer, in seconds.
    pub start_after_crash_s: f64,
    /// Rates on the large ledger over rates on the small one: of the same load for as many members; of a zipf load for all members of each.
    pub growth_rows: f64,
    pub growth_accounts: f64,
    pub sums_hold: bool,
}

impl Size {
    /// Returns about how long it takes to get there on two cores.
    pub fn takes(self) -> Duration {
        Duration::from_secs((self.members / 4_500 + self.entries / 14_000) as u64)
    }
}

/// Loads a small ledger and a large one, and measures.
pub async fn measure(
    suite: &Started,
    database: &PgPool,
    size: Size,
    rounds: usize,
    slice: Duration,
) -> anyhow::Result<AtSize> {
    let small = Size {
        members: SMALL,
        entries: SMALL,
    };
    let mut small = Sized::load(suite, database, "loyalty_bench_small", 1, small).await?;
    small.served.kill().await?;
    let mut large = Sized::load(suite, database, "loyalty_bench_large", 2, size).await?;
    let load_rss_mb = large.served.peak_memory_mb();
    let mut start_after_crash_s: f64 = 0.0;
    for _ in 0..KILLS {
        let seconds = crash::start_after_crash(&mut large).await?;
        eprintln!("killed; answered again after {seconds:.3} s");
        start_after_crash_s = start_after_crash_s.max(seconds);
    }
    large.served.kill().await?;
    let (growth_rows, growth_accounts) = growth::measure(&small, &large, rounds, slice).await?;
    let measured = AtSize {
        size: large.size,
        small: small.size,
        enrolled_per_s: large.enrolled_per_s,
        load_s: large.load_s,
        load_entries_per_s: large.size.entries as f64 / large.load_s,
        load_rss_mb,
        start_after_crash_s,
        growth_rows,
        growth_accounts,
        sums_hold: small.books_hold().await? && large.books_hold().await?,
    };
    small.remove(database).await?;
    large.remove(database).await?;
    Ok(measured)
}
