//! Whether a member can have a reward now, and if not, everything that stands in the way.

use common::points::Points;
use jiff::Timestamp;

use super::{reward::Reward, stock::Stock};

/// What is known of a member and a reward when one asks for the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Facts<'a> {
    /// Where the member stands.
    pub member_status: MemberStatus,
    /// The member's level on the ladder that the reward names, by its code.
    pub level: Option<&'a str>,
    /// How many the member has had. Rejected and cancelled redemptions do not count.
    pub redeemed_count: u32,
    /// What the member can spend from the wallet of the price; nothing when unknown. The points service has the last word.
    pub available_points: Option<Points>,
    /// How many of the reward are left.
    pub stock: Stock,
}

/// Where a member stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MemberStatus {
    /// Known, and not enrolled.
    Prospect,
    /// Enrolled.
    Registered,
    /// Enrolled and confirmed.
    Activated,
    /// Held by the merchant.
    Frozen,
    /// Left for good.
    Closed,
}

impl MemberStatus {
    /// Tells whether the member may redeem.
    pub fn may_redeem(self) -> bool {
        matches!(self, MemberStatus::Registered | MemberStatus::Activated)
    }
}

/// Something that stands between a member and a reward.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Obstacle {
    /// The reward is off.
    Paused,
    /// The member is frozen or closed, or a prospect.
    MemberNotAllowed,
    /// It is not the time.
    OutsideWindow {
        /// When it opens; nothing when it is over.
        opens_at: Option<Timestamp>,
    },
    /// The member is not on one of its levels.
    LevelRequired {
        /// The levels that may have it.
        levels: Vec<String>,
    },
    /// The member has had as many as allowed.
    LimitReached {
        /// The limit.
        limit: u32,
    },
    /// None is left.
    OutOfStock,
    /// The member has too few points.
    InsufficientPoints {
        /// How many are missing.
        missing: Points,
    },
}

/// Names everything that stands between a member and a reward; nothing when the member can have it.
///
/// The order is fixed, from what nobody can change now to what the member can: the first obstacle is the one to show where
/// there is room for one.
pub fn obstacles(reward: &Reward, facts: &Facts<'_>, now: Timestamp) -> Vec<Obstacle> {
    let eligibility = &reward.eligibility;
    [
        reward.paused.then_some(Obstacle::Paused),
        (!facts.member_status.may_redeem()).then_some(Obstacle::MemberNotAllowed),
        outside_window(eligibility.start, eligibility.end, now),
        level_required(&eligibility.levels, facts.level),
        limit_reached(
            eligibility.per_member_limit.map(|limit| limit.get()),
            facts.redeemed_count,
        ),
        (facts.stock == Stock::NONE).then_some(Obstacle::OutOfStock),
        insufficient_points(reward.price.points, facts.available_points),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn outside_window(start: Option<Timestamp>, end: Option<Timestamp>, now: Timestamp) -> Option<Obstacle> {
    match (start, end) {
        (Some(start), _) if now < start => Some(Obstacle::OutsideWindow { opens_at: Some(start) }),
        (_, Some(end)) if end <= now => Some(Obstacle::OutsideWindow { opens_at: None }),
        _ => None,
    }
}

fn level_required(levels: &[String], level: Option<&str>) -> Option<Obstacle> {
    let fits = levels.is_empty() || level.is_some_and(|level| levels.iter().any(|allowed| allowed == level));
    (!fits).then(|| Obstacle::LevelRequired {
        levels: levels.to_vec(),
    })
}

pub(super) fn limit_reached(limit: Option<u32>, redeemed_count: u32) -> Option<Obstacle> {
    limit
        .filter(|&limit| redeemed_count >= limit)
        .map(|limit| Obstacle::LimitReached { limit })
}

fn insufficient_points(price: Points, available: Option<Points>) -> Option<Obstacle> {
    let missing = price.saturating_sub(available?);
    (!missing.is_zero()).then_some(Obstacle::InsufficientPoints { missing })
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use super::*;
    use crate::domain::{
        Eligibility, RewardDefinition,
        tests::{at, facts, mug},
    };

    fn fussy(paused: bool) -> Reward {
        let eligibility = Eligibility {
            ladder: Some("status".to_owned()),
            levels: vec!["gold".to_owned(), "diamond".to_owned()],
            start: Some(at(100)),
            end: Some(at(200)),
            per_member_limit: NonZero::new(2),
        };
        Reward::new(RewardDefinition {
            eligibility,
            paused,
            ..mug()
        })
        .unwrap()
    }

    fn welcome() -> Facts<'static> {
        Facts {
            level: Some("gold"),
            ..facts()
        }
    }

    #[test]
    fn a_member_who_meets_everything_finds_no_obstacle() {
        assert_eq!(obstacles(&fussy(false), &welcome(), at(100)), []);
    }

    #[test]
    fn everything_that_stands_in_the_way_is_named_in_a_fixed_order_with_its_numbers() {
        let unwelcome = Facts {
            member_status: MemberStatus::Frozen,
            level: Some("silver"),
            redeemed_count: 2,
            available_points: Points::new(80),
            stock: Stock::NONE,
        };
        let levels = vec!["gold".to_owned(), "diamond".to_owned()];
        let expected = [
            Obstacle::Paused,
            Obstacle::MemberNotAllowed,
            Obstacle::OutsideWindow {
                opens_at: Some(at(100)),
            },
            Obstacle::LevelRequired { levels },
            Obstacle::LimitReached { limit: 2 },
            Obstacle::OutOfStock,
            Obstacle::InsufficientPoints {
                missing: Points::new(20).unwrap(),
            },
        ];
        assert_eq!(obstacles(&fussy(true), &unwelcome, at(99)), expected);
    }

    #[test]
    fn a_window_is_half_open_and_says_when_it_opens_unless_it_is_over() {
        let reward = fussy(false);
        let outside = |opens_at| vec![Obstacle::OutsideWindow { opens_at }];
        assert_eq!(obstacles(&reward, &welcome(), at(99)), outside(Some(at(100))));
        assert_eq!(obstacles(&reward, &welcome(), at(199)), []);
        assert_eq!(obstacles(&reward, &welcome(), at(200)), outside(None));
    }

    #[test]
    fn an_unknown_balance_is_no_obstacle_and_neither_is_an_exact_one() {
        let reward = fussy(false);
        for available_points in [None, Points::new(100)] {
            assert_eq!(
                obstacles(
                    &reward,
                    &Facts {
                        available_points,
                        ..welcome()
                    },
                    at(100)
                ),
                []
            );
        }
    }

    /// R5: whatever the combination, a reward is live only when each condition by itself allows it.
    #[test]
    fn nothing_is_live_by_accident() {
        let statuses = [
            MemberStatus::Registered,
            MemberStatus::Activated,
            MemberStatus::Frozen,
            MemberStatus::Closed,
        ];
        for (status, paused, time, level, redeemed_count, stock) in every_case(statuses) {
            let facts = Facts {
                member_status: status,
                level,
                redeemed_count,
                stock,
                ..facts()
            };
            let live = obstacles(&fussy(paused), &facts, at(time)).is_empty();
            let allowed = status.may_redeem()
                && !paused
                && (100..200).contains(&time)
                && matches!(level, Some("gold" | "diamond"))
                && redeemed_count < 2
                && stock > Stock::NONE;
            assert_eq!(live, allowed, "{facts:?} at {time}");
        }
    }

    type Case = (MemberStatus, bool, i64, Option<&'static str>, u32, Stock);

    fn every_case(statuses: [MemberStatus; 4]) -> Vec<Case> {
        let mut cases = Vec::new();
        for status in statuses {
            for paused in [false, true] {
                for time in [0, 99, 100, 199, 200, 300] {
                    for level in [None, Some("silver"), Some("gold"), Some("diamond")] {
                        for redeemed_count in 0..4 {
                            for stock in [Stock::NONE, Stock::new(1).unwrap()] {
                                cases.push((status, paused, time, level, redeemed_count, stock));
                            }
                        }
                    }
                }
            }
        }
        cases
    }
}
