//! Samples: a part of the members, always the same.

use common::ids::MemberId;

/// Some places of a sample.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sample {
    /// The name. Campaigns that divide the same members have the same.
    pub name: String,
    /// The first place.
    pub from_per_mille: i32,
    /// The first place after it that is not one of them.
    pub until_per_mille: i32,
}

/// A member's place in a sample.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SampleFact {
    /// The sample.
    pub sample: String,
    /// The place, 0 to 999.
    pub per_mille: i32,
}

impl Sample {
    /// Tells whether a place is one of these.
    pub(super) fn includes(&self, per_mille: i32) -> bool {
        (self.from_per_mille..self.until_per_mille).contains(&per_mille)
    }
}

impl SampleFact {
    /// Finds a member's place. It never changes: the members of an arm stay in it.
    pub(super) fn of(sample: &str, member_id: MemberId) -> SampleFact {
        let mut hasher = blake3::Hasher::new();
        hasher.update(member_id.uuid().as_bytes()).update(sample.as_bytes());
        let hash = hasher.finalize();
        let first = hash.as_bytes().first_chunk().copied().unwrap_or_default();
        let place = u64::from_le_bytes(first) % 1000;
        SampleFact {
            sample: sample.to_owned(),
            per_mille: i32::try_from(place).unwrap_or(0),
        }
    }
}
