//! What was asked and what was answered: what callers know, and nothing else.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{ids::parse_uuid, journal::journal_place};
use proto::points as pb;
use tonic::Code;

use crate::load::Asked;

/// A change that was asked for, and how it ended.
#[derive(Clone, Debug)]
pub struct Call {
    /// What was asked.
    pub asked: Asked,
    /// How it ended.
    pub fate: Fate,
    /// How often it was asked before without a definitive answer.
    pub doubts: u32,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It was done.
    Done(Answer),
    /// It was refused, for good.
    Refused(Code, String),
    /// There was no definitive answer in time.
    Open,
}

/// What a change was answered with.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The message, encoded.
    pub bytes: Vec<u8>,
    /// The entries that it names.
    pub entries: Vec<pb::Entry>,
    /// The balance token.
    pub balance_token: String,
}

/// How fresh a balance was to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Any that was committed.
    Quick,
    /// Not older than a place.
    AtLeast(i64),
    /// As of now.
    Newest,
}

/// A balance that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// How fresh it was to be.
    pub demand: Demand,
    /// What was known to be committed when it was asked for.
    pub known: i64,
    /// As of which place it is.
    pub seq: i64,
    /// The balance.
    pub balance: pb::Balance,
}

/// Everything that the callers of a round know.
#[derive(Debug, Default)]
pub struct History {
    /// The changes.
    pub calls: Vec<Call>,
    /// The balances.
    pub reads: Vec<Read>,
    /// What is wrong already, without any look at the record.
    pub wrong: Vec<String>,
    /// How often it was asked.
    pub attempts: u64,
    /// How often a caller gave up, and asked again.
    pub cancellations: u64,
}

impl History {
    /// Adds what another caller knows.
    pub fn extend(&mut self, other: History) {
        self.calls.extend(other.calls);
        self.reads.extend(other.reads);
        self.wrong.extend(other.wrong);
        self.attempts += other.attempts;
        self.cancellations += other.cancellations;
    }
}

/// Up to where callers know that the accounts of members are committed: whoever asks later for what is committed now must not get less.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<String, i64>>);

impl Known {
    /// Returns the latest place that is known of a member.
    pub fn of(&self, member_id: &str) -> i64 {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.get(member_id).copied().unwrap_or(0)
    }

    /// Learns that a place is committed.
    pub fn learn(&self, member_id: &str, seq: i64) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = places.entry(member_id.to_owned()).or_insert(0);
        *latest = seq.max(*latest);
    }
}

/// Returns the place that a balance token stands for: its first six bytes.
pub fn place_of_token(token: &str) -> i64 {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    bytes.iter().take(6).fold(0, |seq, byte| seq << 8 | i64::from(*byte))
}

/// Returns the place of an entry, which its id knows.
pub fn place_of(entry: &pb::Entry) -> i64 {
    let place = parse_uuid(&entry.entry_id).ok().and_then(journal_place);
    place.map_or(0, |(_, seq)| seq)
}
