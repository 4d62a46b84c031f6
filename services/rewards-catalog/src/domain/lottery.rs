//! Lotteries: what a ticket costs, when tickets are sold, and what they may draw.
//!
//! A [`LotteryDefinition`] is what someone wrote down; a [`Lottery`] is a definition that does not contradict itself: every draw from it ends with a prize or
//! with nothing, and never without an answer.

use std::{num::NonZero, ops::Deref};

use jiff::Timestamp;
use thiserror::Error;

use super::reward::Price;

/// The most that a prize may be worth in programs of the yuan, in fen: the legal limit for prizes that are drawn.
const MOST_WORTH_IN_FEN: i64 = 5_000_000;

/// A lottery, as it was written down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LotteryDefinition {
    /// The name by which requests call it.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// What people read about it.
    pub description: String,
    /// What a ticket costs.
    pub ticket_price: Price,
    /// From here on tickets are sold.
    pub opens_at: Timestamp,
    /// Until here, exclusive.
    pub closes_at: Timestamp,
    /// How many tickets a member may have.
    pub tickets_per_member: Option<NonZero<u32>>,
    /// How a ticket comes to its prize.
    pub odds_mode: OddsMode,
    /// The prizes, blanks among them.
    pub prizes: Vec<Prize>,
}

/// How a ticket comes to its prize.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OddsMode {
    /// By weights that are the same for every ticket.
    FixedOdds,
    /// From a deck, without putting anything back.
    Deck,
}

/// Something that a ticket may draw.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prize {
    /// The name by which the lottery calls it.
    pub code: String,
    /// The reward that is won; nothing for a blank.
    pub reward: Option<String>,
    /// How many there are.
    pub quantity: i64,
    /// How often it is drawn, as a part of the sum of all weights.
    pub weight: i64,
    /// What is won where none is left: a prize further down, or nothing.
    pub fallback: Option<String>,
    /// What one is worth, in minor units; 0 where that is not told.
    pub worth_minor_units: i64,
}

/// A lottery that does not contradict itself. It reads like its definition and cannot be changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lottery(LotteryDefinition);

impl Lottery {
    /// Accepts a definition in a program of a currency, or names everything in it that contradicts something else.
    pub fn new(definition: LotteryDefinition, currency_code: &str) -> Result<Lottery, Vec<LotteryContradiction>> {
        let mut found = definition.contradictions();
        if currency_code == "CNY" {
            found.extend(definition.beyond_the_law());
        }
        if found.is_empty() {
            Ok(Lottery(definition))
        } else {
            Err(found)
        }
    }

    /// Takes a definition that was accepted before.
    pub fn from_stored(definition: LotteryDefinition) -> Option<Lottery> {
        definition.contradictions().is_empty().then_some(Lottery(definition))
    }

    /// Returns how many of each prize there are at first.
    pub fn quantities(&self) -> Vec<i64> {
        self.prizes.iter().map(|prize| prize.quantity).collect()
    }

    /// Returns how many tickets there are at most; nothing where there are any number.
    pub fn tickets(&self) -> Option<i64> {
        (self.odds_mode == OddsMode::Deck).then(|| self.quantities().iter().sum())
    }

    /// Returns how many of each reward a list of what is left of the prizes comes to.
    pub fn rewards(&self, left: &[i64]) -> Vec<(String, i64)> {
        let of_prizes = self.prizes.iter().zip(left);
        of_prizes
            .filter_map(|(prize, &left)| Some((prize.reward.clone()?, left)))
            .collect()
    }
}

impl Deref for Lottery {
    type Target = LotteryDefinition;

    fn deref(&self) -> &LotteryDefinition {
        &self.0
    }
}

impl LotteryDefinition {
    fn contradictions(&self) -> Vec<LotteryContradiction> {
        let mut found = Vec::new();
        if self.display_name.trim().is_empty() {
            found.push(LotteryContradiction::BlankName);
        }
        if self.ticket_price.points.is_zero() {
            found.push(LotteryContradiction::NoPrice);
        }
        if self.closes_at <= self.opens_at {
            found.push(LotteryContradiction::EmptyWindow);
        }
        if self.prizes.iter().all(|prize| prize.reward.is_none()) {
            found.push(LotteryContradiction::NothingToWin);
        }
        for (index, prize) in self.prizes.iter().enumerate() {
            if self.prizes[..index].iter().any(|other| other.code == prize.code) {
                found.push(LotteryContradiction::PrizeTwice { index });
            }
            found.extend(match self.odds_mode {
                OddsMode::FixedOdds => self.contradictions_of_odds(index, prize),
                OddsMode::Deck => contradictions_of_cards(index, prize),
            });
            if prize.reward.is_none() && prize.worth_minor_units != 0 {
                found.push(LotteryContradiction::BlankWithWorth { index });
            }
        }
        found
    }

    fn contradictions_of_odds(&self, index: usize, prize: &Prize) -> Vec<LotteryContradiction> {
        let code = Some(&prize.code);
        let falls_here = self.prizes[..index].iter().any(|other| other.fallback.as_ref() == code);
        let further_down = |fallback: &String| self.prizes[index + 1..].iter().any(|other| other.code == *fallback);
        let blank = prize.reward.is_none();
        let contradictions = [
            (prize.weight == 0 && !falls_here).then_some(LotteryContradiction::NeverDrawn { index }),
            (!blank && prize.quantity == 0).then_some(LotteryContradiction::NoneThere { index }),
            (blank && prize.quantity != 0).then_some(LotteryContradiction::CountedBlank { index }),
            (blank && prize.fallback.is_some()).then_some(LotteryContradiction::NeedlessFallback { index }),
            (!prize.fallback.as_ref().is_none_or(further_down))
                .then_some(LotteryContradiction::FallbackNotBelow { index }),
        ];
        contradictions.into_iter().flatten().collect()
    }

    fn beyond_the_law(&self) -> Vec<LotteryContradiction> {
        let won = self
            .prizes
            .iter()
            .enumerate()
            .filter(|(_, prize)| prize.reward.is_some());
        let found = won.filter_map(|(index, prize)| match prize.worth_minor_units {
            0 => Some(LotteryContradiction::WorthUntold { index }),
            worth => (worth > MOST_WORTH_IN_FEN).then_some(LotteryContradiction::WorthTooMuch { index }),
        });
        found.collect()
    }
}

fn contradictions_of_cards(index: usize, prize: &Prize) -> Vec<LotteryContradiction> {
    let contradictions = [
        (prize.quantity == 0).then_some(LotteryContradiction::NoneThere { index }),
        (prize.weight != 0).then_some(LotteryContradiction::WeighedCard { index }),
        prize
            .fallback
            .is_some()
            .then_some(LotteryContradiction::NeedlessFallback { index }),
    ];
    contradictions.into_iter().flatten().collect()
}

/// Something in a lottery that contradicts something else in it, or the law. Prizes are counted from zero.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum LotteryContradiction {
    /// The name is blank.
    #[error("must say something")]
    BlankName,
    /// A ticket would cost nothing.
    #[error("must be at least 1")]
    NoPrice,
    /// It closes before it opens.
    #[error("must be after the lottery opens")]
    EmptyWindow,
    /// No prize is a reward.
    #[error("must have one that wins a reward")]
    NothingToWin,
    /// Two prizes have one code.
    #[error("must not repeat the code of a prize")]
    PrizeTwice {
        /// Which one.
        index: usize,
    },
    /// No ticket can come to it.
    #[error("must be at least 1, unless it is the fallback of a prize above it")]
    NeverDrawn {
        /// Which one.
        index: usize,
    },
    /// There is none of it.
    #[error("must be at least 1")]
    NoneThere {
        /// Which one.
        index: usize,
    },
    /// A blank is counted that is never used up.
    #[error("must be left out: a blank is never used up where odds are fixed")]
    CountedBlank {
        /// Which one.
        index: usize,
    },
    /// The fallback is not further down, so that falling might not end.
    #[error("must be the code of a prize further down")]
    FallbackNotBelow {
        /// Which one.
        index: usize,
    },
    /// A fallback is given where nothing runs out.
    #[error("must be left out: this prize never runs out before it is drawn")]
    NeedlessFallback {
        /// Which one.
        index: usize,
    },
    /// A card has a weight.
    #[error("must be left out: in a deck the quantities are the odds")]
    WeighedCard {
        /// Which one.
        index: usize,
    },
    /// A blank is worth something.
    #[error("must be left out: a blank is worth nothing")]
    BlankWithWorth {
        /// Which one.
        index: usize,
    },
    /// What it is worth is not told where the law asks.
    #[error("must be told: the law limits what prizes of a lottery are worth")]
    WorthUntold {
        /// Which one.
        index: usize,
    },
    /// It is worth more than the law allows.
    #[error("must be at most 50,000.00: the law limits what prizes of a lottery are worth")]
    WorthTooMuch {
        /// Which one.
        index: usize,
    },
}

impl LotteryContradiction {
    /// Returns the path of the field at fault within the lottery.
    pub fn field(&self) -> String {
        let of_prize = |index: &usize, field: &str| format!("prizes[{index}].{field}");
        match self {
            Self::BlankName => "display_name".to_owned(),
            Self::NoPrice => "ticket_price.points".to_owned(),
            Self::EmptyWindow => "closes_at".to_owned(),
            Self::NothingToWin => "prizes".to_owned(),
            Self::PrizeTwice { index } => of_prize(index, "code"),
            Self::NeverDrawn { index } | Self::WeighedCard { index } => of_prize(index, "weight"),
            Self::NoneThere { index } | Self::CountedBlank { index } => of_prize(index, "quantity"),
            Self::FallbackNotBelow { index } | Self::NeedlessFallback { index } => of_prize(index, "fallback"),
            Self::BlankWithWorth { index } | Self::WorthUntold { index } | Self::WorthTooMuch { index } => {
                of_prize(index, "worth_minor_units")
            }
        }
    }
}

#[cfg(test)]
mod tests;
