//! Balances that this process wrote or read a moment ago: they are told again without asking anybody.
//!
//! A balance is believed for a fraction of a second after it was the newest that this process knew of. Another replica may have written since; whoever
//! must not miss that says so with a balance token, or asks for the record.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use common::{
    ids::{MemberId, ProgramId},
    shard::{SHARDS, Shard},
};

use crate::domain::{Snapshot, WalletCode};

/// How many balances of a shard are kept at most.
const MOST: usize = 1_024;

/// What was known a moment ago. Cheap to clone.
#[derive(Clone)]
pub struct Nearby {
    lasts: Duration,
    shards: Arc<[Mutex<HashMap<Key, Known>>]>,
}

type Key = (ProgramId, MemberId, WalletCode);

struct Known {
    snapshot: Arc<Snapshot>,
    until: Instant,
}

impl Nearby {
    /// Prepares to remember balances for some time; for none at all when that is nothing.
    pub fn new(lasts: Duration) -> Nearby {
        Nearby {
            lasts,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Returns what was the newest a moment ago.
    pub fn get(&self, program_id: ProgramId, member_id: MemberId, wallet: &WalletCode) -> Option<Arc<Snapshot>> {
        let known = self
            .shard(program_id, member_id)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = known.get(&(program_id, member_id, wallet.clone()))?;
        (known.until > Instant::now()).then(|| known.snapshot.clone())
    }

    /// Remembers the newest that is known, unless something newer is.
    pub fn put(&self, snapshot: &Arc<Snapshot>) {
        if self.lasts.is_zero() {
            return;
        }
        let now = Instant::now();
        let shard = self.shard(snapshot.program_id, snapshot.member_id);
        let mut known = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (snapshot.program_id, snapshot.member_id, snapshot.wallet.clone());
        let is_newer = |there: &Known| there.until > now && there.snapshot.seq > snapshot.seq;
        if known.get(&key).is_some_and(is_newer) {
            return;
        }
        if known.len() >= MOST {
            known.retain(|_, known| known.until > now);
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(
            key,
            Known {
                snapshot: snapshot.clone(),
                until: now + self.lasts,
            },
        );
    }

    fn shard(&self, program_id: ProgramId, member_id: MemberId) -> &Mutex<HashMap<Key, Known>> {
        &self.shards[Shard::of(program_id, member_id).index()]
    }
}

#[cfg(test)]
mod tests {
    use common::points::Points;

    use super::*;

    fn snapshot(member_id: MemberId, seq: i64) -> Arc<Snapshot> {
        Arc::new(Snapshot {
            program_id: ProgramId::nil(),
            member_id,
            wallet: WalletCode::new("points").unwrap(),
            seq,
            parts: Vec::new(),
            holds: Vec::new(),
            debt: Points::ZERO,
        })
    }

    fn known(nearby: &Nearby, member_id: MemberId) -> Option<i64> {
        let wallet = WalletCode::new("points").unwrap();
        nearby
            .get(ProgramId::nil(), member_id, &wallet)
            .map(|snapshot| snapshot.seq)
    }

    #[test]
    fn the_newest_is_remembered_for_a_moment() {
        let (nearby, member) = (Nearby::new(Duration::from_secs(60)), MemberId::new());
        assert_eq!(known(&nearby, member), None);
        for (seq, newest) in [(5, 5), (4, 5), (6, 6)] {
            nearby.put(&snapshot(member, seq));
            assert_eq!(known(&nearby, member), Some(newest));
        }
        assert_eq!(known(&nearby, MemberId::new()), None);
    }

    #[test]
    fn what_is_over_is_not_told_and_gives_way_to_anything() {
        let (nearby, member) = (Nearby::new(Duration::from_nanos(1)), MemberId::new());
        nearby.put(&snapshot(member, i64::MAX));
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(known(&nearby, member), None);
        nearby.put(&snapshot(member, 3));
        let never = Nearby::new(Duration::ZERO);
        never.put(&snapshot(member, 3));
        assert_eq!(known(&never, member), None);
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let nearby = Nearby::new(Duration::from_secs(60));
        for _ in 0..SHARDS as usize * MOST * 2 {
            nearby.put(&snapshot(MemberId::new(), 1));
        }
        let sizes = nearby.shards.iter().map(|shard| shard.lock().unwrap().len());
        assert!(sizes.max().unwrap() <= MOST);
    }
}
