//! What is done to the cluster while it works.

mod mirror;
mod record;

use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use rand::{RngExt as _, rngs::StdRng, seq::SliceRandom as _};
use serde::Serialize;
use tokio::time::sleep;

use crate::cluster::{Cluster, Condition, Wire};

/// A class of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// A replica is killed with signal 9, and started again.
    KillReplica,
    /// A replica stands still for a while, and goes on as if nothing had been.
    FreezeReplica,
    /// Postgres is stopped without writing anything, and recovers.
    StopPostgres,
    /// A session of Postgres is killed with signal 9, whereupon Postgres ends all of them and recovers.
    KillBackend,
    /// Postgres stands still for a while.
    FreezePostgres,
    /// The disk refuses an fsync of Postgres, which panics and recovers. Needs strace.
    FailFsync,
    /// Redis forgets everything.
    FlushRedis,
    /// Redis is killed with signal 9, and starts empty.
    KillRedis,
    /// Redis answers nobody for a while.
    PauseRedis,
    /// Redis is killed, and starts with what it had some time ago.
    OldRedis,
    /// Values in Redis are replaced by nonsense, and by those of other members.
    PoisonRedis,
    /// What Redis keeps about the mirror itself is replaced by nonsense.
    PoisonMirror,
    /// The connections of a replica with Postgres are reset.
    CutDatabase,
    /// The wire between a replica and Postgres is dead for a while.
    DeadDatabase,
    /// The wire between a replica and Postgres is slow for a while.
    SlowDatabase,
    /// What Postgres answers to a replica is lost for a while: commits happen, and nobody is told.
    DeafDatabase,
    /// The connections of callers with a replica are reset.
    CutCallers,
    /// The wire between callers and a replica is slow for a while.
    SlowCallers,
    /// What a replica answers is lost for a while.
    DeafCallers,
}

/// Faults in no order, each as often as the others.
pub struct Deck {
    faults: Vec<Fault>,
    left: Vec<Fault>,
}

impl Deck {
    /// Makes a deck of some faults; of all, where none are chosen.
    pub fn of(chosen: &[Fault]) -> Deck {
        Deck {
            faults: if chosen.is_empty() {
                Fault::all()
            } else {
                chosen.to_vec()
            },
            left: Vec::new(),
        }
    }

    /// Draws a fault.
    pub fn draw(&mut self, rng: &mut StdRng) -> Fault {
        if self.left.is_empty() {
            self.left = self.faults.clone();
            self.left.shuffle(rng);
        }
        self.left.pop().expect("there are faults")
    }
}

impl Fault {
    /// All of them, but for those that this machine cannot do.
    pub fn all() -> Vec<Fault> {
        let can = |fault: &Fault| *fault != Fault::FailFsync || record::has_strace();
        Fault::value_variants().iter().copied().filter(can).collect()
    }

    /// Does it, and leaves everything running again.
    pub async fn inject(self, cluster: &mut Cluster, rng: &mut StdRng) -> Result<()> {
        let replica = rng.random_range(0..cluster.replicas.len());
        let a_while = Duration::from_millis(rng.random_range(150..1_200));
        match self {
            Fault::KillReplica => {
                cluster.replicas[replica].kill()?;
                sleep(a_while / 4).await;
                cluster.replicas[replica].restart().await?;
            }
            Fault::FreezeReplica => {
                cluster.replicas[replica].freeze();
                sleep(a_while).await;
                cluster.replicas[replica].thaw();
            }
            Fault::StopPostgres => record::stop(cluster, a_while / 4)?,
            Fault::KillBackend => record::kill_backend(cluster).await?,
            Fault::FreezePostgres => record::freeze(cluster, a_while).await,
            Fault::FailFsync => record::fail_fsync(cluster).await?,
            Fault::FlushRedis => mirror::flush(cluster).await?,
            Fault::KillRedis => mirror::kill(cluster, a_while / 4).await?,
            Fault::PauseRedis => {
                mirror::pause(cluster, a_while).await?;
                sleep(a_while).await;
            }
            Fault::OldRedis => mirror::restore_old(cluster, a_while).await?,
            Fault::PoisonRedis => mirror::poison(cluster, mirror::BALANCES, rng).await?,
            Fault::PoisonMirror => mirror::poison(cluster, mirror::STANDINGS, rng).await?,
            Fault::CutDatabase => cluster.database_wires[replica].cut(),
            Fault::DeadDatabase => suffer(&cluster.database_wires[replica], Condition::Dead, a_while).await,
            Fault::SlowDatabase => suffer(&cluster.database_wires[replica], slow(rng), a_while).await,
            Fault::DeafDatabase => suffer(&cluster.database_wires[replica], Condition::Deaf, a_while / 4).await,
            Fault::CutCallers => cluster.caller_wires[replica].cut(),
            Fault::SlowCallers => suffer(&cluster.caller_wires[replica], slow(rng), a_while).await,
            Fault::DeafCallers => suffer(&cluster.caller_wires[replica], Condition::Deaf, a_while / 4).await,
        }
        Ok(())
    }
}

pub use mirror::{flush as forget, promise_fortunes};

/// A fault in the midst of which the callers fall silent: what it delays comes last, and nothing comes after it that would cover it up.
pub enum Last {
    /// None.
    Nothing,
    /// A replica stands still.
    Frozen(usize),
}

/// Begins what the callers fall silent in.
pub async fn begin_last(cluster: &Cluster, rng: &mut StdRng) -> Result<Last> {
    match rng.random_range(0..3) {
        0 => {
            let replica = rng.random_range(0..cluster.replicas.len());
            cluster.replicas[replica].freeze();
            sleep(Duration::from_millis(300)).await;
            Ok(Last::Frozen(replica))
        }
        1 => {
            mirror::pause(cluster, Duration::from_millis(250)).await?;
            sleep(Duration::from_millis(120)).await;
            Ok(Last::Nothing)
        }
        _ => Ok(Last::Nothing),
    }
}

impl Last {
    /// Ends it.
    pub fn end(self, cluster: &Cluster) {
        if let Last::Frozen(replica) = self {
            cluster.replicas[replica].thaw();
        }
    }
}

fn slow(rng: &mut StdRng) -> Condition {
    Condition::Slow(Duration::from_millis(rng.random_range(1..60)))
}

async fn suffer(wire: &Wire, condition: Condition, a_while: Duration) {
    wire.make(condition);
    sleep(a_while).await;
    wire.mend();
}
