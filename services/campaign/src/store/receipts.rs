//! Decision receipts, as they are stored and as they travel.

use common::{points::Points, time};
use proto::campaign as pb;

use super::{
    accruals::ratio,
    facts::{facts_from_wire, facts_to_wire, ratio_to_wire},
    given::{given_from_wire, given_to_wire, standing_from_wire, standing_to_wire},
};
use crate::domain::{
    AccrualDecision, Award, CampaignDecision, Charge, Contribution, Cost, Credit, Decision, Destination, GroupUsed,
    KeptLine, LineMoney, MetricDeltas, NotFired, ReturnedOrder, Unmet,
};

/// Writes a decision.
pub fn decision_to_wire(decision: &Decision) -> pb::Decision {
    let returned = decision.returned.as_ref();
    pb::Decision {
        facts: Some(facts_to_wire(&decision.facts)),
        campaigns: decision.campaigns.iter().map(campaign_to_wire).collect(),
        accruals: decision.accruals.iter().map(accrual_to_wire).collect(),
        awards: decision.awards.iter().map(award_to_wire).collect(),
        metrics: Some(metrics_to_wire(&decision.metrics)),
        purchase_activity_id: returned
            .map(|returned| returned.purchase_activity_id.to_string())
            .unwrap_or_default(),
        kept: returned
            .map(|returned| returned.kept.iter().map(kept_to_wire).collect())
            .unwrap_or_default(),
        reversed: returned
            .map(|returned| returned.reversed.iter().map(credit_to_wire).collect())
            .unwrap_or_default(),
        standing: returned
            .map(|returned| returned.standing.iter().map(credit_to_wire).collect())
            .unwrap_or_default(),
        groups: decision.groups.iter().map(group_to_wire).collect(),
        charges: decision.charges.iter().map(charge_to_wire).collect(),
        given: decision.given.iter().map(given_to_wire).collect(),
        revoked: returned
            .map(|returned| returned.revoked.iter().map(standing_to_wire).collect())
            .unwrap_or_default(),
        standing_given: returned
            .map(|returned| returned.standing_given.iter().map(standing_to_wire).collect())
            .unwrap_or_default(),
        engine_version: decision.engine_version,
    }
}

/// Reads a decision.
pub fn decision_from_wire(wire: &pb::Decision) -> Option<Decision> {
    let returned = match wire.purchase_activity_id.as_str() {
        "" => None,
        id => Some(ReturnedOrder {
            purchase_activity_id: id.parse().ok()?,
            kept: wire.kept.iter().map(kept_from_wire).collect(),
            reversed: wire.reversed.iter().map(credit_from_wire).collect::<Option<_>>()?,
            standing: wire.standing.iter().map(credit_from_wire).collect::<Option<_>>()?,
            revoked: wire.revoked.iter().map(standing_from_wire).collect::<Option<_>>()?,
            standing_given: wire
                .standing_given
                .iter()
                .map(standing_from_wire)
                .collect::<Option<_>>()?,
        }),
    };
    Some(Decision {
        facts: facts_from_wire(wire.facts.as_ref()?)?,
        campaigns: wire.campaigns.iter().map(campaign_from_wire).collect(),
        accruals: wire.accruals.iter().map(accrual_from_wire).collect::<Option<_>>()?,
        awards: wire.awards.iter().map(award_from_wire).collect::<Option<_>>()?,
        given: wire.given.iter().map(given_from_wire).collect::<Option<_>>()?,
        metrics: metrics_from_wire(wire.metrics.as_ref()?)?,
        returned,
        groups: wire.groups.iter().map(group_from_wire).collect(),
        charges: wire.charges.iter().map(charge_from_wire).collect::<Option<_>>()?,
        engine_version: wire.engine_version,
    })
}

/// Writes an award.
pub fn award_to_wire(award: &Award) -> pb::Award {
    pb::Award {
        wallet: award.to.wallet.clone(),
        points: award.points,
        funder: award.to.funder.clone().unwrap_or_default(),
        activates_at: award.to.activates_at.map(time::to_wire),
    }
}

fn award_from_wire(wire: &pb::Award) -> Option<Award> {
    Some(Award {
        to: destination(&wire.wallet, &wire.funder, wire.activates_at)?,
        points: wire.points,
    })
}

fn destination(wallet: &str, funder: &str, activates_at: Option<prost_types::Timestamp>) -> Option<Destination> {
    Some(Destination {
        wallet: wallet.to_owned(),
        funder: (!funder.is_empty()).then(|| funder.to_owned()),
        activates_at: match activates_at {
            None => None,
            Some(at) => Some(time::from_wire(at)?),
        },
    })
}

/// Writes what an activity adds to metrics.
pub fn metrics_to_wire(metrics: &MetricDeltas) -> pb::MetricDeltas {
    pb::MetricDeltas {
        spend_minor_units: metrics.spend_minor_units,
        orders: metrics.orders,
        points_earned: metrics.points_earned,
        counted_at: Some(time::to_wire(metrics.counted_at)),
    }
}

fn metrics_from_wire(wire: &pb::MetricDeltas) -> Option<MetricDeltas> {
    Some(MetricDeltas {
        spend_minor_units: wire.spend_minor_units,
        orders: wire.orders,
        points_earned: wire.points_earned,
        counted_at: time::from_wire(wire.counted_at?)?,
    })
}

fn accrual_to_wire(decision: &AccrualDecision) -> pb::AccrualDecision {
    pb::AccrualDecision {
        accrual: decision.accrual.clone(),
        version: decision.version,
        wallet: decision.wallet.clone(),
        base_minor_units: decision.base_minor_units,
        base_points: Some(ratio_to_wire(decision.base_points)),
        contributions: decision.contributions.iter().map(contribution_to_wire).collect(),
        tier_factor: Some(ratio_to_wire(decision.tier_factor)),
        factor: Some(ratio_to_wire(decision.factor)),
        rounded_points: decision.rounded_points.get(),
        added_points: decision.added_points.get(),
        capped_points: decision.capped_points.get(),
        points: decision.points.get(),
    }
}

fn accrual_from_wire(wire: &pb::AccrualDecision) -> Option<AccrualDecision> {
    Some(AccrualDecision {
        accrual: wire.accrual.clone(),
        version: wire.version,
        wallet: wire.wallet.clone(),
        base_minor_units: wire.base_minor_units,
        base_points: ratio(wire.base_points?)?,
        contributions: wire
            .contributions
            .iter()
            .map(contribution_from_wire)
            .collect::<Option<_>>()?,
        tier_factor: ratio(wire.tier_factor?)?,
        factor: ratio(wire.factor?)?,
        rounded_points: Points::new(wire.rounded_points)?,
        added_points: Points::new(wire.added_points)?,
        capped_points: Points::new(wire.capped_points)?,
        points: Points::new(wire.points)?,
    })
}

fn contribution_to_wire(of: &Contribution) -> pb::Contribution {
    pb::Contribution {
        campaign: of.campaign.clone(),
        effect: i32::try_from(of.effect).unwrap_or(i32::MAX),
        points: of.points.get(),
        capped_points: of.capped_points.get(),
    }
}

fn contribution_from_wire(wire: &pb::Contribution) -> Option<Contribution> {
    Some(Contribution {
        campaign: wire.campaign.clone(),
        effect: usize::try_from(wire.effect).ok()?,
        points: Points::new(wire.points)?,
        capped_points: Points::new(wire.capped_points)?,
    })
}

fn credit_to_wire(credit: &Credit) -> pb::Credit {
    pb::Credit {
        activity_id: credit.activity_id.to_string(),
        wallet: credit.to.wallet.clone(),
        points: credit.points,
        funder: credit.to.funder.clone().unwrap_or_default(),
        activates_at: credit.to.activates_at.map(time::to_wire),
        part: credit.part,
    }
}

fn credit_from_wire(wire: &pb::Credit) -> Option<Credit> {
    Some(Credit {
        activity_id: wire.activity_id.parse().ok()?,
        to: destination(&wire.wallet, &wire.funder, wire.activates_at)?,
        part: wire.part,
        points: wire.points,
    })
}

fn charge_to_wire(charge: &Charge) -> pb::Charge {
    pb::Charge {
        budget: charge.budget.clone(),
        starts_on: charge.starts_on.to_string(),
        minor_units: charge.by.minor_units,
        over_minor_units: charge.by.over_minor_units,
        standing_minor_units: charge.standing.minor_units,
        standing_over_minor_units: charge.standing.over_minor_units,
    }
}

fn charge_from_wire(wire: &pb::Charge) -> Option<Charge> {
    Some(Charge {
        budget: wire.budget.clone(),
        starts_on: wire.starts_on.parse().ok()?,
        by: Cost {
            minor_units: wire.minor_units,
            over_minor_units: wire.over_minor_units,
        },
        standing: Cost {
            minor_units: wire.standing_minor_units,
            over_minor_units: wire.standing_over_minor_units,
        },
    })
}

pub(super) fn group_to_wire(group: &GroupUsed) -> pb::GroupUsed {
    pb::GroupUsed {
        group: group.group.clone(),
        version: group.version,
    }
}

fn group_from_wire(wire: &pb::GroupUsed) -> GroupUsed {
    GroupUsed {
        group: wire.group.clone(),
        version: wire.version,
    }
}

pub(super) fn campaign_to_wire(decision: &CampaignDecision) -> pb::CampaignDecision {
    let not_fired = decision
        .unmet
        .map_or(pb::NotFiredReason::Unspecified, |unmet| reason_to_wire(unmet.reason));
    pb::CampaignDecision {
        campaign: decision.campaign.clone(),
        version: decision.version,
        fired: decision.unmet.is_none(),
        not_fired: not_fired.into(),
        condition_part: decision.unmet.map_or(0, |unmet| i32::from(unmet.part)),
        because_of: decision.because_of.clone().unwrap_or_default(),
    }
}

fn campaign_from_wire(wire: &pb::CampaignDecision) -> CampaignDecision {
    let unmet = reason_from_wire(wire.not_fired()).map(|reason| Unmet {
        part: u16::try_from(wire.condition_part).unwrap_or(0),
        reason,
    });
    CampaignDecision {
        campaign: wire.campaign.clone(),
        version: wire.version,
        unmet,
        because_of: (!wire.because_of.is_empty()).then(|| wire.because_of.clone()),
    }
}

fn reason_to_wire(reason: NotFired) -> pb::NotFiredReason {
    match reason {
        NotFired::Paused => pb::NotFiredReason::Paused,
        NotFired::OtherTrigger => pb::NotFiredReason::OtherTrigger,
        NotFired::OutsideSchedule => pb::NotFiredReason::OutsideSchedule,
        NotFired::OtherLevel => pb::NotFiredReason::OtherLevel,
        NotFired::NotFirstPurchase => pb::NotFiredReason::NotFirstPurchase,
        NotFired::OtherChannel => pb::NotFiredReason::OtherChannel,
        NotFired::BelowMinimum => pb::NotFiredReason::BelowMinimum,
        NotFired::AboveMaximum => pb::NotFiredReason::AboveMaximum,
        NotFired::OtherStore => pb::NotFiredReason::OtherStore,
        NotFired::OtherPaymentMethod => pb::NotFiredReason::OtherPaymentMethod,
        NotFired::LinesMissing => pb::NotFiredReason::LinesMissing,
        NotFired::OtherAttribute => pb::NotFiredReason::OtherAttribute,
        NotFired::EnrolledTooLongAgo => pb::NotFiredReason::EnrolledTooLongAgo,
        NotFired::NoneOfSeveral => pb::NotFiredReason::NoneOfSeveral,
        NotFired::Excluded => pb::NotFiredReason::Excluded,
        NotFired::LimitReached => pb::NotFiredReason::LimitReached,
        NotFired::ExclusiveTag => pb::NotFiredReason::ExclusiveTag,
        NotFired::NotChosen => pb::NotFiredReason::NotChosen,
        NotFired::BudgetExhausted => pb::NotFiredReason::BudgetExhausted,
        NotFired::NothingLeft => pb::NotFiredReason::NothingLeft,
        NotFired::OtherHistory => pb::NotFiredReason::OtherHistory,
        NotFired::NotInSample => pb::NotFiredReason::NotInSample,
        NotFired::NoMakeUpLeft => pb::NotFiredReason::NoMakeUpLeft,
        NotFired::NotBirthday => pb::NotFiredReason::NotBirthday,
        NotFired::OtherExpression => pb::NotFiredReason::OtherExpression,
        NotFired::ExpressionFailed => pb::NotFiredReason::ExpressionFailed,
        NotFired::NotJoined => pb::NotFiredReason::NotJoined,
    }
}

fn reason_from_wire(wire: pb::NotFiredReason) -> Option<NotFired> {
    Some(match wire {
        pb::NotFiredReason::Unspecified => return None,
        pb::NotFiredReason::Paused => NotFired::Paused,
        pb::NotFiredReason::OtherTrigger => NotFired::OtherTrigger,
        pb::NotFiredReason::OutsideSchedule => NotFired::OutsideSchedule,
        pb::NotFiredReason::OtherLevel => NotFired::OtherLevel,
        pb::NotFiredReason::NotFirstPurchase => NotFired::NotFirstPurchase,
        pb::NotFiredReason::OtherChannel => NotFired::OtherChannel,
        pb::NotFiredReason::BelowMinimum => NotFired::BelowMinimum,
        pb::NotFiredReason::AboveMaximum => NotFired::AboveMaximum,
        pb::NotFiredReason::OtherStore => NotFired::OtherStore,
        pb::NotFiredReason::OtherPaymentMethod => NotFired::OtherPaymentMethod,
        pb::NotFiredReason::LinesMissing => NotFired::LinesMissing,
        pb::NotFiredReason::OtherAttribute => NotFired::OtherAttribute,
        pb::NotFiredReason::EnrolledTooLongAgo => NotFired::EnrolledTooLongAgo,
        pb::NotFiredReason::NoneOfSeveral => NotFired::NoneOfSeveral,
        pb::NotFiredReason::Excluded => NotFired::Excluded,
        pb::NotFiredReason::LimitReached => NotFired::LimitReached,
        pb::NotFiredReason::ExclusiveTag => NotFired::ExclusiveTag,
        pb::NotFiredReason::NotChosen => NotFired::NotChosen,
        pb::NotFiredReason::BudgetExhausted => NotFired::BudgetExhausted,
        pb::NotFiredReason::NothingLeft => NotFired::NothingLeft,
        pb::NotFiredReason::OtherHistory => NotFired::OtherHistory,
        pb::NotFiredReason::NotInSample => NotFired::NotInSample,
        pb::NotFiredReason::NoMakeUpLeft => NotFired::NoMakeUpLeft,
        pb::NotFiredReason::NotBirthday => NotFired::NotBirthday,
        pb::NotFiredReason::OtherExpression => NotFired::OtherExpression,
        pb::NotFiredReason::ExpressionFailed => NotFired::ExpressionFailed,
        pb::NotFiredReason::NotJoined => NotFired::NotJoined,
    })
}

fn kept_to_wire(line: &KeptLine) -> pb::KeptLine {
    pb::KeptLine {
        line_id: line.line_id.clone(),
        gross_minor_units: line.money.gross_minor_units,
        discount_minor_units: line.money.discount_minor_units,
        tax_minor_units: line.money.tax_minor_units,
    }
}

fn kept_from_wire(wire: &pb::KeptLine) -> KeptLine {
    let money = LineMoney {
        gross_minor_units: wire.gross_minor_units,
        discount_minor_units: wire.discount_minor_units,
        tax_minor_units: wire.tax_minor_units,
    };
    KeptLine {
        line_id: wire.line_id.clone(),
        money,
    }
}
