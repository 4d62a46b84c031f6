//! Campaigns, as they are stored: the message that was published, and what it means.

use std::sync::Arc;

use common::{points::Points, time, versions::Definition};
use proto::campaign as pb;

use super::{
    Unreadable,
    accruals::{cap, ratio},
};
use crate::domain::{Audience, Campaign, Effect, Schedule, Trigger};

/// A campaign, shared by everything that it judges.
pub struct CampaignRule(pub Arc<Campaign>);

impl Definition for CampaignRule {
    type Wire = pb::Campaign;

    const KIND: &'static str = "campaign";

    fn from_stored(wire: pb::Campaign) -> Option<CampaignRule> {
        campaign_from_wire(&wire)
            .ok()
            .map(|campaign| CampaignRule(Arc::new(campaign)))
    }
}

/// Reads a campaign.
pub fn campaign_from_wire(wire: &pb::Campaign) -> Result<Campaign, Unreadable> {
    Ok(Campaign {
        code: wire.code.clone(),
        display_name: wire.display_name.clone(),
        accrual: wire.accrual.clone(),
        trigger: trigger(wire.trigger.as_ref())?,
        schedule: schedule(wire.schedule.as_ref())?,
        audience: wire.audience.as_ref().map(audience).unwrap_or_default(),
        effect: effect(wire.effect.as_ref())?,
        max_points_per_order: cap(wire.max_points_per_order)?,
        priority: wire.priority,
        paused: wire.paused,
    })
}

fn trigger(wire: Option<&pb::Trigger>) -> Result<Trigger, Unreadable> {
    match wire.and_then(|wire| wire.trigger.as_ref()) {
        None => Err(Unreadable("trigger")),
        Some(pb::trigger::Trigger::Purchase(purchase)) => Ok(Trigger::Purchase {
            min_base_minor_units: purchase.min_base_minor_units,
        }),
        Some(pb::trigger::Trigger::Custom(custom)) => Ok(Trigger::Custom {
            kind: custom.kind.clone(),
        }),
    }
}

fn schedule(wire: Option<&pb::Schedule>) -> Result<Schedule, Unreadable> {
    match wire.and_then(|wire| wire.schedule.as_ref()) {
        None => Err(Unreadable("schedule")),
        Some(pb::schedule::Schedule::LastWeekend(_)) => Ok(Schedule::LastWeekend),
        Some(pb::schedule::Schedule::Once(once)) => {
            let start = instant(once.start, Unreadable("schedule.once.start"))?;
            let end = instant(once.end, Unreadable("schedule.once.end"))?;
            Ok(Schedule::Once { start, end })
        }
    }
}

fn instant(wire: Option<prost_types::Timestamp>, otherwise: Unreadable) -> Result<Option<jiff::Timestamp>, Unreadable> {
    wire.map(|at| time::from_wire(at).ok_or(otherwise)).transpose()
}

fn audience(wire: &pb::Audience) -> Audience {
    Audience {
        levels: wire.levels.clone(),
        first_purchase: wire.first_purchase,
        channels: wire.channels.clone(),
    }
}

fn effect(wire: Option<&pb::Effect>) -> Result<Effect, Unreadable> {
    match wire.and_then(|wire| wire.effect) {
        None => Err(Unreadable("effect")),
        Some(pb::effect::Effect::Multiply(factor)) => {
            ratio(factor).map(Effect::Multiply).ok_or(Unreadable("effect.multiply"))
        }
        Some(pb::effect::Effect::AddPoints(points)) => Points::new(points)
            .map(Effect::AddPoints)
            .ok_or(Unreadable("effect.add_points")),
    }
}
