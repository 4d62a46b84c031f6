//! Ladders: levels in order, what each asks for and what it gives.

use common::ratio::Ratio;

use super::{Contradiction, RequirementSet, contradiction::contradictions};

/// A ladder of levels that does not contradict itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ladder {
    code: String,
    display_name: String,
    levels: Vec<Level>,
    review: Review,
}

/// A level of a ladder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Level {
    /// The name by which requests call it.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// What a member must have done to enter: any one of these sets. Empty only for the first level.
    pub any_of: Vec<RequirementSet>,
    /// What the level gives.
    pub benefits: Benefits,
}

/// What a level gives: data for whoever grants it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Benefits {
    /// By what earning is multiplied.
    pub accrual_factor: Ratio,
    /// Price reduction in thousandths.
    pub discount_per_mille: u16,
    /// Anything else, as names that the retailer's systems know.
    pub entitlements: Vec<String>,
}

/// When a level is looked at again, and what may follow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Review {
    /// A level lasts this many months, then it is reviewed.
    pub after_months: u16,
    /// What happens to a member who no longer meets the requirements.
    pub downgrade: DowngradePolicy,
}

/// What happens at a review to a member who no longer meets the requirements of their level.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DowngradePolicy {
    /// The level stays.
    Never,
    /// One level down.
    OneLevel,
    /// Down to the highest level whose requirements are met.
    ToQualified,
}

impl Ladder {
    /// Makes a ladder of levels, the lowest first, or lists everything in which it contradicts itself.
    pub fn new(
        code: String,
        display_name: String,
        levels: Vec<Level>,
        review: Review,
    ) -> Result<Ladder, Vec<Contradiction>> {
        let found = contradictions(&levels, review);
        if found.is_empty() {
            Ok(Ladder {
                code,
                display_name,
                levels,
                review,
            })
        } else {
            Err(found)
        }
    }

    /// Returns the name by which requests call it.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns what people call it.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// Returns the levels, the lowest first. There is always one, and it asks for nothing.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Returns when a level is looked at again.
    pub fn review(&self) -> Review {
        self.review
    }

    /// Returns a level's place, 0 for the lowest.
    pub fn rank_of(&self, level: &str) -> Option<usize> {
        self.levels.iter().position(|known| known.code == level)
    }

    /// Returns a level that this ladder has and the next version would not have, although members may stand on it.
    pub fn level_lost_in(&self, next: &Ladder) -> Option<&Level> {
        self.levels.iter().find(|level| next.rank_of(&level.code).is_none())
    }
}

impl Level {
    /// Tells whether whoever may enter this level may enter the other one too.
    pub(super) fn implies(&self, other: &Level) -> bool {
        self.any_of
            .iter()
            .all(|way| other.any_of.iter().any(|others| way.implies(others)))
    }
}

impl Default for Benefits {
    fn default() -> Benefits {
        Benefits {
            accrual_factor: Ratio::ONE,
            discount_per_mille: 0,
            entitlements: Vec::new(),
        }
    }
}
