//! How far a member is with what a level asks for.

use jiff::{Timestamp, civil::Date};

use super::{Ladder, LadderVersions, Level, Metrics, Requirement, RequirementSet, Standing};

/// How far a member is with a requirement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// The requirement.
    pub requirement: Requirement,
    /// What counts now.
    pub current: i64,
    /// What is missing; 0 when it is met.
    pub missing: i64,
}

/// How far a member is with one way into a level.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProgressSet {
    /// What must all be met.
    pub all_of: Vec<Progress>,
}

/// The way to the next level.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NextLevel {
    /// The level's code.
    pub level: String,
    /// The ways in; any one of them suffices.
    pub any_of: Vec<ProgressSet>,
}

/// Returns what is missing for the level above the one on which the member stands; nothing on the highest.
pub fn next_level(
    versions: &LadderVersions,
    metrics: &Metrics,
    standing: &Standing,
    now: Timestamp,
) -> Option<NextLevel> {
    let ladder = &versions.in_force(now).ladder;
    let rank = ladder.rank_of(standing.stands_on()).unwrap_or(0);
    let level = ladder.levels().get(rank + 1)?;
    Some(NextLevel {
        level: level.code.clone(),
        any_of: progress(level, metrics, metrics.day_of(now)),
    })
}

/// Returns how far a member is with each way into a level.
pub(super) fn progress(level: &Level, metrics: &Metrics, today: Date) -> Vec<ProgressSet> {
    let progress_set = |set: &RequirementSet| ProgressSet {
        all_of: set
            .all_of
            .iter()
            .map(|requirement| Progress::of(requirement, metrics, today))
            .collect(),
    };
    level.any_of.iter().map(progress_set).collect()
}

/// Returns the place of the highest level whose requirements are met. The lowest asks for nothing.
pub(super) fn qualified_rank(ladder: &Ladder, metrics: &Metrics, today: Date) -> usize {
    let is_met = |level: &Level| level.any_of.iter().any(|set| set.is_met(metrics, today));
    ladder.levels().iter().rposition(is_met).unwrap_or(0)
}

impl Progress {
    fn of(requirement: &Requirement, metrics: &Metrics, today: Date) -> Progress {
        let current = metrics.sum(requirement.metric, requirement.window, today);
        Progress {
            requirement: *requirement,
            current,
            missing: (requirement.at_least - current).max(0),
        }
    }
}

impl ProgressSet {
    /// Tells whether nothing is missing.
    pub fn is_met(&self) -> bool {
        self.all_of.iter().all(|progress| progress.missing == 0)
    }
}

impl RequirementSet {
    fn is_met(&self, metrics: &Metrics, today: Date) -> bool {
        let is_met = |asked: &Requirement| metrics.sum(asked.metric, asked.window, today) >= asked.at_least;
        self.all_of.iter().all(is_met)
    }
}
