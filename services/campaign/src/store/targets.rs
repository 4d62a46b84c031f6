//! Targets, as they are stored: the message that was published, and what it means.

use std::sync::Arc;

use common::{time, versions::Definition, versions::Version};
use jiff::civil::Date;
use proto::campaign as pb;

use super::{Unreadable, accruals::ratio};
use crate::domain::{CalendarPeriod, Contradiction, Measured, Target};

/// A target, shared by everything that asks for it.
pub struct TargetRule(pub Arc<Target>);

impl Definition for TargetRule {
    type Wire = pb::Target;

    const KIND: &'static str = "target";

    fn from_stored(wire: pb::Target) -> Option<TargetRule> {
        target_from_wire(&wire).ok().map(|target| TargetRule(Arc::new(target)))
    }
}

/// Reads a target.
pub fn target_from_wire(wire: &pb::Target) -> Result<Target, Unreadable> {
    let goal = wire.goal.unwrap_or_default();
    let baseline = |baseline: &pb::Baseline| -> Result<(Date, i64), Unreadable> {
        let starts_on = baseline.starts_on.parse();
        Ok((
            starts_on.map_err(|_| Unreadable("baselines.starts_on"))?,
            baseline.value,
        ))
    };
    Ok(Target {
        code: wire.code.clone(),
        measure: measure(wire.measure())?,
        period: period(wire.period())?,
        value: goal.value,
        growth: match goal.growth {
            None => None,
            Some(growth) => Some(ratio(growth).ok_or(Unreadable("goal.growth"))?),
        },
        baselines: wire.baselines.iter().map(baseline).collect::<Result<_, _>>()?,
        is_retired: wire.retired,
    })
}

/// Tells everything that makes a target impossible.
pub fn target_contradictions(wire: &pb::Target) -> Vec<Contradiction> {
    target_from_wire(wire).map_or_else(|_| Vec::new(), |target| target.contradictions())
}

/// Writes a version of a target.
pub fn target_version_to_wire(version: &Version<TargetRule>) -> pb::TargetVersion {
    pb::TargetVersion {
        target: Some(version.wire.clone()),
        version: version.version,
        effective_from: Some(time::to_wire(version.effective_from)),
    }
}

fn measure(wire: pb::Measure) -> Result<Measured, Unreadable> {
    Ok(match wire {
        pb::Measure::Unspecified => return Err(Unreadable("measure")),
        pb::Measure::Members => Measured::Members,
        pb::Measure::NewMembers => Measured::NewMembers,
        pb::Measure::ActiveMembers => Measured::ActiveMembers,
        pb::Measure::Orders => Measured::Orders,
        pb::Measure::Spend => Measured::Spend,
        pb::Measure::AverageOrder => Measured::AverageOrder,
        pb::Measure::SpendPerMember => Measured::SpendPerMember,
        pb::Measure::PointsAwarded => Measured::PointsAwarded,
    })
}

fn period(wire: pb::CalendarPeriod) -> Result<CalendarPeriod, Unreadable> {
    Ok(match wire {
        pb::CalendarPeriod::Unspecified => return Err(Unreadable("period")),
        pb::CalendarPeriod::Month => CalendarPeriod::Month,
        pb::CalendarPeriod::Quarter => CalendarPeriod::Quarter,
        pb::CalendarPeriod::Year => CalendarPeriod::Year,
    })
}
