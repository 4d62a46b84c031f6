//! Rewards: what they cost, who may have them, and when.
//!
//! A [`RewardDefinition`] is what someone wrote down; a [`Reward`] is a definition that does not contradict itself. Only
//! the latter can be redeemed, so nothing downstream checks again.

use std::{num::NonZero, ops::Deref};

use common::points::Points;
use jiff::Timestamp;
use thiserror::Error;

/// Something members can have for points, as it was written down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RewardDefinition {
    /// The name by which requests call it.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// What people read about it.
    pub description: String,
    /// What it is listed under.
    pub category: String,
    /// What it costs.
    pub price: Price,
    /// Who may have it, and when.
    pub eligibility: Eligibility,
    /// Whether a fulfilled redemption can be cancelled.
    pub refundable: bool,
    /// Whether it is off.
    pub paused: bool,
}

/// What a reward costs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Price {
    /// The wallet that is debited, by its code.
    pub wallet: String,
    /// The points.
    pub points: Points,
}

impl Price {
    /// No price: what is won costs nothing.
    pub const NONE: Price = Price {
        wallet: String::new(),
        points: Points::ZERO,
    };
}

/// Who may have a reward, and when: members who meet everything that is set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Eligibility {
    /// The ladder that the levels are on, by its code.
    pub ladder: Option<String>,
    /// On one of these levels; empty for any.
    pub levels: Vec<String>,
    /// From here on.
    pub start: Option<Timestamp>,
    /// Until here, exclusive.
    pub end: Option<Timestamp>,
    /// How many a member may have in all.
    pub per_member_limit: Option<NonZero<u32>>,
}

/// A reward that does not contradict itself. It reads like its definition and cannot be changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reward(RewardDefinition);

impl Reward {
    /// Accepts a definition, or names everything in it that contradicts something else in it.
    pub fn new(definition: RewardDefinition) -> Result<Reward, Vec<Contradiction>> {
        let mut found = Vec::new();
        if definition.display_name.trim().is_empty() {
            found.push(Contradiction::BlankName);
        }
        if definition.price.points.is_zero() {
            found.push(Contradiction::NoPrice);
        }
        found.extend(definition.eligibility.contradictions());
        if found.is_empty() {
            Ok(Reward(definition))
        } else {
            Err(found)
        }
    }
}

impl Deref for Reward {
    type Target = RewardDefinition;

    fn deref(&self) -> &RewardDefinition {
        &self.0
    }
}

impl Eligibility {
    fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        match (&self.ladder, self.levels.is_empty()) {
            (None, false) => found.push(Contradiction::LevelsWithoutLadder),
            (Some(_), true) => found.push(Contradiction::LadderWithoutLevels),
            _ => {}
        }
        for (index, level) in self.levels.iter().enumerate() {
            if !is_code(level) {
                found.push(Contradiction::NotALevel { index });
            } else if self.levels[..index].contains(level) {
                found.push(Contradiction::LevelTwice { index });
            }
        }
        if let (Some(start), Some(end)) = (self.start, self.end)
            && end <= start
        {
            found.push(Contradiction::EmptyWindow);
        }
        found
    }
}

/// Tells whether a text can be the code of a level.
fn is_code(text: &str) -> bool {
    let rest_fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    text.len() <= 32 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(rest_fits)
}

/// Something in a reward that contradicts something else in it.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Contradiction {
    /// The name is blank.
    #[error("must say something")]
    BlankName,
    /// It would cost nothing.
    #[error("must be at least 1")]
    NoPrice,
    /// Levels are given, but not on which ladder.
    #[error("must name the ladder that the levels are on")]
    LevelsWithoutLadder,
    /// A ladder is given, but none of its levels: everyone could have what was meant for some.
    #[error("must name the levels of the ladder that may have it")]
    LadderWithoutLevels,
    /// A level is not a code.
    #[error("must be the code of a level")]
    NotALevel {
        /// Which one, counted from zero.
        index: usize,
    },
    /// A level is given twice.
    #[error("must not repeat a level")]
    LevelTwice {
        /// Which one, counted from zero.
        index: usize,
    },
    /// The window ends before it starts.
    #[error("must be after the start")]
    EmptyWindow,
}

impl Contradiction {
    /// Returns the path of the field at fault within the reward.
    pub fn field(&self) -> String {
        match self {
            Contradiction::BlankName => "display_name".to_owned(),
            Contradiction::NoPrice => "price.points".to_owned(),
            Contradiction::LevelsWithoutLadder => "eligibility.ladder".to_owned(),
            Contradiction::LadderWithoutLevels => "eligibility.levels".to_owned(),
            Contradiction::NotALevel { index } | Contradiction::LevelTwice { index } => {
                format!("eligibility.levels[{index}]")
            }
            Contradiction::EmptyWindow => "eligibility.end".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::{at, mug};

    #[test]
    fn a_reward_for_everyone_always_needs_no_eligibility() {
        assert!(Reward::new(mug()).is_ok());
    }

    #[test]
    fn every_contradiction_is_named_at_once() {
        let levels = ["gold", "Gold!", "gold"].map(str::to_owned).to_vec();
        let eligibility = Eligibility {
            levels,
            start: Some(at(10)),
            end: Some(at(10)),
            ladder: None,
            per_member_limit: None,
        };
        let price = Price {
            points: Points::ZERO,
            ..mug().price
        };
        let found = Reward::new(RewardDefinition {
            display_name: " ".to_owned(),
            price,
            eligibility,
            ..mug()
        })
        .unwrap_err();
        let fields: Vec<_> = found.iter().map(Contradiction::field).collect();
        assert_eq!(
            fields,
            [
                "display_name",
                "price.points",
                "eligibility.ladder",
                "eligibility.levels[1]",
                "eligibility.levels[2]",
                "eligibility.end"
            ]
        );
    }

    #[test]
    fn a_ladder_without_levels_is_refused_because_it_would_open_the_reward_to_everyone() {
        let eligibility = Eligibility {
            ladder: Some("status".to_owned()),
            ..Eligibility::default()
        };
        let found = Reward::new(RewardDefinition { eligibility, ..mug() }).unwrap_err();
        assert_eq!(found, [Contradiction::LadderWithoutLevels]);
    }
}
