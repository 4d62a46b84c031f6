//! Ladders as they are stored: the message of the contract, which was checked when it was published, and when that was.

use std::sync::Arc;

use common::{
    time,
    versions::{Definition, Version, Versions},
};
use jiff::Timestamp;
use proto::tier as pb;

use crate::{
    domain::{Ladder, LadderVersion, LadderVersions, Ladders},
    store::wire,
};

/// What is stored of a version of a ladder.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredLadder {
    /// The ladder.
    #[prost(message, optional, tag = "1")]
    pub ladder: Option<pb::Ladder>,
    /// When it was published, by the program's clock.
    #[prost(message, optional, tag = "2")]
    pub published_at: Option<prost_types::Timestamp>,
}

/// What a version of a ladder says.
pub struct LadderTerms {
    /// The ladder.
    pub ladder: Arc<Ladder>,
    /// When it was published, by the program's clock.
    pub published_at: Timestamp,
}

impl Definition for LadderTerms {
    type Wire = StoredLadder;

    const KIND: &'static str = "ladder";

    fn from_stored(stored: StoredLadder) -> Option<LadderTerms> {
        let ladder = wire::read_ladder(&stored.ladder?)?.ok()?;
        Some(LadderTerms {
            ladder: Arc::new(ladder),
            published_at: time::from_wire(stored.published_at?)?,
        })
    }
}

/// Returns the ladders of a program as decisions want them.
pub fn ladders_of(versions: &Versions<LadderTerms>) -> Ladders {
    let all_of = |code: &str, latest: &Version<LadderTerms>| {
        let mut all = (1..=latest.version).filter_map(|number| versions.version(code, number));
        let first = all.next()?;
        let mut ladder = LadderVersions::new(version_of(first), first.definition.published_at);
        all.for_each(|later| ladder.add(version_of(later)));
        Some((code.to_owned(), ladder))
    };
    versions
        .all_latest()
        .filter_map(|(code, latest)| all_of(code, latest))
        .collect()
}

fn version_of(version: &Version<LadderTerms>) -> LadderVersion {
    LadderVersion {
        ladder: version.definition.ladder.clone(),
        version: version.version,
        effective_from: version.effective_from,
    }
}
