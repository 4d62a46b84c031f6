//! What callers ask for: one earning after another, each with a key of its own, for members who are drawn.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use proto::points::EarnPointsRequest;
use xxhash_rust::xxh3::xxh3_64;

use super::POINTS;
use crate::bench::{setup::WALLET, zipf::Zipf};

/// Who is drawn.
#[derive(Clone)]
pub enum Draw {
    /// Any of the first so many, as often as any other.
    Evenly(usize),
    /// Some much more often than others.
    Zipf(Zipf),
    /// Always the same.
    One(usize),
}

/// Requests without an end.
#[derive(Clone)]
pub struct Orders {
    members: Arc<[String]>,
    draw: Draw,
    next: Arc<AtomicU64>,
}

impl Orders {
    /// Begins to number requests for some members.
    pub fn new(members: Arc<[String]>, draw: Draw) -> Orders {
        Orders {
            members,
            draw,
            next: Arc::default(),
        }
    }

    /// Returns the same orders for members who are drawn otherwise. Both number their requests together.
    pub fn drawn(&self, draw: Draw) -> Orders {
        Orders { draw, ..self.clone() }
    }

    /// Returns the next request.
    pub fn next(&self) -> EarnPointsRequest {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let member = self.draw.whom(xxh3_64(&number.to_le_bytes()));
        EarnPointsRequest {
            request_id: format!("order-{number}"),
            member_id: self.members[member].clone(),
            wallet: WALLET.to_owned(),
            points: POINTS,
            reference: format!("order-{number}"),
            ..EarnPointsRequest::default()
        }
    }
}

impl Draw {
    /// Returns whom a random number draws.
    fn whom(&self, random: u64) -> usize {
        match self {
            Draw::Evenly(many) => (random % *many as u64) as usize,
            Draw::Zipf(zipf) => zipf.draw((random >> 11) as f64 / (1_u64 << 53) as f64),
            Draw::One(member) => *member,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    fn orders(draw: Draw) -> Orders {
        Orders::new((0..10).map(|member| member.to_string()).collect(), draw)
    }

    fn times(orders: &Orders) -> BTreeMap<String, u32> {
        let mut times = BTreeMap::new();
        (0..10_000).for_each(|_| *times.entry(orders.next().member_id).or_default() += 1);
        times
    }

    #[test]
    fn no_key_is_given_twice_however_members_are_drawn() {
        let evenly = orders(Draw::Evenly(10));
        let others = [
            evenly.drawn(Draw::One(3)),
            evenly.drawn(Draw::Zipf(Zipf::of(10))),
            evenly,
        ];
        let keys = (0..999).map(|number| others[number % 3].next().request_id);
        assert_eq!(keys.collect::<HashSet<_>>().len(), 999);
    }

    #[test]
    fn members_are_drawn_as_is_asked_for() {
        let evenly = times(&orders(Draw::Evenly(5)));
        assert!(
            evenly.len() == 5 && evenly.values().all(|times| (1_800..2_200).contains(times)),
            "{evenly:?}"
        );
        let zipf = times(&orders(Draw::Zipf(Zipf::of(10))));
        // 1 / (1 + 1/2 + ... + 1/10) = 0.341
        assert!(zipf.len() == 10 && (3_200..3_600).contains(&zipf["0"]), "{zipf:?}");
        assert_eq!(times(&orders(Draw::One(7))), BTreeMap::from([("7".to_owned(), 10_000)]));
    }
}
