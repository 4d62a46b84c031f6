//! Tokens that were verified before, by the hash of the token, so that a caller's signature is checked once and not on every
//! call. A hash that cannot be forged is what makes this safe: whoever could find a collision would be let in.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::Identity;

const PARTS: usize = 16;
const PART_CAPACITY: usize = 1024;

type Digest = [u8; 32];
type Part = HashMap<Digest, (Arc<Identity>, u64)>;

/// A bounded cache in several parts, so that calls do not wait for one another.
#[derive(Default)]
pub(super) struct Cache {
    parts: [RwLock<Part>; PARTS],
    generation: AtomicU64,
}

impl Cache {
    pub(super) fn find(&self, digest: &Digest, now: u64) -> Option<Arc<Identity>> {
        let part = self.part(digest).read().expect("no code panics while it holds a part");
        part.get(digest)
            .filter(|(_, ends)| now < *ends)
            .map(|(identity, _)| Arc::clone(identity))
    }

    /// Returns the number of times the cache has been cleared.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Keeps an identity until its token ends, unless the cache was cleared since the token's key was looked up. A part
    /// that is full drops what has ended, then everything: the next call of each merely verifies again.
    pub(super) fn keep(&self, digest: Digest, identity: Arc<Identity>, ends: u64, now: u64, generation: u64) {
        let mut part = self
            .part(&digest)
            .write()
            .expect("no code panics while it holds a part");
        if self.generation() != generation {
            return;
        }
        if part.len() >= PART_CAPACITY {
            part.retain(|_, (_, ends)| now < *ends);
        }
        if part.len() >= PART_CAPACITY {
            part.clear();
        }
        part.insert(digest, (identity, ends));
    }

    pub(super) fn clear(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        for part in &self.parts {
            part.write().expect("no code panics while it holds a part").clear();
        }
    }

    fn part(&self, digest: &Digest) -> &RwLock<Part> {
        &self.parts[digest[0] as usize % PARTS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Actor, caller::Scopes};

    fn identity() -> Arc<Identity> {
        let actor = Actor::service("tier");
        Arc::new(Identity {
            program: None,
            actor,
            scopes: Scopes::All,
            service: None,
            members: Vec::new(),
        })
    }

    fn digest(number: u64) -> Digest {
        *blake3::hash(&number.to_le_bytes()).as_bytes()
    }

    #[test]
    fn an_identity_is_found_until_its_token_ends() {
        let cache = Cache::default();
        cache.keep(digest(1), identity(), 100, 0, 0);
        assert!(cache.find(&digest(1), 99).is_some());
        assert!(cache.find(&digest(1), 100).is_none());
        assert!(cache.find(&digest(2), 0).is_none());
    }

    #[test]
    fn what_was_verified_with_keys_that_are_gone_is_not_kept() {
        let cache = Cache::default();
        let generation = cache.generation();
        cache.clear();
        cache.keep(digest(1), identity(), 100, 0, generation);
        assert!(cache.find(&digest(1), 0).is_none());
    }

    #[test]
    fn the_cache_never_grows_beyond_its_bound() {
        let cache = Cache::default();
        let identity = identity();
        for number in 0..3 * (PARTS * PART_CAPACITY) as u64 {
            cache.keep(digest(number), Arc::clone(&identity), 100, 0, 0);
        }
        let kept: usize = cache.parts.iter().map(|part| part.read().unwrap().len()).sum();
        assert!(kept <= PARTS * PART_CAPACITY);
    }
}
