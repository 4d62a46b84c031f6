//! The rounds: each measures everything in turn, so that what else the machine does meets all alike, and holds the sums against what was acknowledged.

use std::time::Duration;

use super::{
    CALLERS,
    meters::Meters,
    mixed,
    orders::Draw,
    report::{Series, rates},
    rig::Rig,
};
use crate::bench::zipf::Zipf;

/// What the rounds came to.
pub struct Rounds {
    pub b0: Series,
    pub b1: Series,
    pub core: Series,
    pub hot: Series,
    pub single_shard: Series,
    pub retries: Series,
    pub unary_b0: Series,
    pub unary: Series,
    pub unary_retries: Series,
    pub mixed: Series,
    pub bulk: Series,
    pub postgres: Series,
    pub b1_solo: Series,
    pub solo: Series,
    /// What the database did for the core, and how often the core earned meanwhile.
    pub meters: Meters,
    pub earns: u64,
    pub sums_hold: bool,
}

impl Rounds {
    /// Measures everything, round by round.
    pub async fn measure(rig: &Rig, rounds: usize, slice: Duration, connections: usize) -> anyhow::Result<Rounds> {
        let mut measured = Rounds::begin();
        // What is measured last has seen the machine warm; nothing of this counts.
        for core in [&rig.core, &rig.one_by_one, &rig.single_shard] {
            rig.earn(core, CALLERS, slice / 2).await?;
        }
        let drawn = rig.members.len() - rounds;
        for round in 0..rounds {
            measured.round(rig, slice, connections, drawn, round).await?;
            let core = measured.core.per_s();
            eprintln!("round {} of {rounds}: core {core:.0}/s", round + 1);
        }
        Ok(measured)
    }

    async fn round(
        &mut self,
        rig: &Rig,
        slice: Duration,
        connections: usize,
        drawn: usize,
        round: usize,
    ) -> anyhow::Result<()> {
        self.b0.add(rig.earn_b0(slice).await?);
        self.b1.add(rig.earn(&rig.one_by_one, CALLERS, slice).await?);
        let (before, earned) = (Meters::read(&rig.database).await?, rig.books.requests());
        self.core.add(rig.earn(&rig.core, CALLERS, slice).await?);
        self.earns += rig.books.requests() - earned;
        self.meters.add(before, Meters::read(&rig.database).await?);
        self.hot.add(rig.earn_hot(drawn + round, slice / 4).await?);
        self.single_shard
            .add(rig.earn(&rig.single_shard, CALLERS, slice).await?);
        self.sums_hold &= rig.books_hold().await?;
        self.retries.add(rig.repeat(slice).await?);
        self.sums_hold &= rig.books_hold().await?;
        self.unary_b0.add(rig.earn_unary_b0(slice).await?);
        self.unary.add(rig.earn_unary(slice).await?);
        self.unary_retries.add(rig.repeat_unary(slice).await?);
        self.sums_hold &= rig.books_hold().await?;
        let zipf = rig.orders.drawn(Draw::Zipf(Zipf::of(drawn)));
        self.mixed
            .add(mixed::measure(&rig.clients, &zipf, &rig.books, slice).await?);
        self.sums_hold &= rig.books_hold().await?;
        self.bulk.add(rig.earn_bulk(slice).await?);
        self.postgres.add(rig.write_rows(connections, slice, round).await?);
        self.b1_solo.add(rig.earn(&rig.one_by_one, 1, slice / 2).await?);
        self.solo.add(rig.earn(&rig.core, 1, slice / 2).await?);
        self.sums_hold &= rig.books_hold().await?;
        Ok(())
    }

    fn begin() -> Rounds {
        Rounds {
            b0: Series::new("B0: five round trips"),
            b1: Series::new("B1: one call, one commit"),
            core: Series::new("core"),
            hot: Series::new("core, one hot member"),
            single_shard: Series::new("core, one shard a transaction"),
            retries: Series::new("core, a fifth asked before"),
            unary_b0: Series::new("unary gRPC over B0"),
            unary: Series::new("unary gRPC"),
            unary_retries: Series::new("unary gRPC, a fifth asked before"),
            mixed: Series::new("unary gRPC, mixed, zipf"),
            bulk: Series::new("bulk gRPC"),
            postgres: Series::new("Postgres alone, rows"),
            b1_solo: Series::new("B1, one at a time"),
            solo: Series::new("core, one at a time"),
            meters: Meters::default(),
            earns: 0,
            sums_hold: true,
        }
    }

    /// Returns the rates and times of all as a table.
    pub fn table(&self) -> String {
        rates(&[
            &self.b0,
            &self.b1,
            &self.core,
            &self.hot,
            &self.single_shard,
            &self.retries,
            &self.unary_b0,
            &self.unary,
            &self.unary_retries,
            &self.mixed,
            &self.bulk,
            &self.postgres,
            &self.b1_solo,
            &self.solo,
        ])
    }
}
