//! What the levels of a program's ladders give, version by version.

use common::ratio::Ratio;
use jiff::Timestamp;

/// The ladders of a program, every version of each.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Ladders(Vec<LadderVersion>);

/// A version of a ladder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LadderVersion {
    /// The ladder.
    pub ladder: String,
    /// 1, 2, 3, ...
    pub version: i32,
    /// From when on it holds.
    pub effective_from: Timestamp,
    /// Whether points raise it.
    pub counts_points: bool,
    /// Its levels.
    pub levels: Vec<LadderLevel>,
}

/// What a level of a ladder gives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LadderLevel {
    /// The level.
    pub code: String,
    /// By what it multiplies.
    pub accrual_factor: Ratio,
    /// How many thousandths it takes off prices.
    pub discount_per_mille: i64,
}

impl Ladders {
    /// Adds a version, in place of what was known of it.
    pub fn put(&mut self, version: LadderVersion) {
        self.0
            .retain(|known| (&known.ladder, known.version) != (&version.ladder, version.version));
        self.0.push(version);
        self.0.sort_by_key(|known| known.version);
    }

    /// Returns what a level gives at an instant, where the version in force has such a level.
    pub fn level(&self, ladder: &str, level: &str, at: Timestamp) -> Option<&LadderLevel> {
        let in_force = self.in_force(ladder, at)?;
        in_force.levels.iter().find(|known| known.code == level)
    }

    /// Returns the version of a ladder that is in force at an instant.
    pub fn in_force(&self, ladder: &str, at: Timestamp) -> Option<&LadderVersion> {
        let mut versions = self.0.iter().rev().filter(|version| version.ladder == ladder);
        versions.find(|version| version.effective_from <= at)
    }
}
