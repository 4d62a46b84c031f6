//! Proof under fire: what must never break, held against real processes and servers that are killed, stopped, cut off and poisoned.
//!
//! * [`Cluster`] is a Postgres, a Redis and two replicas that write the same shards, with wires between them that can be cut.
//! * [`load`] asks for changes and balances all the while, and records every question with its answer.
//! * [`Fault`] is what is done to the cluster.
//! * [`check`] holds the record against the history, when everything is well again.
//! * [`Run`] is rounds of all this; [`canaries`] are products that are broken on purpose, which the same rounds must find out.
//!
//! Nothing here looks into the product: it is asked through its contract, and the journal through SQL.

#![forbid(unsafe_code)]

pub mod canaries;
pub mod check;
mod cluster;
pub mod fault;
pub mod history;
pub mod load;
mod report;
mod run;

pub use cluster::{Cluster, Product};
pub use fault::Fault;
pub use report::{Report, table_of_canaries};
pub use run::{Run, Verdict};
