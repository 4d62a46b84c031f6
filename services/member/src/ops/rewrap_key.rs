//! Wraps a member's key under the current master key, after another became current. Nobody is told: nothing about the member changes.

use common::writer::Stamp;

use super::state::State;
use crate::{error::Error, store::Place, vault::Vault};

/// A member's key to be wrapped anew. Done twice, it does nothing the second time.
#[derive(Debug)]
pub struct RewrapKey;

impl RewrapKey {
    pub(super) fn decide(&self, state: &mut State, vault: &Vault, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let place = Place::of(stamp.program_id(), stamp.member_id());
        if let Some(wrapped) = state.keys.get(&place)
            && let Some(anew) = vault.rewrap(place.program_id(), place.member_id(), wrapped)?
        {
            state.keys.put(place, anew);
        }
        Ok(Vec::new())
    }
}
