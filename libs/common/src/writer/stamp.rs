//! What a decision is given besides its state: the time, the program, the next places in the journal.

use bytes::Bytes;
use jiff::Timestamp;
use prost::Message;
use uuid::Uuid;

use super::programs::Programs;
use crate::{
    ids::{MemberId, ProgramId},
    journal::{JournalRow, journal_id},
    program::Program,
    shard::Shard,
};

/// The place and time of one decision, and where it records what it decided.
pub struct Stamp<'a> {
    pub(crate) shard: Shard,
    pub(crate) program_id: ProgramId,
    pub(crate) member_id: MemberId,
    pub(crate) request: Option<(&'a str, i16)>,
    pub(crate) recorded_at: Timestamp,
    pub(crate) last_seq: i64,
    pub(crate) programs: &'a mut Programs,
    pub(crate) rows: &'a mut Vec<JournalRow>,
}

impl Stamp<'_> {
    /// Returns the time by the program's clock: the database's, or the sandbox's.
    pub fn now(&self) -> Timestamp {
        self.program()
            .map_or(self.recorded_at, |program| program.now(self.recorded_at))
    }

    /// Returns when this is recorded, by the database's clock.
    pub fn recorded_at(&self) -> Timestamp {
        self.recorded_at
    }

    /// Returns the program; nothing only for the request that makes it.
    pub fn program(&self) -> Option<&Program> {
        self.programs.known.get(&self.program_id)
    }

    /// Stores a program that is new or changed.
    pub fn put_program(&mut self, program: Program) {
        self.programs.put(program);
    }

    /// Counts a change of the service's configuration, so that every replica loads it anew.
    pub fn bump_config(&mut self) {
        if let Some(program) = self.programs.known.get(&self.program_id) {
            let bumped = Program {
                config_version: program.config_version + 1,
                ..program.clone()
            };
            self.programs.put(bumped);
        }
    }

    /// Returns the program's id.
    pub fn program_id(&self) -> ProgramId {
        self.program_id
    }

    /// Returns the member's id; nil where the request concerns the whole program or makes a member.
    pub fn member_id(&self) -> MemberId {
        self.member_id
    }

    /// Returns the request id; nothing for what the service does by itself.
    pub fn request_id(&self) -> Option<&str> {
        self.request.map(|(request_id, _)| request_id)
    }

    /// Returns by which number the request's method is remembered; nothing for what the service does by itself.
    pub fn method(&self) -> Option<i16> {
        self.request.map(|(_, method)| method)
    }

    /// Returns the shard.
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// Returns the place of the next event to be recorded.
    pub fn next_seq(&self) -> i64 {
        self.last_seq + 1
    }

    /// Returns the id of what the n-th next event will record, the next one being the 0th.
    pub fn id_of_next(&self, n: usize) -> Uuid {
        journal_id(self.recorded_at, self.shard, self.next_seq() + n as i64)
    }

    /// Records an event of a member and returns its place.
    pub fn record(&mut self, member_id: MemberId, occurred_at: Timestamp, event: &impl Message) -> i64 {
        self.record_encoded(member_id, occurred_at, event.encode_to_vec().into())
    }

    pub(crate) fn record_encoded(&mut self, member_id: MemberId, occurred_at: Timestamp, event: Bytes) -> i64 {
        self.last_seq += 1;
        self.rows.push(JournalRow {
            shard: self.shard,
            seq: self.last_seq,
            program_id: self.program_id,
            member_id,
            request: None,
            occurred_at,
            recorded_at: self.recorded_at,
            event,
        });
        self.last_seq
    }
}
