//! Ladders, standings and changes as they travel in answers, in the feed and to the store.

use common::{ids::MemberId, ratio::Ratio, time};
use jiff::Timestamp;
use proto::{
    campaign as campaigns,
    tier::{self as pb, metric_window::Window},
    value,
};

use crate::domain::{
    Benefits, Contradiction, DowngradePolicy, GrantKey, GrantedLevel, Ladder, Level, LevelGrant, Metric, MetricWindow,
    NextLevel, NotGranted, Progress, ProgressSet, Requirement, RequirementSet, Review, TierChange, TierChangeCause,
    ToLevel,
};

/// Reads a ladder that keeps the rules of the contract; nothing when it does not. A ladder may still contradict itself.
pub fn read_ladder(wire: &pb::Ladder) -> Option<Result<Ladder, Vec<Contradiction>>> {
    let levels = wire.levels.iter().map(read_level).collect::<Option<_>>()?;
    let review = wire.review?;
    let downgrade = match review.downgrade() {
        pb::DowngradePolicy::Unspecified => return None,
        pb::DowngradePolicy::Never => DowngradePolicy::Never,
        pb::DowngradePolicy::OneLevel => DowngradePolicy::OneLevel,
        pb::DowngradePolicy::ToQualified => DowngradePolicy::ToQualified,
    };
    let review = Review {
        after_months: u16::try_from(review.after_months).ok()?,
        downgrade,
    };
    Some(Ladder::new(
        wire.code.clone(),
        wire.display_name.clone(),
        levels,
        review,
    ))
}

fn read_level(wire: &pb::Level) -> Option<Level> {
    let set = |set: &pb::RequirementSet| {
        let all_of = set.all_of.iter().map(read_requirement).collect::<Option<_>>()?;
        Some(RequirementSet { all_of })
    };
    Some(Level {
        code: wire.code.clone(),
        display_name: wire.display_name.clone(),
        any_of: wire.any_of.iter().map(set).collect::<Option<_>>()?,
        benefits: wire
            .benefits
            .as_ref()
            .map_or(Some(Benefits::default()), read_benefits)?,
    })
}

fn read_requirement(wire: &pb::Requirement) -> Option<Requirement> {
    let window = match wire.window?.window? {
        Window::Lifetime(_) => MetricWindow::Lifetime,
        Window::CalendarYear(_) => MetricWindow::CalendarYear,
        Window::RollingDays(rolling) => MetricWindow::RollingDays(u16::try_from(rolling.days).ok()?),
    };
    Some(Requirement {
        metric: read_metric(wire.metric())?,
        window,
        at_least: wire.at_least,
    })
}

/// Reads what is counted; nothing when it was not chosen.
pub fn read_metric(wire: pb::Metric) -> Option<Metric> {
    match wire {
        pb::Metric::Unspecified => None,
        pb::Metric::Spend => Some(Metric::Spend),
        pb::Metric::Orders => Some(Metric::Orders),
        pb::Metric::PointsEarned => Some(Metric::PointsEarned),
    }
}

fn read_benefits(wire: &pb::Benefits) -> Option<Benefits> {
    let accrual_factor = wire
        .accrual_factor
        .map_or(Some(Ratio::ONE), |ratio| Ratio::new(ratio.num, ratio.den))?;
    Some(Benefits {
        accrual_factor,
        discount_per_mille: u16::try_from(wire.discount_per_mille).ok()?,
        entitlements: wire.entitlements.clone(),
    })
}

/// Writes what a level gives.
pub fn benefits(benefits: &Benefits) -> pb::Benefits {
    let factor = benefits.accrual_factor;
    pb::Benefits {
        accrual_factor: factor
            .num()
            .zip(factor.den())
            .map(|(num, den)| value::Ratio { num, den }),
        discount_per_mille: i32::from(benefits.discount_per_mille),
        entitlements: benefits.entitlements.clone(),
    }
}

/// Writes the way to the next level.
pub fn next_level(next: NextLevel) -> pb::NextLevel {
    pb::NextLevel {
        level: next.level,
        any_of: next.any_of.iter().map(progress_set).collect(),
    }
}

/// Writes a change of a member's level.
pub fn tier_change(member_id: MemberId, change: &TierChange) -> pb::TierChange {
    let cause = match change.cause {
        TierChangeCause::Enrolled => pb::TierChangeCause::Enrolled,
        TierChangeCause::Qualified => pb::TierChangeCause::Qualified,
        TierChangeCause::Renewed => pb::TierChangeCause::Renewed,
        TierChangeCause::ReviewedDown => pb::TierChangeCause::ReviewedDown,
        TierChangeCause::Granted => pb::TierChangeCause::Granted,
        TierChangeCause::GrantEnded => pb::TierChangeCause::GrantEnded,
        TierChangeCause::GrantRevoked => pb::TierChangeCause::GrantRevoked,
    };
    pb::TierChange {
        member_id: member_id.to_string(),
        ladder: change.ladder.clone(),
        from_level: change.from_level.clone().unwrap_or_default(),
        to_level: change.to_level.clone(),
        to_rank: rank(change.to_rank),
        cause: cause.into(),
        reasons: change.reasons.iter().map(progress_set).collect(),
        benefits: Some(benefits(&change.benefits)),
        occurred_at: Some(time::to_wire(change.occurred_at)),
        valid_until: change.valid_until.map(time::to_wire),
        ladder_version: change.ladder_version,
        granted: change
            .granted
            .as_ref()
            .map(|(granted, own_level)| granted_level(granted, own_level)),
    }
}

/// Writes whose gift a level is.
pub fn granted_level(granted: &GrantedLevel, own_level: &str) -> pb::GrantedLevel {
    pb::GrantedLevel {
        activity_id: granted.key.activity_id.to_string(),
        campaign: granted.key.campaign.clone(),
        grant: granted.key.grant,
        ends_at: granted.ends_at.map(time::to_wire),
        own_level: own_level.to_owned(),
    }
}

/// Reads a level that a campaign gave or takes back, for an activity that happened then; nothing when it is something else.
pub fn read_grant(wire: &campaigns::Given, activity_id: &str, given_at: Timestamp) -> Option<LevelGrant> {
    let campaigns::grant::Grant::Level(level) = wire.gives.as_ref()?.grant.as_ref()? else {
        return None;
    };
    let given_for = if wire.activity_id.is_empty() {
        activity_id
    } else {
        &wire.activity_id
    };
    let to = match level.to.as_ref()? {
        campaigns::level_grant::To::LevelsUp(levels) => ToLevel::Up(usize::try_from(*levels).ok()?),
        campaigns::level_grant::To::Level(level) => ToLevel::Level(level.clone()),
    };
    Some(LevelGrant {
        key: GrantKey {
            activity_id: given_for.parse().ok()?,
            campaign: wire.campaign.clone(),
            grant: wire.grant,
        },
        ladder: level.ladder.clone(),
        to,
        given_at,
        lasts_days: (level.lasts_days > 0).then_some(level.lasts_days),
    })
}

/// Writes that a level which a campaign gave comes to nothing.
pub fn level_grant_ignored(member_id: MemberId, given: &LevelGrant, reason: NotGranted) -> pb::LevelGrantIgnored {
    let reason = match reason {
        NotGranted::LadderNotFound => pb::LevelGrantIgnoredReason::LadderNotFound,
        NotGranted::LevelNotFound => pb::LevelGrantIgnoredReason::LevelNotFound,
        NotGranted::Over => pb::LevelGrantIgnoredReason::Over,
        NotGranted::MemberClosed => pb::LevelGrantIgnoredReason::MemberClosed,
    };
    pb::LevelGrantIgnored {
        member_id: member_id.to_string(),
        activity_id: given.key.activity_id.to_string(),
        campaign: given.key.campaign.clone(),
        grant: given.key.grant,
        ladder: given.ladder.clone(),
        reason: reason.into(),
    }
}

/// Writes a place on a ladder, of which there are few.
pub fn rank(rank: usize) -> i32 {
    i32::try_from(rank).unwrap_or(i32::MAX)
}

fn progress_set(set: &ProgressSet) -> pb::ProgressSet {
    pb::ProgressSet {
        all_of: set.all_of.iter().map(progress).collect(),
    }
}

fn progress(progress: &Progress) -> pb::Progress {
    let requirement = requirement(&progress.requirement);
    pb::Progress {
        requirement: Some(requirement),
        current: progress.current,
        missing: progress.missing,
    }
}

fn requirement(requirement: &Requirement) -> pb::Requirement {
    let metric = match requirement.metric {
        Metric::Spend => pb::Metric::Spend,
        Metric::Orders => pb::Metric::Orders,
        Metric::PointsEarned => pb::Metric::PointsEarned,
    };
    let window = match requirement.window {
        MetricWindow::Lifetime => Window::Lifetime(pb::LifetimeWindow {}),
        MetricWindow::CalendarYear => Window::CalendarYear(pb::CalendarYearWindow {}),
        MetricWindow::RollingDays(days) => Window::RollingDays(pb::RollingDaysWindow { days: i32::from(days) }),
    };
    pb::Requirement {
        metric: metric.into(),
        window: Some(pb::MetricWindow { window: Some(window) }),
        at_least: requirement.at_least,
    }
}
