//! Brings a member's standing up to an instant.
//!
//! Between two events nothing can lift a member but a new version of the ladder, and nothing can lower them but a review;
//! both have an instant of their own and are judged there. So the outcome does not depend on who looks, how often or when.

use jiff::{Timestamp, civil::Date};

use super::{
    DowngradePolicy, LadderVersion, LadderVersions, Metrics, ProgressSet, Standing, TierChange, TierChangeCause,
    progress::{progress, qualified_rank},
    standing::term_end,
};

/// Returns where a member stands at `now`, and what changed on the way there, in order.
///
/// Whatever fell due since is judged first, each at its own instant; then the member enters the highest level whose
/// requirements are met now. A standing is never judged before it began.
pub fn evaluate(
    versions: &LadderVersions,
    metrics: &Metrics,
    standing: &Standing,
    now: Timestamp,
) -> (Standing, Vec<TierChange>) {
    let mut case = Case {
        versions,
        metrics,
        standing: standing.clone(),
        changes: Vec::new(),
    };
    while let Some(due) = due_at(versions, &case.standing).filter(|due| *due < now) {
        case.judge(due);
    }
    case.judge(now);
    (case.standing, case.changes)
}

/// Returns when the standing must be judged again although the member does nothing: at a review or a new version.
pub fn due_at(versions: &LadderVersions, standing: &Standing) -> Option<Timestamp> {
    let next_version = versions.next_from(standing.ladder_version);
    standing.valid_until.into_iter().chain(next_version).min()
}

struct Case<'a> {
    versions: &'a LadderVersions,
    metrics: &'a Metrics,
    standing: Standing,
    changes: Vec<TierChange>,
}

/// A place on a version of the ladder at an instant.
#[derive(Clone, Copy)]
struct Moment<'a> {
    version: &'a LadderVersion,
    at: Timestamp,
    today: Date,
    rank: usize,
    qualified: usize,
}

impl<'a> Case<'a> {
    fn judge(&mut self, at: Timestamp) {
        let moment = self.moment(at.max(self.standing.since));
        self.apply_version(moment);
        if self.standing.valid_until.is_some_and(|end| end <= moment.at) {
            self.review(moment);
        }
        if moment.qualified > moment.rank {
            self.enter(moment, moment.qualified, TierChangeCause::Qualified);
        }
    }

    fn moment(&self, at: Timestamp) -> Moment<'a> {
        let version = self.versions.in_force(at);
        let today = self.metrics.day_of(at);
        let rank = version.ladder.rank_of(&self.standing.level).unwrap_or(0);
        let qualified = qualified_rank(&version.ladder, self.metrics, today);
        Moment {
            version,
            at,
            today,
            rank,
            qualified,
        }
    }

    /// Judges by the version in force from here on. Where it makes the member's level the lowest, or no longer the lowest,
    /// a term ends or begins with it; any other term runs on as it was promised.
    fn apply_version(&mut self, moment: Moment) {
        self.standing.ladder_version = moment.version.version;
        if moment.rank == 0 {
            self.standing.valid_until = None;
        } else if self.standing.valid_until.is_none() {
            self.standing.valid_until = self.next_review(moment);
        }
    }

    fn review(&mut self, moment: Moment) {
        let (rank, qualified) = (moment.rank, moment.qualified);
        let below = match moment.version.ladder.review().downgrade {
            DowngradePolicy::Never => rank,
            DowngradePolicy::OneLevel => rank.saturating_sub(1),
            DowngradePolicy::ToQualified => qualified,
        };
        if qualified >= rank || below == rank {
            self.enter(moment, rank, TierChangeCause::Renewed);
        } else {
            self.enter(moment, below, TierChangeCause::ReviewedDown);
        }
    }

    /// Puts the member on a level, for a term that starts now.
    fn enter(&mut self, moment: Moment, to_rank: usize, cause: TierChangeCause) {
        let level = &moment.version.ladder.levels()[to_rank];
        let from_level = std::mem::replace(&mut self.standing.level, level.code.clone());
        if cause != TierChangeCause::Renewed {
            self.standing.since = moment.at;
        }
        self.standing.valid_until = if to_rank == 0 { None } else { self.next_review(moment) };
        self.changes.push(TierChange {
            ladder: moment.version.ladder.code().to_owned(),
            from_level: Some(from_level),
            to_level: level.code.clone(),
            to_rank,
            cause,
            reasons: self.reasons(moment, cause),
            benefits: level.benefits.clone(),
            occurred_at: moment.at,
            valid_until: self.standing.valid_until,
            ladder_version: moment.version.version,
        });
    }

    fn next_review(&self, moment: Moment) -> Option<Timestamp> {
        let after_months = moment.version.ladder.review().after_months;
        term_end(self.standing.since, moment.at, after_months, self.metrics.zone())
    }

    /// Returns the ways in that were met; where none was, how far the member is with each.
    fn reasons(&self, moment: Moment, cause: TierChangeCause) -> Vec<ProgressSet> {
        let judged = if cause == TierChangeCause::Qualified {
            moment.qualified
        } else {
            moment.rank
        };
        let ways = progress(&moment.version.ladder.levels()[judged], self.metrics, moment.today);
        let met: Vec<_> = ways.iter().filter(|way| way.is_met()).cloned().collect();
        if met.is_empty() { ways } else { met }
    }
}
