//! What a ticket draws: a pure function of the seed, the lottery, the ticket and what is left.
//!
//! The seed is drawn by whoever calls, before anyone buys a ticket, and all that is told of it is its hash. So nobody can compute a draw beforehand without the seed, and nobody
//! can choose another seed afterwards. How the number is made is written in the contract, for those who compute it again.

use std::fmt;

use common::ids::{LotteryId, TicketId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::lottery::{Lottery, OddsMode};

/// The secret that the draws of a lottery are computed from: 256 bits from a cryptographic source of randomness. It is never shown by `Debug`.
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// Takes a secret.
    pub fn new(secret: [u8; 32]) -> Seed {
        Seed(Zeroizing::new(secret))
    }

    /// Returns what may be told of it before it is revealed.
    pub fn commitment(&self) -> [u8; 32] {
        Sha256::digest(*self.0).into()
    }

    /// Returns the secret itself.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the number of a draw below a sum that is at least 1, so that none is favoured.
    fn number_below(&self, sum: u64, lottery_id: LotteryId, ticket_id: TicketId) -> Number {
        let mut numbers = (0..).map(|draw_seq| Number {
            draw_seq,
            number: self.number(lottery_id, ticket_id, draw_seq),
        });
        let fair = numbers.find(|number| is_fair(number.number, sum));
        fair.expect("a number is rejected with a chance below one half")
    }

    fn number(&self, lottery_id: LotteryId, ticket_id: TicketId, draw_seq: u64) -> u64 {
        let mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("HMAC takes a key of any length");
        let mac = mac
            .chain_update(lottery_id.uuid().as_bytes())
            .chain_update(ticket_id.uuid().as_bytes())
            .chain_update(draw_seq.to_be_bytes());
        let tag = mac.finalize().into_bytes();
        tag.iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed([redacted])")
    }
}

/// Tells whether a number lies below the largest multiple of a sum in 2^64, so that its remainder favours nothing.
fn is_fair(number: u64, sum: u64) -> bool {
    let beyond = (u64::MAX % sum + 1) % sum;
    number <= u64::MAX - beyond
}

/// The number of a draw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Number {
    /// How many were rejected before it.
    pub draw_seq: u64,
    /// The number.
    pub number: u64,
}

/// What a ticket draws. Prizes are named by their places in the lottery.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Drawn {
    /// The number.
    pub number: Number,
    /// The prize on which it fell.
    pub drawn: usize,
    /// The prize that is given; nothing where no fallback is left either.
    pub prize: Option<usize>,
    /// How many of each prize are left then.
    pub left: Vec<i64>,
}

/// Draws for a ticket from what is left. Nothing only when the deck has no card.
pub fn draw(lottery: &Lottery, seed: &Seed, lottery_id: LotteryId, ticket_id: TicketId, left: &[i64]) -> Option<Drawn> {
    let parts: Vec<u64> = match lottery.odds_mode {
        OddsMode::FixedOdds => lottery.prizes.iter().map(|prize| prize.weight.unsigned_abs()).collect(),
        OddsMode::Deck => left.iter().map(|left| left.unsigned_abs()).collect(),
    };
    let sum = parts.iter().sum();
    if sum == 0 {
        return None;
    }
    let number = seed.number_below(sum, lottery_id, ticket_id);
    let drawn = falls_on(number.number % sum, &parts)?;
    let prize = given(lottery, drawn, left);
    let mut left = left.to_vec();
    if let Some(prize) = prize.filter(|&prize| is_counted(lottery, prize)) {
        left[prize] -= 1;
    }
    Some(Drawn {
        number,
        drawn,
        prize,
        left,
    })
}

fn falls_on(place: u64, parts: &[u64]) -> Option<usize> {
    let mut up_to = 0;
    parts.iter().position(|part| {
        up_to += part;
        place < up_to
    })
}

/// Returns what is given where a number fell on a prize: itself, or the nearest of its fallbacks of which one is left.
fn given(lottery: &Lottery, drawn: usize, left: &[i64]) -> Option<usize> {
    let fallback = |&prize: &usize| {
        let code = lottery.prizes[prize].fallback.as_ref()?;
        lottery.prizes.iter().position(|other| other.code == *code)
    };
    let is_there = |&prize: &usize| !is_counted(lottery, prize) || left[prize] > 0;
    std::iter::successors(Some(drawn), fallback).find(is_there)
}

/// Tells whether there are only so many of a prize.
fn is_counted(lottery: &Lottery, prize: usize) -> bool {
    lottery.odds_mode == OddsMode::Deck || lottery.prizes[prize].reward.is_some()
}

#[cfg(test)]
mod tests;
