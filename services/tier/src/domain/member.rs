//! What the tier service knows of a member: what they did, and where they stand on each ladder of the program.

use std::collections::BTreeMap;

use common::zone::Zone;
use jiff::Timestamp;

use super::{
    GrantKey, LadderVersions, LevelGrant, MetricDeltas, Metrics, NotGranted, Standing, TierChange, TooMuch, due_at,
    evaluate, grant, revoke,
};

/// The ladders of a program, by code.
pub type Ladders = BTreeMap<String, LadderVersions>;

/// A member: what they did, and where they stand on each ladder, by its code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// When they enrolled; nothing while only what they did has been heard of. Until then nobody is judged.
    pub enrolled_at: Option<Timestamp>,
    /// Whether they have left. Who has left is no longer judged.
    pub closed: bool,
    /// What they did.
    pub metrics: Metrics,
    /// Where they stand.
    pub standings: BTreeMap<String, Standing>,
    /// The levels that campaigns gave and that are not taken in yet, because nobody could judge the member.
    pub awaiting: Vec<LevelGrant>,
}

impl Member {
    /// Starts with somebody who has done nothing and is not enrolled.
    pub fn unknown(zone: Zone) -> Member {
        Member {
            enrolled_at: None,
            closed: false,
            metrics: Metrics::new(zone),
            standings: BTreeMap::new(),
            awaiting: Vec::new(),
        }
    }

    /// Brings the member's standing on every ladder up to `now` and returns what changed, ladder by ladder.
    ///
    /// On a ladder that is new to them the member starts at the bottom, as of their enrolment, and is judged at the instant
    /// at which the ladder became known, or they enrolled.
    pub fn bring_up_to(&mut self, ladders: &Ladders, now: Timestamp) -> Vec<TierChange> {
        let mut changes = Vec::new();
        let Some(enrolled_at) = self.enrolled_at.filter(|_| !self.closed) else {
            return changes;
        };
        for (code, versions) in ladders {
            let standing = match self.standings.remove(code) {
                Some(standing) => standing,
                None => self.join(versions, enrolled_at, &mut changes),
            };
            let (standing, changed) = evaluate(versions, &self.metrics, &standing, now);
            changes.extend(changed);
            self.standings.insert(code.clone(), standing);
        }
        changes
    }

    /// Adds what the member did or took back and returns what changed.
    ///
    /// What had fallen due by `now` is judged before, without it: so a review comes out the same whether a worker was there
    /// in time or not.
    pub fn take_in(
        &mut self,
        ladders: &Ladders,
        deltas: &MetricDeltas,
        now: Timestamp,
    ) -> Result<Vec<TierChange>, TooMuch> {
        let mut metrics = self.metrics.clone();
        metrics.add(deltas)?;
        let mut changes = self.bring_up_to(ladders, now);
        self.metrics = metrics;
        changes.extend(self.bring_up_to(ladders, now));
        Ok(changes)
    }

    /// Takes in the levels that campaigns gave, and returns what changed, and those that come to nothing, each with the reason.
    ///
    /// What had fallen due by `now` is judged before. Until the member is enrolled nothing is taken in.
    pub fn take_in_grants(
        &mut self,
        ladders: &Ladders,
        now: Timestamp,
    ) -> (Vec<TierChange>, Vec<(LevelGrant, NotGranted)>) {
        if self.awaiting.is_empty() || self.enrolled_at.is_none() {
            return (Vec::new(), Vec::new());
        }
        let mut changes = self.bring_up_to(ladders, now);
        let mut ignored = Vec::new();
        for given in std::mem::take(&mut self.awaiting) {
            match self.take_in_grant(ladders, &given, now) {
                Ok(changed) => changes.extend(changed),
                Err(reason) => ignored.push((given, reason)),
            }
        }
        (changes, ignored)
    }

    fn take_in_grant(
        &mut self,
        ladders: &Ladders,
        given: &LevelGrant,
        now: Timestamp,
    ) -> Result<Vec<TierChange>, NotGranted> {
        if self.closed {
            return Err(NotGranted::MemberClosed);
        }
        let versions = ladders.get(&given.ladder).ok_or(NotGranted::LadderNotFound)?;
        let standing = self.standing_on(&given.ladder, versions);
        let (standing, changes) = grant(versions, &self.metrics, &standing, given, now)?;
        self.standings.insert(given.ladder.clone(), standing);
        Ok(changes)
    }

    /// Takes back a level that a campaign gave, and returns what changed. What had fallen due by `now` is judged before.
    pub fn revoke(&mut self, ladders: &Ladders, key: &GrantKey, now: Timestamp) -> Vec<TierChange> {
        self.awaiting.retain(|given| given.key != *key);
        if self.closed {
            return Vec::new();
        }
        let mut changes = self.bring_up_to(ladders, now);
        for (ladder, standing) in &mut self.standings {
            let revoked = ladders
                .get(ladder)
                .and_then(|versions| revoke(versions, &self.metrics, standing, key, now));
            if let Some((without, changed)) = revoked {
                *standing = without;
                changes.extend(changed);
            }
        }
        changes
    }

    /// Returns where the member would stand at `at` had they done more, and what would change on the way there.
    ///
    /// Whatever lies before `now` would arrive now; what lies after `at` does not count yet.
    pub fn imagine(
        &self,
        ladders: &Ladders,
        gains: &[MetricDeltas],
        now: Timestamp,
        at: Timestamp,
    ) -> Result<(Member, Vec<TierChange>), TooMuch> {
        let mut gains: Vec<_> = gains.iter().filter(|gain| gain.counted_at <= at).collect();
        gains.sort_by_key(|gain| gain.counted_at);
        let mut member = self.clone();
        let mut changes = Vec::new();
        for gain in gains {
            changes.extend(member.take_in(ladders, gain, gain.counted_at.max(now))?);
        }
        changes.extend(member.bring_up_to(ladders, at));
        Ok((member, changes))
    }

    /// Returns where the member stands on a ladder. Who has left before there was the ladder stands where everybody starts.
    pub fn standing_on(&self, ladder: &str, versions: &LadderVersions) -> Standing {
        let enrolled_at = self.enrolled_at.unwrap_or(versions.known_since());
        let start = || Standing::enrolled(versions.in_force(enrolled_at), enrolled_at).0;
        self.standings.get(ladder).cloned().unwrap_or_else(start)
    }

    /// Returns when the member must be looked at again although they do nothing.
    pub fn due_at(&self, ladders: &Ladders) -> Option<Timestamp> {
        let due = |(code, standing): (&String, &Standing)| due_at(ladders.get(code)?, standing);
        self.standings.iter().filter(|_| !self.closed).filter_map(due).min()
    }

    fn join(&self, versions: &LadderVersions, enrolled_at: Timestamp, changes: &mut Vec<TierChange>) -> Standing {
        let (standing, change) = Standing::enrolled(versions.in_force(enrolled_at), enrolled_at);
        changes.push(change);
        let since = versions.known_since().max(enrolled_at);
        let (standing, changed) = evaluate(versions, &self.metrics, &standing, since);
        changes.extend(changed);
        standing
    }
}
