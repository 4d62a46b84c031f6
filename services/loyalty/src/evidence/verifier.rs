//! What makes evidence hold.

use std::collections::HashSet;

use common::{shard::SHARDS, time};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use points::domain::evidence::{
    self, Hash, Head, NOTHING, SealedRequest, SealedRow, Segment, head_leaves, leaf_of, program_hash, root_of,
};
use proto::points::{
    Checkpoint, ExportEvidenceResponse, ExportedSegment, JournalRecord, export_evidence_response::Part, sealed_row::Row,
};
use thiserror::Error;

/// Why evidence does not hold, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Broken {
    /// A part makes no sense.
    #[error("a part makes no sense: {0}")]
    Nonsense(&'static str),
    /// A segment does not follow the one before it.
    #[error("shard {shard}: segment {number} does not follow the one before it")]
    Order {
        /// The shard.
        shard: i16,
        /// The segment.
        number: i64,
    },
    /// The rows of a segment are not those that were sealed.
    #[error("shard {shard}: the rows {first_seq} to {last_seq} are not those that were sealed")]
    Rows {
        /// The shard.
        shard: i16,
        /// The first place of the segment.
        first_seq: i64,
        /// The last.
        last_seq: i64,
    },
    /// A checkpoint does not follow the one before it.
    #[error("checkpoint {number} does not follow the one before it")]
    CheckpointOrder {
        /// Its number.
        number: i64,
    },
    /// A checkpoint is over other segments.
    #[error("checkpoint {number} is over other segments than these")]
    Segments {
        /// Its number.
        number: i64,
    },
    /// A checkpoint is not signed by any of the keys.
    #[error("checkpoint {number} is not signed by the key")]
    Signature {
        /// Its number.
        number: i64,
    },
    /// A checkpoint that was kept elsewhere is missing or another.
    #[error("the checkpoint {0} that was kept elsewhere is not among these")]
    Missing(String),
    /// A row is of another program than those before it.
    #[error("the rows are not all of the same program, or not of the one that was named")]
    OtherProgram,
    /// Rows of the program are there as hashes only.
    #[error("rows of the program are hidden as if they were another's")]
    Hidden,
    /// There is no checkpoint.
    #[error("there is no checkpoint: nothing was ever sealed, or it is not there any more")]
    Nothing,
    /// Segments follow the last checkpoint.
    #[error("rows follow the last checkpoint: no signature is over them")]
    Unsigned,
}

/// What was checked.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many checkpoints.
    pub checkpoints: i64,
    /// When the last one was made.
    pub last_sealed_at: String,
    /// Its hash.
    pub last_hash: String,
    /// How many segments.
    pub segments: u64,
    /// How many rows of the program.
    pub rows: u64,
    /// How many rows of others, of which only the hash is there.
    pub other_rows: u64,
}

/// Checks parts of evidence in the order in which they are exported.
pub struct Verifier {
    keys: Vec<DecodingKey>,
    /// Whose the rows are: the first one says it, unless it was said before.
    program: Option<[u8; 16]>,
    /// Whose the hidden ones are, as hashes.
    hidden: HashSet<Hash>,
    heads: Vec<Head>,
    last: Hash,
    seen: Vec<String>,
    unsigned: bool,
    tally: Tally,
}

impl Verifier {
    /// Begins to check, by the keys that may sign, the evidence of a program if that is known.
    pub fn new(keys: Vec<DecodingKey>, program: Option<[u8; 16]>) -> Verifier {
        Verifier {
            keys,
            program,
            hidden: HashSet::new(),
            heads: vec![Head::default(); SHARDS as usize],
            last: NOTHING,
            seen: Vec::new(),
            unsigned: false,
            tally: Tally::default(),
        }
    }

    /// Checks the next part.
    pub fn take(&mut self, part: &ExportEvidenceResponse) -> Result<(), Broken> {
        match &part.part {
            Some(Part::Segment(segment)) => self.take_segment(segment),
            Some(Part::Checkpoint(checkpoint)) => self.take_checkpoint(checkpoint),
            None => Err(Broken::Nonsense("it is empty")),
        }
    }

    /// Ends: everything is under a signature, and the checkpoints that were kept elsewhere are there.
    pub fn finish(self, kept: &[String]) -> Result<Tally, Broken> {
        if self.unsigned {
            return Err(Broken::Unsigned);
        }
        if self.tally.checkpoints == 0 {
            return Err(Broken::Nothing);
        }
        if self
            .program
            .is_some_and(|program| self.hidden.contains(&program_hash(&program)))
        {
            return Err(Broken::Hidden);
        }
        match kept.iter().find(|kept| !self.seen.contains(kept)) {
            Some(missing) => Err(Broken::Missing(missing.clone())),
            None => Ok(self.tally),
        }
    }

    fn take_segment(&mut self, exported: &ExportedSegment) -> Result<(), Broken> {
        let wire = exported
            .segment
            .as_ref()
            .ok_or(Broken::Nonsense("a segment is missing"))?;
        let shard = i16::try_from(wire.shard).map_err(|_| Broken::Nonsense("no such shard"))?;
        let head = self
            .heads
            .get_mut(shard as usize)
            .ok_or(Broken::Nonsense("no such shard"))?;
        let (number, first_seq, last_seq) = (wire.number, wire.first_seq, wire.last_seq);
        if number != head.number + 1 || first_seq != head.last_seq + 1 || wire.chain_before != head.chain {
            return Err(Broken::Order { shard, number });
        }
        let broken = Broken::Rows {
            shard,
            first_seq,
            last_seq,
        };
        let mut leaves = Vec::with_capacity(exported.rows.len());
        for (row, seq) in exported.rows.iter().zip(first_seq..) {
            match row.row.as_ref().ok_or(Broken::Nonsense("a row is missing"))? {
                Row::Record(record) if record.seq == seq => {
                    self.tally.rows += 1;
                    let row = read(shard, record).ok_or(Broken::Nonsense("a row is not one"))?;
                    if *self.program.get_or_insert(row.program_id) != row.program_id {
                        return Err(Broken::OtherProgram);
                    }
                    leaves.push(row.leaf());
                }
                Row::Record(_) => return Err(broken),
                Row::Hidden(hidden) => {
                    self.tally.other_rows += 1;
                    let program = hash(&hidden.program)?;
                    self.hidden.insert(program);
                    leaves.push(leaf_of(&program, &hash(&hidden.body)?));
                }
            }
        }
        let segment = Segment {
            shard,
            number,
            first_seq,
            last_seq,
            root: hash(&wire.root)?,
        };
        let count = last_seq.checked_sub(first_seq).and_then(|less| less.checked_add(1));
        if count != Some(leaves.len() as i64) || root_of(&leaves) != segment.root {
            return Err(broken);
        }
        *head = segment.link(head);
        self.tally.segments += 1;
        self.unsigned = true;
        Ok(())
    }

    fn take_checkpoint(&mut self, wire: &Checkpoint) -> Result<(), Broken> {
        let number = wire.number;
        let sealed_at = wire.sealed_at.and_then(time::from_wire);
        let checkpoint = evidence::Checkpoint {
            number,
            sealed_at: sealed_at
                .ok_or(Broken::Nonsense("a checkpoint has no time"))?
                .as_microsecond(),
            previous: hash(&wire.previous)?,
            root: hash(&wire.root)?,
        };
        if number != self.tally.checkpoints + 1 || checkpoint.previous != self.last {
            return Err(Broken::CheckpointOrder { number });
        }
        if checkpoint.root != root_of(&head_leaves(&self.heads)) {
            return Err(Broken::Segments { number });
        }
        let hash = checkpoint.hash();
        let signed = |key| crypto::verify(&wire.signature, &hash, key, Algorithm::EdDSA).unwrap_or(false);
        if !self.keys.iter().any(signed) {
            return Err(Broken::Signature { number });
        }
        self.last = hash;
        self.unsigned = false;
        self.tally.checkpoints = number;
        self.tally.last_hash = blake3::Hash::from(hash).to_hex().to_string();
        self.tally.last_sealed_at = sealed_at.map(|at| at.to_string()).unwrap_or_default();
        self.seen.push(format!("{number}:{}", self.tally.last_hash));
        Ok(())
    }
}

/// Reads a row; nothing when it is none.
fn read(shard: i16, record: &JournalRecord) -> Option<SealedRow> {
    let request = match &record.request {
        None => None,
        Some(request) => Some(SealedRequest {
            request_id: request.request_id.clone(),
            method: i16::try_from(request.method).ok()?,
            fingerprint: request.fingerprint.clone(),
            answer: request.answer.clone(),
        }),
    };
    Some(SealedRow {
        shard,
        seq: record.seq,
        program_id: record.program_id.as_slice().try_into().ok()?,
        member_id: record.member_id.as_slice().try_into().ok()?,
        request_key: match record.request_key.as_slice() {
            [] => None,
            key => Some(key.try_into().ok()?),
        },
        request,
        occurred_at: time::from_wire(record.occurred_at?)?.as_microsecond(),
        recorded_at: time::from_wire(record.recorded_at?)?.as_microsecond(),
        event: record.event.clone(),
    })
}

fn hash(bytes: &[u8]) -> Result<Hash, Broken> {
    bytes
        .try_into()
        .map_err(|_| Broken::Nonsense("a hash is not 32 bytes long"))
}
