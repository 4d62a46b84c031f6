//! What a writer remembers of members that it loaded or wrote lately: believed only while the heads of their shards say that nobody else has written.

use std::collections::{BTreeMap, HashMap};

use super::sql::Head;
use crate::{
    ids::{MemberId, ProgramId},
    shard::Shard,
};

/// Of how many members of a shard something is remembered at most.
const MOST: usize = 256;

/// What is remembered of members, by shard.
pub struct Memory<V> {
    shards: HashMap<Shard, Remembered<V>>,
}

struct Remembered<V> {
    /// How often the shard had been written.
    writes: i64,
    members: HashMap<(ProgramId, MemberId), V>,
}

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Memory { shards: HashMap::new() }
    }
}

impl<V> Memory<V> {
    /// Returns what is remembered of a member.
    pub fn get(&self, program_id: ProgramId, member_id: MemberId) -> Option<&V> {
        let shard = self.shards.get(&Shard::of(program_id, member_id))?;
        shard.members.get(&(program_id, member_id))
    }

    /// Remembers a member as the batch that is committed now left it. Only of shards of that batch.
    pub fn keep(&mut self, program_id: ProgramId, member_id: MemberId, value: V) {
        if let Some(shard) = self.shards.get_mut(&Shard::of(program_id, member_id)) {
            if shard.members.len() >= MOST {
                shard.members.clear();
            }
            shard.members.insert((program_id, member_id), value);
        }
    }

    /// Forgets a member.
    pub fn forget(&mut self, program_id: ProgramId, member_id: MemberId) {
        if let Some(shard) = self.shards.get_mut(&Shard::of(program_id, member_id)) {
            shard.members.remove(&(program_id, member_id));
        }
    }

    /// Forgets everything of the shards that somebody else has written to.
    pub(super) fn check(&mut self, heads: &BTreeMap<Shard, Head>) {
        for (shard, head) in heads {
            if self.shards.get(shard).is_some_and(|known| known.writes != head.writes) {
                self.shards.remove(shard);
            }
        }
    }

    /// Notes that the shards of a batch have been written as often as this.
    pub(super) fn note(&mut self, heads: &BTreeMap<Shard, Head>, wrote: bool) {
        for (shard, head) in heads {
            let known = self.shards.entry(*shard).or_insert_with(|| Remembered {
                writes: 0,
                members: HashMap::new(),
            });
            known.writes = head.writes + i64::from(wrote);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn heads(shard: Shard, writes: i64) -> BTreeMap<Shard, Head> {
        let head = Head {
            last_seq: 7,
            last_recorded_at: Timestamp::UNIX_EPOCH,
            writes,
        };
        BTreeMap::from([(shard, head)])
    }

    #[test]
    fn what_somebody_else_may_have_changed_is_not_believed() {
        let (program, member) = (ProgramId::new(), MemberId::new());
        let shard = Shard::of(program, member);
        let mut memory = Memory::default();
        memory.keep(program, member, "of a shard that was not looked at");
        assert_eq!(memory.get(program, member), None);
        memory.note(&heads(shard, 3), true);
        memory.keep(program, member, "as written");
        memory.check(&heads(shard, 4));
        assert_eq!(memory.get(program, member), Some(&"as written"));
        memory.check(&heads(shard, 5));
        assert_eq!(memory.get(program, member), None);
    }

    #[test]
    fn what_is_remembered_of_a_shard_has_a_bound() {
        let program = ProgramId::new();
        let members: Vec<MemberId> = (0..64 * MOST * 2).map(|_| MemberId::new()).collect();
        let mut memory = Memory::default();
        for shard in Shard::all() {
            memory.note(&heads(shard, 0), false);
        }
        members.iter().for_each(|member| memory.keep(program, *member, ()));
        assert!(memory.shards.values().all(|shard| shard.members.len() <= MOST));
    }
}
