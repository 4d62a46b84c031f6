//! Rewards as they travel.

use std::num::NonZero;

use common::{parse, points::Points, refusal::Violations, time};
use jiff::Timestamp;
use proto::rewards_catalog as pb;

use crate::domain::{Eligibility, Price, RewardDefinition};

impl TryFrom<pb::Reward> for RewardDefinition {
    type Error = Violations;

    fn try_from(wire: pb::Reward) -> Result<RewardDefinition, Violations> {
        let mut violations = Violations::default();
        let price = violations.within("price", Price::try_from(wire.price.unwrap_or_default()));
        let eligibility = Eligibility::try_from(wire.eligibility.unwrap_or_default());
        let eligibility = violations.within("eligibility", eligibility);
        let read = (|| {
            Some(RewardDefinition {
                code: wire.code,
                display_name: wire.display_name,
                description: wire.description,
                category: wire.category,
                price: price?,
                eligibility: eligibility?,
                refundable: wire.refundable,
                paused: wire.paused,
            })
        })();
        violations.finish(read)
    }
}

impl TryFrom<pb::Price> for Price {
    type Error = Violations;

    fn try_from(wire: pb::Price) -> Result<Price, Violations> {
        let mut violations = Violations::default();
        let points = violations.take("points", Points::new(wire.points).ok_or("is not a number of points"));
        let read = (|| {
            Some(Price {
                wallet: wire.wallet,
                points: points?,
            })
        })();
        violations.finish(read)
    }
}

impl TryFrom<pb::Eligibility> for Eligibility {
    type Error = Violations;

    fn try_from(wire: pb::Eligibility) -> Result<Eligibility, Violations> {
        let mut violations = Violations::default();
        let start = optional_time(&mut violations, "start", wire.start);
        let end = optional_time(&mut violations, "end", wire.end);
        let limit = u32::try_from(wire.per_member_limit).map_err(|_| "is negative");
        let limit = violations.take("per_member_limit", limit);
        let read = (|| {
            Some(Eligibility {
                ladder: Some(wire.ladder).filter(|ladder| !ladder.is_empty()),
                levels: wire.levels,
                start: start?,
                end: end?,
                per_member_limit: NonZero::new(limit?),
            })
        })();
        violations.finish(read)
    }
}

/// Reads a time that may be left out. The outer option is empty when it is there but wrong.
pub fn optional_time(
    violations: &mut Violations,
    field: &str,
    wire: Option<prost_types::Timestamp>,
) -> Option<Option<Timestamp>> {
    match wire {
        None => Some(None),
        Some(wire) => parse::business_time(violations, field, Some(&wire)).map(|at| Some(time::to_micros(at))),
    }
}

impl From<&RewardDefinition> for pb::Reward {
    fn from(reward: &RewardDefinition) -> pb::Reward {
        let eligibility = &reward.eligibility;
        let limits = *eligibility != Eligibility::default();
        pb::Reward {
            code: reward.code.clone(),
            display_name: reward.display_name.clone(),
            description: reward.description.clone(),
            category: reward.category.clone(),
            price: Some((&reward.price).into()),
            eligibility: limits.then(|| eligibility.into()),
            refundable: reward.refundable,
            paused: reward.paused,
        }
    }
}

impl From<&Price> for pb::Price {
    fn from(price: &Price) -> pb::Price {
        pb::Price {
            wallet: price.wallet.clone(),
            points: price.points.get(),
        }
    }
}

impl From<&Eligibility> for pb::Eligibility {
    fn from(eligibility: &Eligibility) -> pb::Eligibility {
        pb::Eligibility {
            ladder: eligibility.ladder.clone().unwrap_or_default(),
            levels: eligibility.levels.clone(),
            start: eligibility.start.map(time::to_wire),
            end: eligibility.end.map(time::to_wire),
            per_member_limit: eligibility
                .per_member_limit
                .map_or(0, |limit| i32::try_from(limit.get()).unwrap_or(i32::MAX)),
        }
    }
}
