//! Campaigns, as they are stored: the message that was published, and what it means.

use std::sync::Arc;

use common::{points::Points, ratio::Ratio, versions::Definition};
use proto::campaign as pb;

use super::{
    Unreadable,
    accruals::{base, cap, rate, ratio, terms},
    budgets::funding,
    conditions::{condition, line_filter},
    discounts::discount,
    given::grant,
    schedules::schedule,
};
use crate::domain::{
    Campaign, Does, Effect, Expression, Limit, LimitPeriod, MakeUp, Milestone, Names, PointsPer, REPORTED, Streak,
    StreakEnd, Trigger,
};

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
        trigger: trigger(wire.trigger.as_ref())?,
        schedule: wire.schedule.as_ref().map(schedule).transpose()?.unwrap_or_default(),
        condition: wire.condition.as_ref().map(condition).transpose()?,
        effects: wire.effects.iter().map(effect).collect::<Result<_, _>>()?,
        discounts: wire.discounts.iter().map(discount).collect::<Result<_, _>>()?,
        limits: wire.limits.iter().map(limit).collect::<Result<_, _>>()?,
        funding: wire.funding.as_ref().map(funding).transpose()?,
        priority: wire.priority,
        group: (!wire.group.is_empty()).then(|| wire.group.clone()),
        exclusive_tags: Names::new(&wire.exclusive_tags),
        paused: wire.paused,
        make_up: wire.make_up.as_ref().map(make_up),
        grants: wire.grants.iter().map(grant).collect::<Result<_, _>>()?,
    })
}

/// Reads a period; nothing for one that is not chosen.
pub(super) fn period(wire: pb::LimitPeriod) -> Option<LimitPeriod> {
    match wire {
        pb::LimitPeriod::Unspecified => None,
        pb::LimitPeriod::Campaign => Some(LimitPeriod::Campaign),
        pb::LimitPeriod::Day => Some(LimitPeriod::Day),
        pb::LimitPeriod::Week => Some(LimitPeriod::Week),
        pb::LimitPeriod::Month => Some(LimitPeriod::Month),
        pb::LimitPeriod::Quarter => Some(LimitPeriod::Quarter),
        pb::LimitPeriod::Year => Some(LimitPeriod::Year),
    }
}

/// Writes a period.
pub(super) fn period_to_wire(period: LimitPeriod) -> pb::LimitPeriod {
    match period {
        LimitPeriod::Campaign => pb::LimitPeriod::Campaign,
        LimitPeriod::Day => pb::LimitPeriod::Day,
        LimitPeriod::Week => pb::LimitPeriod::Week,
        LimitPeriod::Month => pb::LimitPeriod::Month,
        LimitPeriod::Quarter => pb::LimitPeriod::Quarter,
        LimitPeriod::Year => pb::LimitPeriod::Year,
    }
}

fn trigger(wire: Option<&pb::Trigger>) -> Result<Trigger, Unreadable> {
    match wire.and_then(|wire| wire.trigger.as_ref()) {
        None => Err(Unreadable("trigger")),
        Some(pb::trigger::Trigger::Purchase(pb::PurchaseTrigger {})) => Ok(Trigger::Purchase),
        Some(pb::trigger::Trigger::Custom(custom)) => Ok(Trigger::Custom(custom.kind.clone())),
        Some(pb::trigger::Trigger::Reported(reported)) => {
            let [
                enrolment,
                activation,
                level_change,
                birthday,
                points_expiring,
                referral,
                referred,
            ] = REPORTED;
            let kind = match reported.kind() {
                pb::ReportedKind::Unspecified => return Err(Unreadable("trigger.reported.kind")),
                pb::ReportedKind::Enrolment => enrolment,
                pb::ReportedKind::Activation => activation,
                pb::ReportedKind::LevelChange => level_change,
                pb::ReportedKind::Birthday => birthday,
                pb::ReportedKind::PointsExpiring => points_expiring,
                pb::ReportedKind::Referral => referral,
                pb::ReportedKind::Referred => referred,
            };
            Ok(Trigger::Custom(kind.to_owned()))
        }
    }
}

fn effect(wire: &pb::Effect) -> Result<Effect, Unreadable> {
    let unreadable = Unreadable("effects");
    let does = match wire.effect.as_ref().ok_or(unreadable)? {
        pb::effect::Effect::Multiply(multiply) => Does::Multiply {
            factor: multiply.factor.and_then(ratio).ok_or(unreadable)?,
            lines: multiply.lines.as_ref().map(line_filter),
        },
        pb::effect::Effect::AddPoints(add) => Does::AddPoints {
            points: Points::new(add.points).ok_or(unreadable)?,
            per: match add.per() {
                pb::PointsPer::Unspecified => PointsPer::Activity,
                pb::PointsPer::Line => PointsPer::Line,
                pb::PointsPer::Piece => PointsPer::Piece,
            },
            lines: add.lines.as_ref().map(line_filter),
        },
        pb::effect::Effect::Earn(earn) => Does::Earn {
            rate: rate(earn.rate.as_ref().ok_or(unreadable)?)?,
            base: earn.base.as_ref().map(base).transpose()?,
            lines: earn.lines.as_ref().map(line_filter),
        },
        pb::effect::Effect::Streak(wire) => Does::Streak(streak(wire)?),
        pb::effect::Effect::Formula(formula) => Does::Formula(Expression::formula(&formula.points)),
    };
    Ok(Effect {
        accrual: wire.accrual.clone(),
        does,
        max_points: cap(wire.max_points)?,
        terms: wire.terms.as_ref().map(terms).transpose()?,
        cost_per_point: match wire.cost_per_point {
            None => None,
            Some(cost) => Some(ratio(cost).filter(|cost| *cost >= Ratio::ZERO).ok_or(unreadable)?),
        },
    })
}

fn streak(wire: &pb::StreakEffect) -> Result<Streak, Unreadable> {
    let milestone = |milestone: &pb::Milestone| Milestone {
        days: i64::from(milestone.days),
        points: milestone.points,
    };
    Ok(Streak {
        points_by_day: wire.points_by_day.clone(),
        end: match wire.end() {
            pb::StreakEnd::Unspecified => return Err(Unreadable("effects")),
            pb::StreakEnd::BeginAgain => StreakEnd::BeginAgain,
            pb::StreakEnd::Stay => StreakEnd::Stay,
        },
        within: period(wire.within()),
        milestones: wire.milestones.iter().map(milestone).collect(),
    })
}

fn make_up(wire: &pb::MakeUp) -> MakeUp {
    MakeUp {
        kind: wire.kind.clone(),
        days_per_month: i64::from(wire.days_per_month),
    }
}

fn limit(wire: &pb::Limit) -> Result<Limit, Unreadable> {
    Ok(Limit {
        period: period(wire.period()).ok_or(Unreadable("limits"))?,
        times: (wire.times > 0).then_some(wire.times),
        points: cap(wire.points)?,
    })
}
