//! Decision receipts, as they are stored and as they travel.

use common::{points::Points, time};
use proto::campaign as pb;

use super::{
    accruals::ratio,
    facts::{facts_from_wire, facts_to_wire, ratio_to_wire},
};
use crate::domain::{
    AccrualDecision, Award, CampaignDecision, Decision, KeptLine, LineMoney, MetricDeltas, NotFired, ReturnedOrder,
};

/// Writes a decision.
pub fn decision_to_wire(decision: &Decision) -> pb::Decision {
    let returned = decision.returned.as_ref();
    pb::Decision {
        facts: Some(facts_to_wire(&decision.facts)),
        accruals: decision.accruals.iter().map(accrual_to_wire).collect(),
        awards: decision.awards.iter().map(award_to_wire).collect(),
        metrics: Some(metrics_to_wire(&decision.metrics)),
        purchase_activity_id: returned
            .map(|returned| returned.purchase_activity_id.to_string())
            .unwrap_or_default(),
        kept: returned
            .map(|returned| returned.kept.iter().map(kept_to_wire).collect())
            .unwrap_or_default(),
        engine_version: decision.engine_version,
    }
}

/// Reads a decision.
pub fn decision_from_wire(wire: &pb::Decision) -> Option<Decision> {
    let award = |award: &pb::Award| Award {
        wallet: award.wallet.clone(),
        points: award.points,
    };
    let returned = match wire.purchase_activity_id.as_str() {
        "" => None,
        id => Some(ReturnedOrder {
            purchase_activity_id: id.parse().ok()?,
            kept: wire.kept.iter().map(kept_from_wire).collect(),
        }),
    };
    Some(Decision {
        facts: facts_from_wire(wire.facts.as_ref()?)?,
        accruals: wire.accruals.iter().map(accrual_from_wire).collect::<Option<_>>()?,
        awards: wire.awards.iter().map(award).collect(),
        metrics: metrics_from_wire(wire.metrics.as_ref()?)?,
        returned,
        engine_version: wire.engine_version,
    })
}

/// Writes an award.
pub fn award_to_wire(award: &Award) -> pb::Award {
    pb::Award {
        wallet: award.wallet.clone(),
        points: award.points,
    }
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
        campaigns: decision.campaigns.iter().map(campaign_to_wire).collect(),
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
        campaigns: wire.campaigns.iter().map(campaign_from_wire).collect::<Option<_>>()?,
        tier_factor: ratio(wire.tier_factor?)?,
        factor: ratio(wire.factor?)?,
        rounded_points: Points::new(wire.rounded_points)?,
        added_points: Points::new(wire.added_points)?,
        capped_points: Points::new(wire.capped_points)?,
        points: Points::new(wire.points)?,
    })
}

fn campaign_to_wire(decision: &CampaignDecision) -> pb::CampaignDecision {
    let not_fired = match decision.not_fired {
        None => pb::NotFiredReason::Unspecified,
        Some(NotFired::Paused) => pb::NotFiredReason::Paused,
        Some(NotFired::OtherTrigger) => pb::NotFiredReason::OtherTrigger,
        Some(NotFired::OutsideSchedule) => pb::NotFiredReason::OutsideSchedule,
        Some(NotFired::OtherLevel) => pb::NotFiredReason::OtherLevel,
        Some(NotFired::NotFirstPurchase) => pb::NotFiredReason::NotFirstPurchase,
        Some(NotFired::OtherChannel) => pb::NotFiredReason::OtherChannel,
        Some(NotFired::BelowMinimum) => pb::NotFiredReason::BelowMinimum,
    };
    pb::CampaignDecision {
        campaign: decision.campaign.clone(),
        version: decision.version,
        fired: decision.not_fired.is_none(),
        not_fired: not_fired.into(),
        points: decision.points.get(),
        capped_points: decision.capped_points.get(),
    }
}

fn campaign_from_wire(wire: &pb::CampaignDecision) -> Option<CampaignDecision> {
    let not_fired = match wire.not_fired() {
        pb::NotFiredReason::Unspecified => None,
        pb::NotFiredReason::Paused => Some(NotFired::Paused),
        pb::NotFiredReason::OtherTrigger => Some(NotFired::OtherTrigger),
        pb::NotFiredReason::OutsideSchedule => Some(NotFired::OutsideSchedule),
        pb::NotFiredReason::OtherLevel => Some(NotFired::OtherLevel),
        pb::NotFiredReason::NotFirstPurchase => Some(NotFired::NotFirstPurchase),
        pb::NotFiredReason::OtherChannel => Some(NotFired::OtherChannel),
        pb::NotFiredReason::BelowMinimum => Some(NotFired::BelowMinimum),
    };
    Some(CampaignDecision {
        campaign: wire.campaign.clone(),
        version: wire.version,
        not_fired,
        points: Points::new(wire.points)?,
        capped_points: Points::new(wire.capped_points)?,
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
