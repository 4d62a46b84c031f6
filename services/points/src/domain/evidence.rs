//! Evidence that nobody changed the journal afterwards, not even someone who owns the database.
//!
//! Every row has a hash, its leaf. Some rows of a shard that follow one another make a segment, whose Merkle root links to the segment before it: that is the
//! chain of the shard. At a checkpoint the ends of all chains make one Merkle root, and that is signed with a key that the database does not have,
//! together with the hash of the checkpoint before. So a changed, missing, added or moved row contradicts a signature, and that one row was there is
//! proved with a few hashes.

use blake3::Hasher;

/// A hash.
pub type Hash = [u8; 32];

/// What there is before the first.
pub const NOTHING: Hash = [0; 32];

const PROGRAM: &str = "Loyalty Suite 2026 journal program";
const BODY: &str = "Loyalty Suite 2026 journal row";
const LEAF: &str = "Loyalty Suite 2026 journal leaf";
const NODE: &str = "Loyalty Suite 2026 journal node";
const LINK: &str = "Loyalty Suite 2026 journal segment";
const HEAD: &str = "Loyalty Suite 2026 journal shard";
const CHECKPOINT: &str = "Loyalty Suite 2026 journal checkpoint";

/// A row of the journal, as it is stored to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// The shard.
    pub shard: i16,
    /// The place on the shard.
    pub seq: i64,
    /// The program.
    pub program_id: [u8; 16],
    /// The member.
    pub member_id: [u8; 16],
    /// By what its request is found; nothing when it remembers none.
    pub request_key: Option<[u8; 16]>,
    /// The request that the row remembers.
    pub request: Option<SealedRequest>,
    /// When it happened, in microseconds since 1970.
    pub occurred_at: i64,
    /// When it was recorded.
    pub recorded_at: i64,
    /// The event.
    pub event: Vec<u8>,
}

/// What a row remembers of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRequest {
    /// Its id.
    pub request_id: String,
    /// Which method it asked for.
    pub method: i16,
    /// What it said.
    pub fingerprint: Vec<u8>,
    /// What was answered.
    pub answer: Vec<u8>,
}

/// Rows of a shard that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The shard.
    pub shard: i16,
    /// 1, 2, 3, ... on the shard.
    pub number: i64,
    /// The first place.
    pub first_seq: i64,
    /// The last.
    pub last_seq: i64,
    /// The Merkle root of its rows.
    pub root: Hash,
}

/// Where the chain of a shard ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The number of the last segment; 0 before the first.
    pub number: i64,
    /// The last place.
    pub last_seq: i64,
    /// The hash of the chain.
    pub chain: Hash,
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// 1, 2, 3, ...
    pub number: i64,
    /// When it was made, in microseconds since 1970.
    pub sealed_at: i64,
    /// The hash of the checkpoint before.
    pub previous: Hash,
    /// The Merkle root of all shards' heads, in order.
    pub root: Hash,
}

impl SealedRow {
    /// Returns the hash of the row.
    pub fn leaf(&self) -> Hash {
        leaf_of(&program_hash(&self.program_id), &self.body())
    }

    /// Returns the hash of all but the program: of every field with its length before it, so that no two rows have the same bytes.
    pub fn body(&self) -> Hash {
        let mut fields = Fields::new(BODY);
        fields.number(self.shard.into());
        fields.number(self.seq);
        fields.bytes(&self.member_id);
        fields.bytes(self.request_key.as_ref().map_or(&[][..], |key| key));
        fields.number(self.request.is_some().into());
        if let Some(request) = &self.request {
            fields.bytes(request.request_id.as_bytes());
            fields.number(request.method.into());
            fields.bytes(&request.fingerprint);
            fields.bytes(&request.answer);
        }
        fields.number(self.occurred_at);
        fields.number(self.recorded_at);
        fields.bytes(&self.event);
        fields.hash()
    }
}

/// Returns the hash that stands for a program, to whoever may not know which it is.
pub fn program_hash(program_id: &[u8; 16]) -> Hash {
    let mut fields = Fields::new(PROGRAM);
    fields.bytes(program_id);
    fields.hash()
}

/// Returns the leaf of a row of which only hashes are known. That it is another program's can be seen, not whose.
pub fn leaf_of(program: &Hash, body: &Hash) -> Hash {
    let mut fields = Fields::new(LEAF);
    fields.bytes(program);
    fields.bytes(body);
    fields.hash()
}

impl Segment {
    /// Returns the head of the chain after this segment.
    pub fn link(&self, before: &Head) -> Head {
        let mut fields = Fields::new(LINK);
        fields.bytes(&before.chain);
        fields.number(self.shard.into());
        fields.number(self.number);
        fields.number(self.first_seq);
        fields.number(self.last_seq);
        fields.bytes(&self.root);
        Head {
            number: self.number,
            last_seq: self.last_seq,
            chain: fields.hash(),
        }
    }
}

impl Head {
    /// Returns the hash of a shard's head.
    pub fn leaf(&self, shard: i16) -> Hash {
        let mut fields = Fields::new(HEAD);
        fields.number(shard.into());
        fields.number(self.number);
        fields.number(self.last_seq);
        fields.bytes(&self.chain);
        fields.hash()
    }
}

impl Checkpoint {
    /// Returns what is signed, and named by the next checkpoint.
    pub fn hash(&self) -> Hash {
        let mut fields = Fields::new(CHECKPOINT);
        fields.number(self.number);
        fields.number(self.sealed_at);
        fields.bytes(&self.previous);
        fields.bytes(&self.root);
        fields.hash()
    }
}

/// Returns the hashes of all shards' heads, in order.
pub fn head_leaves(heads: &[Head]) -> Vec<Hash> {
    (0..).zip(heads).map(|(shard, head)| head.leaf(shard)).collect()
}

/// Returns the Merkle root of leaves, as in RFC 6962: the left half is the largest power of two below their number.
pub fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => NOTHING,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(left_of(leaves.len()));
            node(&root_of(left), &root_of(right))
        }
    }
}

/// Returns the hashes beside the way from a leaf up to the root.
pub fn path_of(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(left_of(leaves.len()));
    let (mut path, beside) = if index < left.len() {
        (path_of(left, index), root_of(right))
    } else {
        (path_of(right, index - left.len()), root_of(left))
    };
    path.push(beside);
    path
}

/// Returns the root to which a leaf leads by a path; nothing when the path is not as long as it must be.
pub fn root_by_path(leaf: Hash, index: usize, leaves: usize, path: &[Hash]) -> Option<Hash> {
    if leaves < 2 {
        return (index < leaves && path.is_empty()).then_some(leaf);
    }
    let (beside, below) = path.split_last()?;
    let left = left_of(leaves);
    if index < left {
        Some(node(&root_by_path(leaf, index, left, below)?, beside))
    } else {
        Some(node(beside, &root_by_path(leaf, index - left, leaves - left, below)?))
    }
}

fn left_of(leaves: usize) -> usize {
    leaves.next_power_of_two() / 2
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut fields = Fields::new(NODE);
    fields.bytes(left);
    fields.bytes(right);
    fields.hash()
}

/// Fields, each with its length before it.
struct Fields(Hasher);

impl Fields {
    fn new(context: &str) -> Fields {
        Fields(Hasher::new_derive_key(context))
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn number(&mut self, number: i64) {
        self.bytes(&number.to_be_bytes());
    }

    fn hash(self) -> Hash {
        *self.0.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> SealedRow {
        SealedRow {
            shard: 7,
            seq: 9,
            program_id: [1; 16],
            member_id: [2; 16],
            request_key: Some([3; 16]),
            request: Some(SealedRequest {
                request_id: "order-1".to_owned(),
                method: 1,
                fingerprint: vec![3, 4],
                answer: vec![5],
            }),
            occurred_at: 10,
            recorded_at: 11,
            event: vec![6, 7, 8],
        }
    }

    #[test]
    fn a_row_has_the_same_hash_for_ever_and_any_other_row_another() {
        let hex = |hash: Hash| blake3::Hash::from(hash).to_hex().to_string();
        assert_eq!(
            hex(row().leaf()),
            "9cf282609ff3c3f0d8de0ef1a6a336292ed45bbcf8e1f385dec6d0a576a5e6f8"
        );
        let request = || row().request.unwrap();
        let with = |request| SealedRow {
            request: Some(request),
            ..row()
        };
        // What moves over the border between two fields is noticed too.
        let others = [
            SealedRow { shard: 8, ..row() },
            SealedRow { seq: 10, ..row() },
            SealedRow {
                program_id: [9; 16],
                ..row()
            },
            SealedRow {
                member_id: [9; 16],
                ..row()
            },
            SealedRow {
                request_key: None,
                ..row()
            },
            SealedRow { request: None, ..row() },
            SealedRow {
                occurred_at: 12,
                ..row()
            },
            SealedRow {
                recorded_at: 12,
                ..row()
            },
            SealedRow {
                event: vec![6, 7],
                ..row()
            },
            with(SealedRequest {
                request_id: "order-2".to_owned(),
                ..request()
            }),
            with(SealedRequest { method: 2, ..request() }),
            with(SealedRequest {
                fingerprint: vec![3],
                answer: vec![4, 5],
                ..request()
            }),
            with(SealedRequest {
                fingerprint: vec![3, 4, 5],
                answer: vec![],
                ..request()
            }),
        ];
        let mut leaves: Vec<Hash> = others.iter().map(SealedRow::leaf).collect();
        leaves.push(row().leaf());
        leaves.sort_unstable();
        leaves.dedup();
        assert_eq!(leaves.len(), others.len() + 1);
    }

    #[test]
    fn every_leaf_leads_to_the_root_by_its_path_and_no_other_does() {
        for count in 1..40 {
            let leaves: Vec<Hash> = (0..count).map(|number| [number; 32]).collect();
            let root = root_of(&leaves);
            for index in 0..leaves.len() {
                let path = path_of(&leaves, index);
                assert_eq!(root_by_path(leaves[index], index, leaves.len(), &path), Some(root));
                assert_ne!(root_by_path([99; 32], index, leaves.len(), &path), Some(root));
                let elsewhere = (index + 1) % leaves.len();
                if elsewhere != index {
                    assert_ne!(root_by_path(leaves[index], elsewhere, leaves.len(), &path), Some(root));
                }
                assert_ne!(
                    root_by_path(leaves[index], index, leaves.len(), &[&path[..], &[root]].concat()),
                    Some(root)
                );
            }
        }
    }
}
