//! What is known of a member when an activity is judged.

use common::ratio::Ratio;
use common::zone::Zone;

/// What was known of a member when the activity was judged. A return is judged by the facts of its purchase.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// The level on each ladder that an accrual uses.
    pub levels: Vec<LevelFact>,
    /// How many purchases the member had made before.
    pub purchases_before: i64,
    /// The program's zone.
    pub zone: Zone,
}

/// A member's level on a ladder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LevelFact {
    /// The ladder.
    pub ladder: String,
    /// The level, once the member has one.
    pub level: Option<String>,
    /// By what the level multiplies.
    pub accrual_factor: Ratio,
}

impl Facts {
    /// Returns the member's level on a ladder, if the member has one.
    pub fn level_on(&self, ladder: Option<&str>) -> Option<&str> {
        self.fact_on(ladder)?.level.as_deref()
    }

    /// Returns the factor of the member's level on a ladder: once where there is no ladder or no level.
    pub fn factor_on(&self, ladder: Option<&str>) -> Ratio {
        self.fact_on(ladder).map_or(Ratio::ONE, |fact| fact.accrual_factor)
    }

    fn fact_on(&self, ladder: Option<&str>) -> Option<&LevelFact> {
        let ladder = ladder?;
        self.levels.iter().find(|fact| fact.ladder == ladder)
    }
}
