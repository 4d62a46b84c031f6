//! What a writer remembers of members that it loaded or wrote lately: believed only while the heads of their shards say that nobody else has
//! written. Where it remembers where everything stands it need not look: then what it decides counts only if all of that still holds when it is written.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

use super::sql::{CursorKey, Head, Question, Seen};
use crate::{
    canary,
    ids::{MemberId, ProgramId},
    program::Program,
    shard::Shard,
};

/// How many members of a shard are remembered at most since the last time that those who were not seen since then were forgotten.
const MOST: usize = 1_024;
/// How many programs are remembered at most.
const MOST_PROGRAMS: usize = 1_024;
/// For how long the database's clock is carried on by this machine's.
const CARRIED_ON: Duration = Duration::from_secs(1);
/// For how many batches the database is asked at most after the memory was wrong.
const MOST_CAUTION: u32 = 64;

/// What is remembered: where shards, programs and the database's clock stand, and what is known of members, by shard.
pub struct Memory<V> {
    shards: HashMap<Shard, Remembered<V>>,
    concerned: Vec<Concerned>,
    programs: HashMap<ProgramId, Program>,
    clock: Option<(Timestamp, Instant)>,
    caution: Caution,
}

/// A shard of the batch that is committed now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Concerned {
    /// Which.
    pub shard: Shard,
    /// How often it had been written: the batch was decided on nothing older.
    pub writes_before: i64,
    /// How often it is written now.
    pub writes: i64,
}

struct Remembered<V> {
    head: Head,
    /// How far feeds are taken in, as far as that is known.
    cursors: HashMap<&'static str, i64>,
    members: Members<V>,
}

/// Members who were seen lately, and those who were before: whoever is seen neither now nor then is forgotten.
struct Members<V> {
    lately: HashMap<(ProgramId, MemberId), V>,
    before: HashMap<(ProgramId, MemberId), V>,
}

impl<V> Default for Members<V> {
    fn default() -> Self {
        Members {
            lately: HashMap::new(),
            before: HashMap::new(),
        }
    }
}

impl<V> Members<V> {
    fn get(&self, key: &(ProgramId, MemberId)) -> Option<&V> {
        self.lately.get(key).or_else(|| self.before.get(key))
    }

    fn take(&mut self, key: &(ProgramId, MemberId)) -> Option<V> {
        self.lately.remove(key).or_else(|| self.before.remove(key))
    }

    fn keep(&mut self, key: (ProgramId, MemberId), value: V) {
        if self.lately.len() >= MOST {
            self.before = std::mem::take(&mut self.lately);
        }
        self.before.remove(&key);
        self.lately.insert(key, value);
    }
}

/// How often the database is asked first, because the memory was wrong lately: twice as long every time.
#[derive(Default)]
struct Caution {
    penalty: u32,
    left: u32,
}

/// What a batch left behind where it was committed.
pub(super) struct Left<'a> {
    pub(super) heads: &'a BTreeMap<Shard, Head>,
    pub(super) wrote: bool,
    pub(super) cursors: &'a BTreeMap<CursorKey, i64>,
    pub(super) programs: &'a HashMap<ProgramId, Program>,
    /// The database's clock.
    pub(super) now: Timestamp,
}

impl<V> Default for Memory<V> {
    fn default() -> Self {
        Memory {
            shards: HashMap::new(),
            concerned: Vec::new(),
            programs: HashMap::new(),
            clock: None,
            caution: Caution::default(),
        }
    }
}

impl<V> Memory<V> {
    /// Returns what is remembered of a member.
    pub fn get(&self, program_id: ProgramId, member_id: MemberId) -> Option<&V> {
        let shard = self.shards.get(&Shard::of(program_id, member_id))?;
        shard.members.get(&(program_id, member_id))
    }

    /// Takes out what is remembered of a member. Whoever writes puts it back as it is then; where nothing is put back, it is loaded again.
    pub fn take(&mut self, program_id: ProgramId, member_id: MemberId) -> Option<V> {
        let shard = self.shards.get_mut(&Shard::of(program_id, member_id))?;
        shard.members.take(&(program_id, member_id))
    }

    /// Remembers a member as the batch that is committed now left it. Only of shards of that batch.
    pub fn keep(&mut self, program_id: ProgramId, member_id: MemberId, value: V) {
        if let Some(shard) = self.shards.get_mut(&Shard::of(program_id, member_id)) {
            shard.members.keep((program_id, member_id), value);
        }
    }

    /// Returns the shards of the batch that is committed now, in the order of their numbers.
    pub fn concerned(&self) -> &[Concerned] {
        &self.concerned
    }

    /// Forgets a member.
    pub fn forget(&mut self, program_id: ProgramId, member_id: MemberId) {
        self.take(program_id, member_id);
    }

    /// Answers what a batch asks the database first, where all of it is remembered; but for the requests that were answered before. What is decided
    /// on that must be checked when it is written.
    pub(super) fn recall(&mut self, question: &Question) -> Option<Seen> {
        if !self.caution.dares() {
            return None;
        }
        let (clock, read_at) = self.clock.filter(|(_, read_at)| read_at.elapsed() < CARRIED_ON)?;
        let now = clock
            .checked_add(SignedDuration::try_from(read_at.elapsed()).ok()?)
            .ok()?;
        let mut seen = Seen::at(crate::time::to_micros(now));
        for shard in &question.shards {
            let known = self.shards.get(shard)?;
            seen.heads.insert(*shard, known.head);
        }
        for program_id in &question.programs {
            seen.programs
                .insert(*program_id, self.programs.get(program_id)?.clone());
        }
        for (source, shard) in &question.cursors {
            let cursor = *self.shards.get(shard)?.cursors.get(source)?;
            seen.cursors.insert((*source, *shard), cursor);
        }
        Some(seen)
    }

    /// Learns that what was recalled could not be relied on.
    pub(super) fn doubt(&mut self) {
        self.caution.penalty = (self.caution.penalty * 2).clamp(1, MOST_CAUTION);
        self.caution.left = self.caution.penalty;
    }

    /// Forgets everything of the shards that somebody else has written to.
    pub(super) fn check(&mut self, heads: &BTreeMap<Shard, Head>) {
        for (shard, head) in heads {
            let known = self.shards.get(shard);
            if known.is_some_and(|known| known.head.writes != head.writes) && !canary::sings("stale-memory") {
                self.shards.remove(shard);
            }
        }
    }

    /// Notes how a batch that is committed now left everything.
    pub(super) fn note(&mut self, left: &Left<'_>, recalled: bool) {
        if recalled {
            self.caution.penalty = 0;
        }
        self.concerned.clear();
        for (shard, head) in left.heads {
            let writes_before = head.writes;
            let head = Head {
                writes: head.writes + i64::from(left.wrote),
                ..*head
            };
            self.concerned.push(Concerned {
                shard: *shard,
                writes_before,
                writes: head.writes,
            });
            let unknown = || Remembered {
                head,
                cursors: HashMap::new(),
                members: Members::default(),
            };
            self.shards.entry(*shard).or_insert_with(unknown).head = head;
        }
        for ((source, shard), cursor) in left.cursors {
            if let Some(known) = self.shards.get_mut(shard) {
                known.cursors.insert(source, *cursor);
            }
        }
        if self.programs.len() + left.programs.len() > MOST_PROGRAMS {
            self.programs.clear();
        }
        self.programs
            .extend(left.programs.iter().map(|(id, program)| (*id, program.clone())));
        self.clock = Some((left.now, Instant::now()));
    }
}

impl Caution {
    fn dares(&mut self) -> bool {
        let dares = self.left == 0;
        self.left = self.left.saturating_sub(1);
        dares
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn note(memory: &mut Memory<&str>, shard: Shard, writes: i64, wrote: bool) {
        let heads = heads(shard, writes);
        let left = Left {
            heads: &heads,
            wrote,
            cursors: &BTreeMap::from([(("member", shard), 3)]),
            programs: &HashMap::new(),
            now: Timestamp::UNIX_EPOCH,
        };
        memory.note(&left, true);
    }

    fn heads(shard: Shard, writes: i64) -> BTreeMap<Shard, Head> {
        let head = Head {
            last_seq: 7,
            last_recorded_at: Timestamp::UNIX_EPOCH,
            writes,
        };
        BTreeMap::from([(shard, head)])
    }

    fn question(shard: Shard, source: &'static str) -> Question {
        Question {
            shards: BTreeSet::from([shard]),
            programs: BTreeSet::new(),
            cursors: BTreeSet::from([(source, shard)]),
            requests: Vec::new(),
        }
    }

    #[test]
    fn what_somebody_else_may_have_changed_is_not_believed() {
        let (program, member) = (ProgramId::new(), MemberId::new());
        let shard = Shard::of(program, member);
        let mut memory = Memory::default();
        memory.keep(program, member, "of a shard that was not looked at");
        assert_eq!(memory.take(program, member), None);
        note(&mut memory, shard, 3, true);
        memory.keep(program, member, "as written");
        memory.check(&heads(shard, 4));
        assert_eq!(memory.take(program, member), Some("as written"));
        assert_eq!(memory.take(program, member), None);
        memory.keep(program, member, "as written");
        memory.check(&heads(shard, 5));
        assert_eq!(memory.take(program, member), None);
    }

    #[test]
    fn what_is_remembered_of_a_shard_has_a_bound() {
        let program = ProgramId::new();
        let members: Vec<MemberId> = (0..64 * MOST * 4).map(|_| MemberId::new()).collect();
        let mut memory = Memory::default();
        for shard in Shard::all() {
            note(&mut memory, shard, 0, false);
        }
        members
            .iter()
            .for_each(|member| memory.keep(program, *member, "somebody"));
        let kept = |shard: &Remembered<&str>| (shard.members.lately.len(), shard.members.before.len());
        let most = |kept: (usize, usize)| kept.0 <= MOST && kept.1 <= MOST;
        assert!(memory.shards.values().all(|shard| most(kept(shard))));
        let last = members.last().unwrap();
        assert_eq!(memory.get(program, *last), Some(&"somebody"));
        assert_eq!(memory.get(program, members[0]), None);
    }

    #[test]
    fn what_is_not_known_is_not_recalled_and_what_is_moves_with_the_batches() {
        let (shard, other) = (Shard::new(1).unwrap(), Shard::new(2).unwrap());
        let mut memory = Memory::default();
        assert!(memory.recall(&question(shard, "member")).is_none());
        note(&mut memory, shard, 3, true);
        let recalled = memory.recall(&question(shard, "member")).unwrap();
        assert_eq!(recalled.heads[&shard].writes, 4);
        let concerned = Concerned {
            shard,
            writes_before: 3,
            writes: 4,
        };
        assert_eq!(memory.concerned(), [concerned]);
        assert_eq!(recalled.cursors[&("member", shard)], 3);
        assert!(recalled.now >= Timestamp::UNIX_EPOCH);
        assert!(memory.recall(&question(other, "member")).is_none());
        assert!(memory.recall(&question(shard, "tier")).is_none());
        memory.clock = Some((Timestamp::UNIX_EPOCH, Instant::now() - CARRIED_ON));
        assert!(memory.recall(&question(shard, "member")).is_none());
    }

    #[test]
    fn whoever_was_wrong_asks_for_longer_every_time() {
        let shard = Shard::new(1).unwrap();
        let mut memory = Memory::default();
        note(&mut memory, shard, 3, true);
        let asks = |memory: &mut Memory<&str>| {
            memory.doubt();
            (0..)
                .take_while(|_| memory.recall(&question(shard, "member")).is_none())
                .count()
        };
        let asked: Vec<usize> = (0..8).map(|_| asks(&mut memory)).collect();
        assert_eq!(asked, [1, 2, 4, 8, 16, 32, 64, 64]);
        note(&mut memory, shard, 4, true);
        assert_eq!(asks(&mut memory), 1);
    }
}
