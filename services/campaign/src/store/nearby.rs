//! Members whom previews asked about a moment ago: what an activity would earn is told from memory, as long as it is certain enough that nobody has written.
//!
//! What is remembered of a shard belongs to a count of its writes. What this process commits moves both along, so nothing that it wrote is missing here. Another replica may have written since the
//! count was last seen, by a look or by a commit of our own; it is believed for a fraction of a second, and previews promise nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use common::{
    shard::{SHARDS, Shard},
    writer::Concerned,
};

use super::{MemberKey, OrderKey, OrderNumbers};
use crate::domain::Member;

/// How many members of a shard are kept at most.
const MOST: usize = 1_024;

/// Members whom previews asked about. Cheap to clone.
#[derive(Clone)]
pub struct Nearby {
    lasts: Duration,
    shards: Arc<[Mutex<Known>]>,
}

/// What is known of the members of a shard.
#[derive(Default)]
struct Known {
    /// How often the shard was written then.
    writes: i64,
    /// Until when that is believed.
    until: Option<Instant>,
    members: HashMap<MemberKey, Remembered>,
}

/// What is remembered of a member.
#[derive(Clone)]
pub struct Remembered {
    /// The member.
    pub member: Arc<Member>,
    /// Which order numbers the member may have.
    pub orders: OrderNumbers,
}

impl Nearby {
    /// Prepares to remember members, and to believe for some time that nobody else writes; never, when that is nothing.
    pub fn new(lasts: Duration) -> Nearby {
        Nearby {
            lasts,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Returns a member, if that is believed.
    pub fn get(&self, key: &MemberKey) -> Option<Remembered> {
        let known = self.shard(key.shard());
        known.until.filter(|until| Instant::now() < *until)?;
        known.members.get(key).cloned()
    }

    /// Learns how often shards were written, by a look that began at some instant.
    pub fn look(&self, heads: &HashMap<Shard, i64>, began: Instant) {
        for (shard, writes) in heads {
            let mut known = self.shard(*shard);
            if known.writes < *writes {
                known.members.clear();
                known.writes = *writes;
            }
            // Where more is known than was looked at, a commit of our own said until when.
            if known.writes == *writes {
                known.until = known.until.max(Some(began + self.lasts));
            }
        }
    }

    /// Remembers a member that was read after its shard had been looked at.
    pub fn keep(&self, key: MemberKey, member: Remembered, heads: &HashMap<Shard, i64>) {
        let mut known = self.shard(key.shard());
        if heads.get(&key.shard()) != Some(&known.writes) || self.lasts.is_zero() {
            return;
        }
        if known.members.len() >= MOST {
            known.members.clear();
        }
        known.members.insert(key, member);
    }

    /// Has a shard looked at before anything is told of it again: something is known to have come about there, wherever it was written.
    pub fn doubt(&self, shard: Shard) {
        self.shard(shard).until = None;
    }

    /// Learns what a batch left behind that is committed now: its shards in order, its members, and the orders that are new.
    pub fn carry_on<'a>(
        &self,
        concerned: &[Concerned],
        members: &HashMap<MemberKey, Arc<Member>>,
        new_orders: impl Iterator<Item = &'a OrderKey>,
    ) {
        let began = Instant::now();
        for of in concerned {
            let mut known = self.shard(of.shard);
            if known.writes < of.writes_before {
                known.members.clear();
            }
            if known.writes <= of.writes {
                known.writes = of.writes;
                known.until = Some(began + self.lasts);
            }
        }
        for (key, member) in members {
            let mut known = self.shard(key.shard());
            let at = concerned.binary_search_by_key(&key.shard(), |of| of.shard);
            let is_newer = at.is_ok_and(|at| concerned[at].writes == known.writes);
            if let (true, Some(there)) = (is_newer, known.members.get_mut(key)) {
                there.member.clone_from(member);
            }
        }
        // One that is told twice is looked for once more; that harms nobody.
        for order in new_orders {
            if let Some(there) = self.shard(order.member.shard()).members.get_mut(&order.member) {
                there.orders.add(&order.order_id);
            }
        }
    }

    fn shard(&self, shard: Shard) -> MutexGuard<'_, Known> {
        self.shards[shard.index()]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use common::ids::{MemberId, ProgramId};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn member(purchases: i64) -> Arc<Member> {
        Arc::new(Member {
            purchases,
            ..Member::default()
        })
    }

    fn remembered(purchases: i64) -> Remembered {
        Remembered {
            member: member(purchases),
            orders: OrderNumbers::of([].into_iter()),
        }
    }

    fn somebody() -> MemberKey {
        MemberKey {
            program_id: ProgramId::nil(),
            member_id: MemberId::new(),
        }
    }

    /// Looks at a member's shard, and remembers the member as read after it.
    fn read(nearby: &Nearby, key: MemberKey, writes: i64, purchases: i64) {
        let heads = HashMap::from([(key.shard(), writes)]);
        nearby.look(&heads, Instant::now());
        nearby.keep(key, remembered(purchases), &heads);
    }

    fn commit(nearby: &Nearby, key: MemberKey, (writes_before, writes): (i64, i64), purchases: i64) {
        let concerned = Concerned {
            shard: key.shard(),
            writes_before,
            writes,
        };
        let order = OrderKey {
            member: key,
            order_id: purchases.to_string(),
        };
        nearby.carry_on(
            &[concerned],
            &HashMap::from([(key, member(purchases))]),
            [&order].into_iter(),
        );
    }

    fn known(nearby: &Nearby, key: MemberKey) -> Option<i64> {
        nearby.get(&key).map(|known| known.member.purchases)
    }

    #[test]
    fn what_is_committed_here_is_not_missing() {
        let (nearby, key) = (Nearby::new(LONG), somebody());
        assert_eq!(known(&nearby, key), None);
        commit(&nearby, key, (4, 5), 1);
        assert_eq!(known(&nearby, key), None, "nobody asked about them");
        read(&nearby, key, 5, 1);
        commit(&nearby, key, (5, 6), 2);
        assert_eq!(known(&nearby, key), Some(2));
        commit(&nearby, key, (6, 6), 2);
        assert_eq!(known(&nearby, key), Some(2), "a batch that wrote nothing");
        let orders = nearby.get(&key).unwrap().orders;
        assert!(orders.may_have("2") && !orders.may_have("3"));
    }

    #[test]
    fn what_others_write_is_found_at_the_next_look_or_commit() {
        let (nearby, key) = (Nearby::new(LONG), somebody());
        read(&nearby, key, 5, 1);
        nearby.look(&HashMap::from([(key.shard(), 6)]), Instant::now());
        assert_eq!(known(&nearby, key), None);
        read(&nearby, key, 6, 2);
        commit(&nearby, key, (7, 8), 4);
        assert_eq!(known(&nearby, key), None);
    }

    #[test]
    fn what_is_doubted_is_looked_at_and_told_again_if_nobody_wrote() {
        let (nearby, key) = (Nearby::new(LONG), somebody());
        read(&nearby, key, 5, 1);
        nearby.doubt(key.shard());
        assert_eq!(known(&nearby, key), None);
        nearby.look(&HashMap::from([(key.shard(), 5)]), Instant::now());
        assert_eq!(known(&nearby, key), Some(1));
    }

    #[test]
    fn what_was_read_before_a_commit_does_not_replace_it() {
        let (nearby, key) = (Nearby::new(LONG), somebody());
        read(&nearby, key, 5, 1);
        let heads = HashMap::from([(key.shard(), 5)]);
        commit(&nearby, key, (5, 6), 2);
        nearby.look(&heads, Instant::now());
        nearby.keep(key, remembered(1), &heads);
        assert_eq!(known(&nearby, key), Some(2));
        // Somebody looked in between who saw more than the commit: what it left is not the newest.
        read(&nearby, key, 9, 7);
        commit(&nearby, key, (6, 7), 3);
        assert_eq!(known(&nearby, key), Some(7));
    }

    #[test]
    fn it_is_believed_for_a_time_and_has_a_bound() {
        let (brief, never, key) = (
            Nearby::new(Duration::from_nanos(1)),
            Nearby::new(Duration::ZERO),
            somebody(),
        );
        for nearby in [&brief, &never] {
            read(nearby, key, 5, 1);
            std::thread::sleep(Duration::from_millis(1));
            assert_eq!(known(nearby, key), None);
        }
        let nearby = Nearby::new(LONG);
        for _ in 0..SHARDS as usize * MOST * 2 {
            read(&nearby, somebody(), 1, 1);
        }
        let sizes = nearby.shards.iter().map(|shard| shard.lock().unwrap().members.len());
        assert!(sizes.max().unwrap() <= MOST);
    }
}
