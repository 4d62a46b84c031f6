//! Which stretches of the journal a batch wrote: the mirror has to know, so that it can tell whether it has seen everything.

use std::collections::BTreeMap;

use common::{shard::Shard, writer::Stamp};

/// The first and the last place that a batch wrote on each shard.
#[derive(Debug, Default)]
pub struct Written(BTreeMap<Shard, (i64, i64)>);

impl Written {
    /// Notes what a decision recorded from a place on.
    pub fn note(&mut self, stamp: &Stamp<'_>, first: i64) {
        // A request that recorded nothing is remembered by the writer in a row of its own.
        let least = if stamp.request_id().is_some() { first } else { first - 1 };
        let last = (stamp.next_seq() - 1).max(least);
        if last >= first {
            self.0.entry(stamp.shard()).or_insert((first, last)).1 = last;
        }
    }

    /// Returns the stretches by shard.
    pub fn stretches(&self) -> impl Iterator<Item = (Shard, (i64, i64))> {
        self.0.iter().map(|(shard, stretch)| (*shard, *stretch))
    }
}
