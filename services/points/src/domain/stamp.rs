//! What a decision is given besides state and command: the instant, and the next places in the journal.

use common::ids::EntryId;
use jiff::Timestamp;

/// The instant of a decision, and the places its entries will take. A plain value: a refused command gives its places back.
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    /// The time by the program's clock.
    pub now: Timestamp,
    /// The place on the shard of the next entry.
    pub next_seq: i64,
    /// Makes the id of the entry at a place. Called once for each place.
    pub id_at: &'a dyn Fn(i64) -> EntryId,
}

impl Stamp<'_> {
    /// Takes the next place.
    pub(super) fn take_place(&mut self) -> (EntryId, i64) {
        let seq = self.next_seq;
        self.next_seq += 1;
        ((self.id_at)(seq), seq)
    }
}
