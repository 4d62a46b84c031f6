//! What the levels of a program's ladders multiply by, version by version.

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
    /// Its levels, and what each multiplies by.
    pub factors: Vec<(String, Ratio)>,
}

impl Ladders {
    /// Adds a version, in place of what was known of it.
    pub fn put(&mut self, version: LadderVersion) {
        self.0
            .retain(|known| (&known.ladder, known.version) != (&version.ladder, version.version));
        self.0.push(version);
        self.0.sort_by_key(|known| known.version);
    }

    /// Returns what a level multiplies by at an instant, where the version in force has such a level.
    pub fn factor(&self, ladder: &str, level: &str, at: Timestamp) -> Option<Ratio> {
        let mut versions = self.0.iter().rev().filter(|version| version.ladder == ladder);
        let in_force = versions.find(|version| version.effective_from <= at)?;
        in_force
            .factors
            .iter()
            .find(|(code, _)| code == level)
            .map(|(_, factor)| *factor)
    }
}
