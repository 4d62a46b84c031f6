//! Versions of a ladder. Each is immutable; what happens is judged by the version in force at that instant.

use std::sync::Arc;

use jiff::Timestamp;

use super::Ladder;

/// A version of a ladder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LadderVersion {
    /// The ladder as of this version.
    pub ladder: Arc<Ladder>,
    /// 1, 2, 3, ...
    pub version: i32,
    /// From when on it holds. The first holds for all the past too.
    pub effective_from: Timestamp,
}

/// All versions of one ladder, from the first to the latest. There is always one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LadderVersions {
    first: LadderVersion,
    later: Vec<LadderVersion>,
    known_since: Timestamp,
}

impl LadderVersions {
    /// Starts with the first version. It holds for all the past, but nobody was judged by it before the ladder became known.
    pub fn new(first: LadderVersion, known_since: Timestamp) -> LadderVersions {
        LadderVersions {
            first,
            later: Vec::new(),
            known_since,
        }
    }

    /// Adds a later version; one that does not come after those that are known is ignored.
    pub fn add(&mut self, version: LadderVersion) {
        if version.version > self.latest().version {
            self.later.push(version);
        }
    }

    /// Returns when the ladder became known.
    pub fn known_since(&self) -> Timestamp {
        self.known_since
    }

    /// Returns the latest version, whether it is in force already or not.
    pub fn latest(&self) -> &LadderVersion {
        self.later.last().unwrap_or(&self.first)
    }

    /// Returns the version in force at an instant: the latest of those that hold from then or before.
    pub fn in_force(&self, at: Timestamp) -> &LadderVersion {
        self.later
            .iter()
            .rfind(|version| version.effective_from <= at)
            .unwrap_or(&self.first)
    }

    /// Returns when the next version after this one comes into force.
    pub fn next_from(&self, version: i32) -> Option<Timestamp> {
        self.later
            .iter()
            .filter(|later| later.version > version)
            .map(|later| later.effective_from)
            .min()
    }
}
