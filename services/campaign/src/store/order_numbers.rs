//! Which order numbers a member may have: enough to say of a new one that it is new, without a look.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

const WORDS: usize = 16;
/// How many bits stand for a number: with 128 numbers one in a hundred others seems to be there too.
const BITS: u32 = 4;

/// A Bloom filter of a member's order numbers. What it says is not there is not there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OrderNumbers([u64; WORDS]);

impl OrderNumbers {
    /// So many numbers are told from others; with more, any number may be there.
    pub const MOST: usize = 128;

    /// Keeps the numbers of a member.
    pub fn of<'a>(numbers: impl ExactSizeIterator<Item = &'a str>) -> OrderNumbers {
        let mut kept = OrderNumbers([if numbers.len() > Self::MOST { u64::MAX } else { 0 }; WORDS]);
        numbers.for_each(|number| kept.add(number));
        kept
    }

    /// Adds a number.
    pub fn add(&mut self, number: &str) {
        for (word, bit) in places(number) {
            self.0[word] |= bit;
        }
    }

    /// Tells whether a number may be there.
    pub fn may_have(&self, number: &str) -> bool {
        places(number).all(|(word, bit)| self.0[word] & bit != 0)
    }
}

/// Returns where the bits of a number are: each a step further than the one before it, from a place and by a step that its hash tells.
fn places(number: &str) -> impl Iterator<Item = (usize, u64)> {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    let hash = hasher.finish();
    let (start, step) = (hash as u32, (hash >> 32) as u32 | 1);
    (0..BITS).map(move |nth| {
        let place = start.wrapping_add(nth.wrapping_mul(step)) as usize % (WORDS * 64);
        (place / 64, 1 << (place % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("order-{number}")).collect()
    }

    #[test]
    fn what_is_there_is_never_missed_and_others_seldom_seem_to_be() {
        let there = numbers(OrderNumbers::MOST);
        let mut kept = OrderNumbers::of(there[1..].iter().map(String::as_str));
        kept.add(&there[0]);
        assert!(there.iter().all(|number| kept.may_have(number)));
        let others = (0..10_000).filter(|number| kept.may_have(&format!("other-{number}")));
        assert!(others.count() < 300);
        assert!(!OrderNumbers::of([].into_iter()).may_have("order-0"));
    }

    #[test]
    fn of_too_many_nothing_is_told() {
        let many = numbers(OrderNumbers::MOST + 1);
        let kept = OrderNumbers::of(many.iter().map(String::as_str));
        assert!((0..1_000).all(|number| kept.may_have(&format!("other-{number}"))));
    }
}
