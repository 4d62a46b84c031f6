//! Brings a member's standing up to an instant.
//!
//! Between two events nothing can lift a member but a new version of the ladder, and nothing can lower them but a review, or the end of a level that
//! they were granted; each has an instant of its own and is judged there. So the outcome does not depend on who looks, how often or when.

use jiff::{Timestamp, civil::Date};

use super::{
    DowngradePolicy, GrantKey, GrantedLevel, LadderVersion, LadderVersions, LevelGrant, Metrics, NotGranted,
    ProgressSet, Standing, TierChange, TierChangeCause,
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
    let mut case = Case::new(versions, metrics, standing);
    while let Some(due) = due_at(versions, &case.standing).filter(|due| *due < now) {
        case.judge(due);
    }
    case.judge(now);
    (case.standing, case.changes)
}

/// Grants a level to a member who has been judged up to now, and returns where they stand then and what changed; or why not.
pub fn grant(
    versions: &LadderVersions,
    metrics: &Metrics,
    standing: &Standing,
    given: &LevelGrant,
    now: Timestamp,
) -> Result<(Standing, Vec<TierChange>), NotGranted> {
    let mut case = Case::new(versions, metrics, standing);
    let moment = case.moment(now);
    let ladder = &moment.version.ladder;
    let granted = given.grant(ladder, case.standing.stands_on(), metrics.zone(), now)?;
    case.standing.grants.add(granted);
    case.stand(moment, TierChangeCause::Granted);
    Ok((case.standing, case.changes))
}

/// Takes a level back that a member was granted, who has been judged up to now; nothing when they have it no more.
pub fn revoke(
    versions: &LadderVersions,
    metrics: &Metrics,
    standing: &Standing,
    key: &GrantKey,
    now: Timestamp,
) -> Option<(Standing, Vec<TierChange>)> {
    let mut case = Case::new(versions, metrics, standing);
    let moment = case.moment(now);
    if !case.standing.grants.revoke(key) {
        return None;
    }
    case.stand(moment, TierChangeCause::GrantRevoked);
    Some((case.standing, case.changes))
}

/// Returns when the standing must be judged again although the member does nothing: at a review, a new version, or when a level that was granted is over.
pub fn due_at(versions: &LadderVersions, standing: &Standing) -> Option<Timestamp> {
    let next_version = versions.next_from(standing.ladder_version);
    let own = standing.valid_until.into_iter();
    own.chain(next_version).chain(standing.grants.next_end()).min()
}

struct Case<'a> {
    versions: &'a LadderVersions,
    metrics: &'a Metrics,
    standing: Standing,
    /// Where the member stood when that was last told: on which level, and by which gift.
    told: (String, Option<GrantedLevel>),
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
    fn new(versions: &'a LadderVersions, metrics: &'a Metrics, standing: &Standing) -> Case<'a> {
        Case {
            versions,
            metrics,
            told: (standing.stands_on().to_owned(), standing.grants.top().cloned()),
            standing: standing.clone(),
            changes: Vec::new(),
        }
    }

    fn judge(&mut self, at: Timestamp) {
        let moment = self.moment(at.max(self.standing.since));
        self.apply_version(moment);
        if self.standing.grants.end(moment.at) {
            self.stand(moment, TierChangeCause::GrantEnded);
        }
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
        let is_new = self.standing.ladder_version != moment.version.version;
        self.standing.ladder_version = moment.version.version;
        if moment.rank == 0 {
            self.standing.valid_until = None;
        } else if self.standing.valid_until.is_none() {
            self.standing.valid_until = self.next_review(moment);
        }
        if is_new && !self.standing.grants.all().is_empty() {
            self.reorder(moment);
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

    /// A version in which levels lie in another order can put one that was granted above the member's own, or below it.
    fn reorder(&mut self, moment: Moment) {
        self.standing.grants.stand(&moment.version.ladder, moment.rank);
        let cause = match self.standing.grants.top() {
            Some(_) => TierChangeCause::Granted,
            None => TierChangeCause::GrantEnded,
        };
        self.stand(moment, cause);
    }

    /// Makes a level the member's own, for a term that starts now.
    fn enter(&mut self, moment: Moment, to_rank: usize, cause: TierChangeCause) {
        self.standing.level = moment.version.ladder.levels()[to_rank].code.clone();
        if cause != TierChangeCause::Renewed {
            self.standing.since = moment.at;
        }
        self.standing.valid_until = if to_rank == 0 { None } else { self.next_review(moment) };
        self.stand(moment, cause);
    }

    /// Puts the member on the level that is theirs now or was granted, and tells it, unless nobody could see a difference.
    fn stand(&mut self, moment: Moment, cause: TierChangeCause) {
        let ladder = &moment.version.ladder;
        let own_rank = ladder.rank_of(&self.standing.level).unwrap_or(0);
        self.standing.grants.stand(ladder, own_rank);
        let granted = self.standing.grants.top().cloned();
        let is_of_own = !matches!(
            cause,
            TierChangeCause::Granted | TierChangeCause::GrantEnded | TierChangeCause::GrantRevoked
        );
        if granted == self.told.1 && (granted.is_some() || !is_of_own) {
            return;
        }
        let to_level = self.standing.stands_on().to_owned();
        let to_rank = ladder.rank_of(&to_level).unwrap_or(0);
        let told = (to_level.clone(), granted.clone());
        let (from_level, _) = std::mem::replace(&mut self.told, told);
        let own_level = granted.is_some().then(|| self.standing.level.clone());
        self.changes.push(TierChange {
            ladder: ladder.code().to_owned(),
            from_level: Some(from_level),
            to_level,
            to_rank,
            cause,
            reasons: if is_of_own {
                self.reasons(moment, cause)
            } else {
                Vec::new()
            },
            benefits: ladder.levels()[to_rank].benefits.clone(),
            occurred_at: moment.at,
            valid_until: self.standing.stands_until(),
            ladder_version: moment.version.version,
            granted: granted.zip(own_level),
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
