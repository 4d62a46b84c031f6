//! Keeps what became of an award.

use super::state::State;
use crate::store::{AwardPlace, Settlement};

/// Says what became of an award. Saying it again changes nothing.
#[derive(Clone, Debug)]
pub struct SettleAward {
    /// Where it is recorded.
    pub place: AwardPlace,
    /// What became of it.
    pub settlement: Settlement,
}

impl SettleAward {
    /// Keeps it. Nobody is told: the activity has been in the feed since it was recorded.
    pub fn decide(&self, state: &mut State) -> Vec<u8> {
        state.settle_award(self.place, self.settlement.clone());
        Vec::new()
    }
}
