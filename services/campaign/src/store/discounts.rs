//! Discounts of campaigns and the policy of a program for them, as they are stored.

use common::versions::Definition;
use proto::campaign as pb;

use super::{Unreadable, conditions::line_filter};
use crate::domain::{Discount, DiscountPolicy, Off, Stacking};

/// The code under which the one policy of a program is kept.
pub const POLICY: &str = "discounts";

/// The policy of a program.
pub struct PolicyRule(pub DiscountPolicy);

impl Definition for PolicyRule {
    type Wire = pb::DiscountPolicy;

    const KIND: &'static str = "discount-policy";

    fn from_stored(wire: pb::DiscountPolicy) -> Option<PolicyRule> {
        policy_from_wire(&wire).ok().map(PolicyRule)
    }
}

/// Reads a policy.
pub fn policy_from_wire(wire: &pb::DiscountPolicy) -> Result<DiscountPolicy, Unreadable> {
    let stacking = match wire.stacking() {
        pb::DiscountStacking::Unspecified => return Err(Unreadable("stacking")),
        pb::DiscountStacking::Running => Stacking::Running,
        pb::DiscountStacking::Initial => Stacking::Initial,
    };
    Ok(DiscountPolicy {
        stacking,
        max_total_per_mille: i64::from(wire.max_total_per_mille),
        floor_per_mille: i64::from(wire.floor_per_mille),
    })
}

/// Reads a discount.
pub(super) fn discount(wire: &pb::Discount) -> Result<Discount, Unreadable> {
    let off = match wire.off.as_ref().ok_or(Unreadable("discounts"))? {
        pb::discount::Off::PerMille(per_mille) => Off::PerMille(i64::from(*per_mille)),
        pb::discount::Off::MinorUnits(minor_units) => Off::MinorUnits(*minor_units),
        pb::discount::Off::Level(level) => Off::Level(level.ladder.clone()),
    };
    Ok(Discount {
        off,
        lines: wire.lines.as_ref().map(line_filter),
        max_minor_units: (wire.max_minor_units > 0).then_some(wire.max_minor_units),
    })
}
