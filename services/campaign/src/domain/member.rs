//! What is known of a member, and what of it matters to the rules that judge an activity.

use common::{ratio::Ratio, zone::Zone};
use jiff::Timestamp;

use super::{
    facts::{Facts, LevelFact},
    ladder::Ladders,
    rules::Rules,
};

/// What is known of a member.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Member {
    /// Where the member stands; nothing for one that is not known, or not yet.
    pub status: Option<MemberStatus>,
    /// How many purchases the member has made. Returns do not take any off: a first purchase is made once.
    pub purchases: i64,
    /// The levels the member has.
    pub levels: Vec<MemberLevel>,
}

/// Where a member stands in their life with the program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MemberStatus {
    /// Enrolled; earns and spends.
    Registered,
    /// Enrolled and confirmed; earns and spends.
    Activated,
    /// Held by the merchant.
    Frozen,
    /// Left for good.
    Closed,
}

/// A level that a member has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MemberLevel {
    /// The ladder.
    pub ladder: String,
    /// The level.
    pub level: String,
    /// What it multiplied by when the member entered it.
    pub accrual_factor: Ratio,
}

impl MemberStatus {
    /// Tells whether a member who stands here earns.
    pub fn earns(self) -> bool {
        matches!(self, MemberStatus::Registered | MemberStatus::Activated)
    }
}

impl Member {
    /// Puts the member on a level of a ladder.
    pub fn enter(&mut self, level: MemberLevel) {
        self.levels.retain(|known| known.ladder != level.ladder);
        self.levels.push(level);
    }

    /// States what rules need to know of the member at an instant. A level multiplies by what its ladder says at that instant, and where that
    /// ladder knows no such level, by what it did when the member entered it.
    pub fn facts(&self, rules: &Rules, ladders: &Ladders, zone: &Zone, at: Timestamp) -> Facts {
        let mut levels: Vec<LevelFact> = Vec::new();
        for ladder in rules.ladders() {
            if levels.iter().all(|fact| fact.ladder != ladder) {
                levels.push(self.level_fact(ladder, ladders, at));
            }
        }
        Facts {
            levels,
            purchases_before: self.purchases,
            zone: zone.clone(),
        }
    }

    fn level_fact(&self, ladder: &str, ladders: &Ladders, at: Timestamp) -> LevelFact {
        let on = self.levels.iter().find(|level| level.ladder == ladder);
        let factor = |on: &MemberLevel| ladders.factor(ladder, &on.level, at).unwrap_or(on.accrual_factor);
        LevelFact {
            ladder: ladder.to_owned(),
            level: on.map(|on| on.level.clone()),
            accrual_factor: on.map_or(Ratio::ONE, factor),
        }
    }
}
