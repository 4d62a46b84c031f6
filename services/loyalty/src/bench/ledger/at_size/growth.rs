//! Whether the ledger is slower for what lies in it: the core on the small ledger and on the large one, in turns in one run. Both count all that a growing ledger has:
//! the large one has more rows and more accounts in either.
//!
//! * **rows**: the same load on both, members drawn evenly from as many as the small ledger has.
//! * **accounts**: members drawn by a zipf distribution from all that each has.

use std::time::{Duration, Instant};

use points::Core;
use sqlx::{Connection as _, PgConnection};

use super::sized::Sized;
use crate::bench::{
    ledger::{
        CALLERS,
        earnings::earn,
        orders::{Draw, Orders},
        report::Series,
        rig,
    },
    zipf::Zipf,
};

/// How often the two take turns in a round.
const TURNS: u32 = 2;
/// How long a ledger is warmed up at most.
const WARM_WITHIN: Duration = Duration::from_secs(90);

/// One ledger, and the two loads for it.
struct Loaded<'a> {
    sized: &'a Sized,
    core: Core,
    loads: [Orders; 2],
    rates: [Series; 2],
}

/// Returns the rates on the large ledger over those on the small one, for rows and for accounts.
pub async fn measure(small: &Sized, large: &Sized, rounds: usize, slice: Duration) -> anyhow::Result<(f64, f64)> {
    let same = small.size.members.min(large.size.members);
    let mut small = Loaded::start(small, same).await?;
    let mut large = Loaded::start(large, same).await?;
    let turn = slice / TURNS;
    for ledger in [&small, &large] {
        ledger.warm_up(slice).await?;
    }
    for round in 1..=rounds * TURNS as usize {
        for load in 0..2 {
            // Whoever comes second finds the machine as the first left it: they change places.
            let mut both = [&mut small, &mut large];
            both.rotate_left(round % 2);
            for ledger in both {
                ledger.turn(load, turn).await?;
            }
        }
    }
    for (load, name) in ["evenly", "zipf"].into_iter().enumerate() {
        let [of_large, of_small] = [&large, &small].map(|ledger| ledger.rates[load].per_s());
        eprintln!(
            "growth, members drawn {name}: {of_large:.0}/s on the large ledger, {of_small:.0}/s on the small one"
        );
    }
    let [rows, accounts] = [0, 1].map(|load| large.rates[load].over(&small.rates[load]));
    Ok((rows, accounts))
}

impl<'a> Loaded<'a> {
    async fn start(sized: &'a Sized, same: usize) -> anyhow::Result<Loaded<'a>> {
        settle(sized).await?;
        Ok(Loaded {
            core: rig::start(&sized.settings, sized.program_id, |_| {}).await?,
            loads: [
                sized.orders.drawn(Draw::Evenly(same)),
                sized.orders.drawn(Draw::Zipf(Zipf::of(sized.size.members))),
            ],
            rates: [Series::new("rows"), Series::new("accounts")],
            sized,
        })
    }

    /// Earns until every page that an earning may change was changed about twice. The first change of a page after a checkpoint logs the whole page: checkpoints are
    /// half an hour apart in production, and right behind one a large ledger would be measured by nothing else. Nothing of this counts.
    async fn warm_up(&self, slice: Duration) -> anyhow::Result<()> {
        let changes = 2.0 * pages_that_change(self.sized).await?;
        let since = Instant::now();
        let mut earned = 0.0;
        while earned < changes && since.elapsed() < WARM_WITHIN {
            for orders in &self.loads {
                let asked = Instant::now();
                let measured = earn(&self.core, orders, &self.sized.books, CALLERS, slice).await?;
                earned += measured.per_s * asked.elapsed().as_secs_f64();
            }
        }
        eprintln!("warmed up by {earned:.0} earnings, for {changes:.0} changes of pages");
        Ok(())
    }

    async fn turn(&mut self, load: usize, time: Duration) -> anyhow::Result<()> {
        let measured = earn(&self.core, &self.loads[load], &self.sized.books, CALLERS, time).await?;
        self.rates[load].add(measured);
        Ok(())
    }
}

/// Returns how many pages lie where an earning may fall on any of them.
async fn pages_that_change(sized: &Sized) -> anyhow::Result<f64> {
    let mut database = PgConnection::connect(sized.database_url()).await?;
    let pages: i64 = sqlx::query_scalar(
        "select (pg_relation_size('points.journal_request') + pg_relation_size('points.journal_member') + pg_relation_size('points.account'))
                / current_setting('block_size')::bigint",
    )
    .fetch_one(&mut database)
    .await?;
    Ok(pages as f64)
}

/// Lets Postgres do at once what it would do at some time after so much was written, so that it does not do it while one of the two is measured.
async fn settle(sized: &Sized) -> anyhow::Result<()> {
    let mut database = PgConnection::connect(sized.database_url()).await?;
    sqlx::raw_sql("vacuum analyze").execute(&mut database).await?;
    // Not everybody may ask for one; then it comes when it comes.
    if let Err(error) = sqlx::raw_sql("checkpoint").execute(&mut database).await {
        eprintln!("no checkpoint before growth is measured: {error}");
    }
    Ok(())
}
