//! Shards: the unit by which writes are serial, feeds are ordered and the data is spread.

use std::fmt;

use xxhash_rust::xxh3::xxh3_64;

use crate::ids::{MemberId, ProgramId};

/// How many shards there are. Fixed when a database is created; the same in every service.
pub const SHARDS: i16 = 64;

/// One of the [`SHARDS`] shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(i16);

impl Shard {
    /// Returns the shard on which a member's records are.
    pub fn of(program: ProgramId, member: MemberId) -> Shard {
        let mut key = [0; 32];
        key[..16].copy_from_slice(program.uuid().as_bytes());
        key[16..].copy_from_slice(member.uuid().as_bytes());
        Shard((xxh3_64(&key) % SHARDS as u64) as i16)
    }

    /// Returns the shard on which the records of a program as a whole are.
    pub fn of_program(program: ProgramId) -> Shard {
        Shard::of(program, MemberId::nil())
    }

    /// Returns the shard that stands for some other text of a program, for example a request id before there is a member.
    pub fn of_text(program: ProgramId, text: &str) -> Shard {
        let mut key = program.uuid().as_bytes().to_vec();
        key.extend_from_slice(text.as_bytes());
        Shard((xxh3_64(&key) % SHARDS as u64) as i16)
    }

    /// Accepts a number that is a shard's.
    pub fn new(number: i16) -> Option<Shard> {
        (0..SHARDS).contains(&number).then_some(Shard(number))
    }

    /// Returns the number.
    pub fn get(self) -> i16 {
        self.0
    }

    /// Returns the number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns every shard in order.
    pub fn all() -> impl Iterator<Item = Shard> {
        (0..SHARDS).map(Shard)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shard_of_a_member_never_changes_between_versions() {
        let program = ProgramId::from(uuid::Uuid::from_u128(1));
        let member = MemberId::from(uuid::Uuid::from_u128(2));
        assert_eq!(
            Shard::of(program, member).get(),
            51,
            "data written by earlier versions would be lost"
        );
    }

    #[test]
    fn members_spread_over_all_shards() {
        let program = ProgramId::from(uuid::Uuid::from_u128(1));
        let mut seen = [0; SHARDS as usize];
        for member in 0..6_400 {
            seen[Shard::of(program, MemberId::from(uuid::Uuid::from_u128(member))).index()] += 1;
        }
        assert!(seen.iter().all(|&members| (50..200).contains(&members)), "{seen:?}");
    }
}
