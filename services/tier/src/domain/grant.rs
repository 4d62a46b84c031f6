//! Levels that campaigns give. The member stands on the highest of these that is above their own, until its time is over or it is revoked; what they
//! qualify for, and when that is reviewed, does not know of it.

use common::{ids::ActivityId, zone::Zone};
use jiff::{Timestamp, ToSpan as _};
use thiserror::Error;

use super::Ladder;

/// What tells one gift from another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantKey {
    /// The activity for which it was given.
    pub activity_id: ActivityId,
    /// The campaign that gave it.
    pub campaign: String,
    /// Which of the campaign's grants, from 0.
    pub grant: i32,
}

/// A level as a campaign gives it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LevelGrant {
    /// What tells it from others.
    pub key: GrantKey,
    /// The ladder.
    pub ladder: String,
    /// Which level.
    pub to: ToLevel,
    /// When the activity happened.
    pub given_at: Timestamp,
    /// How many days after that of the activity it lasts; nothing for ever.
    pub lasts_days: Option<i32>,
}

/// Which level a campaign gives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToLevel {
    /// So many above the one on which the member stands.
    Up(usize),
    /// This one.
    Level(String),
}

/// A level that a member was granted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantedLevel {
    /// What tells it from others.
    pub key: GrantKey,
    /// The level's code.
    pub level: String,
    /// Since when.
    pub since: Timestamp,
    /// From when on it no longer holds; nothing for never.
    pub ends_at: Option<Timestamp>,
}

/// The levels that a member was granted on a ladder, in the order in which they were, and on which of them they stand.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Grants {
    all: Vec<GrantedLevel>,
    top: Option<usize>,
}

/// Why a level that a campaign gives is not taken in.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum NotGranted {
    /// The program has no such ladder.
    #[error("the program has no such ladder")]
    LadderNotFound,
    /// The version of the ladder that is in force has no such level.
    #[error("the ladder has no such level")]
    LevelNotFound,
    /// It is over already.
    #[error("its time is over")]
    Over,
    /// The member has left.
    #[error("the member has left")]
    MemberClosed,
}

impl LevelGrant {
    /// Returns the first instant of the day after its last one; nothing when it lasts for ever, or beyond the calendar.
    pub fn ends_at(&self, zone: &Zone) -> Option<Timestamp> {
        let given_on = self.given_at.to_zoned(zone.tz().clone()).date();
        let last = given_on.checked_add(self.lasts_days?.days()).ok()?;
        Some(last.tomorrow().ok()?.to_zoned(zone.tz().clone()).ok()?.timestamp())
    }

    /// Says what it comes to for a member who stands on a level of the ladder.
    pub(super) fn grant(
        &self,
        ladder: &Ladder,
        stands_on: &str,
        zone: &Zone,
        now: Timestamp,
    ) -> Result<GrantedLevel, NotGranted> {
        let highest = ladder.levels().len() - 1;
        let rank = match &self.to {
            ToLevel::Up(levels) => (ladder.rank_of(stands_on).unwrap_or(0) + levels).min(highest),
            ToLevel::Level(level) => ladder.rank_of(level).ok_or(NotGranted::LevelNotFound)?,
        };
        let ends_at = self.ends_at(zone);
        if ends_at.is_some_and(|end| end <= now) {
            return Err(NotGranted::Over);
        }
        Ok(GrantedLevel {
            key: self.key.clone(),
            level: ladder.levels()[rank].code.clone(),
            since: now,
            ends_at,
        })
    }
}

impl Grants {
    /// Takes in what is stored: all of them, and on which the member stands.
    pub fn new(all: Vec<GrantedLevel>, top: Option<usize>) -> Option<Grants> {
        top.is_none_or(|top| top < all.len()).then_some(Grants { all, top })
    }

    /// Returns all of them.
    pub fn all(&self) -> &[GrantedLevel] {
        &self.all
    }

    /// Returns the place of the one on which the member stands.
    pub fn top_at(&self) -> Option<usize> {
        self.top
    }

    /// Returns the one on which the member stands, because it is above their own level.
    pub fn top(&self) -> Option<&GrantedLevel> {
        self.all.get(self.top?)
    }

    /// Returns when the next of them is over.
    pub fn next_end(&self) -> Option<Timestamp> {
        self.all.iter().filter_map(|granted| granted.ends_at).min()
    }

    pub(super) fn add(&mut self, granted: GrantedLevel) {
        self.all.push(granted);
    }

    /// Ends those that no longer hold at an instant, and tells whether there were any.
    pub(super) fn end(&mut self, at: Timestamp) -> bool {
        self.retain(|granted| granted.ends_at.is_none_or(|end| end > at))
    }

    /// Takes one back, and tells whether it was there.
    pub(super) fn revoke(&mut self, key: &GrantKey) -> bool {
        self.retain(|granted| granted.key != *key)
    }

    fn retain(&mut self, keep: impl FnMut(&GrantedLevel) -> bool) -> bool {
        let before = self.all.len();
        self.all.retain(keep);
        self.all.len() < before
    }

    /// Finds the one on which a member stands whose own level has this place: the highest; of several such the one that lasts longest, and of these the first.
    pub(super) fn stand(&mut self, ladder: &Ladder, own_rank: usize) {
        let rank = |granted: &GrantedLevel| ladder.rank_of(&granted.level).unwrap_or(0);
        let above = self.all.iter().enumerate().rev();
        let above = above.filter(|(_, granted)| rank(granted) > own_rank);
        let top = above.max_by_key(|(_, granted)| (rank(granted), granted.ends_at.unwrap_or(Timestamp::MAX)));
        self.top = top.map(|(place, _)| place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(given_at: &str, lasts_days: i32, zone: &str) -> String {
        let grant = LevelGrant {
            key: GrantKey {
                activity_id: ActivityId::from(uuid::Uuid::nil()),
                campaign: "lift".to_owned(),
                grant: 0,
            },
            ladder: "status".to_owned(),
            to: ToLevel::Up(1),
            given_at: given_at.parse().unwrap(),
            lasts_days: Some(lasts_days),
        };
        let end = grant.ends_at(&Zone::find(zone).unwrap());
        end.map_or_else(|| "never".to_owned(), |end| end.to_string())
    }

    #[test]
    fn it_ends_at_the_end_of_a_day_of_the_zone_whatever_the_season() {
        // The clocks of New York are set forward on 8 March 2026: midnight is an hour earlier then.
        assert_eq!(
            ends("2026-03-07T04:59:59Z", 1, "America/New_York"),
            "2026-03-08T05:00:00Z"
        );
        assert_eq!(
            ends("2026-03-07T05:00:00Z", 1, "America/New_York"),
            "2026-03-09T04:00:00Z"
        );
        assert_eq!(
            ends("2026-01-01T00:00:00Z", 90, "Asia/Shanghai"),
            "2026-04-01T16:00:00Z"
        );
    }

    #[test]
    fn a_midnight_that_the_zone_skips_is_the_first_instant_of_the_day() {
        // In Beirut 28 March 2027 begins at one o'clock.
        assert_eq!(ends("2027-03-26T12:00:00Z", 1, "Asia/Beirut"), "2027-03-27T22:00:00Z");
    }

    #[test]
    fn what_lasts_beyond_the_calendar_has_no_end() {
        assert_eq!(ends("9999-12-01T00:00:00Z", 365, "Etc/UTC"), "never");
    }
}
