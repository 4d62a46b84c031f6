//! Where a member stands on a ladder, and how that changes.

use common::zone::Zone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::{Benefits, GrantedLevel, Grants, LadderVersion, ProgressSet};

/// Where a member stands on a ladder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    /// The code of the level that is the member's own.
    pub level: String,
    /// Since when.
    pub since: Timestamp,
    /// When it is reviewed; nothing for the lowest level, which cannot be lost.
    pub valid_until: Option<Timestamp>,
    /// The ladder's version by which it was last judged.
    pub ladder_version: i32,
    /// The levels that campaigns gave them.
    pub grants: Grants,
}

/// A change of a member's level, or its renewal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TierChange {
    /// The ladder's code.
    pub ladder: String,
    /// The level before; nothing for the first.
    pub from_level: Option<String>,
    /// The level after.
    pub to_level: String,
    /// The place of the level after, 0 for the lowest.
    pub to_rank: usize,
    /// Why.
    pub cause: TierChangeCause,
    /// What made it possible or due.
    pub reasons: Vec<ProgressSet>,
    /// What the level after gives.
    pub benefits: Benefits,
    /// When it took effect.
    pub occurred_at: Timestamp,
    /// Until when the level after is valid; nothing for what cannot be lost.
    pub valid_until: Option<Timestamp>,
    /// The ladder's version that was applied.
    pub ladder_version: i32,
    /// The gift on which the member stands after, and the level that is their own; nothing where they stand on that.
    pub granted: Option<(GrantedLevel, String)>,
}

/// Why a level changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TierChangeCause {
    /// The member enrolled.
    Enrolled,
    /// The member met the requirements of a higher level.
    Qualified,
    /// A review found that the requirements were still met, or the ladder takes no level away.
    Renewed,
    /// A review found that the requirements no longer were met.
    ReviewedDown,
    /// A campaign gave the level.
    Granted,
    /// A level that was granted is over.
    GrantEnded,
    /// A level that was granted is taken back.
    GrantRevoked,
}

impl Standing {
    /// Returns the code of the level on which the member stands: their own, or a higher one that they were granted.
    pub fn stands_on(&self) -> &str {
        self.grants.top().map_or(&self.level, |granted| &granted.level)
    }

    /// Returns since when they stand on it.
    pub fn stands_since(&self) -> Timestamp {
        self.grants.top().map_or(self.since, |granted| granted.since)
    }

    /// Returns when that is reviewed, or over; nothing for what cannot be lost.
    pub fn stands_until(&self) -> Option<Timestamp> {
        self.grants.top().map_or(self.valid_until, |granted| granted.ends_at)
    }

    /// Puts a member who enrolled at this time on the lowest level.
    pub fn enrolled(version: &LadderVersion, at: Timestamp) -> (Standing, TierChange) {
        let lowest = &version.ladder.levels()[0];
        let standing = Standing {
            level: lowest.code.clone(),
            since: at,
            valid_until: None,
            ladder_version: version.version,
            grants: Grants::default(),
        };
        let change = TierChange {
            ladder: version.ladder.code().to_owned(),
            from_level: None,
            to_level: lowest.code.clone(),
            to_rank: 0,
            cause: TierChangeCause::Enrolled,
            reasons: Vec::new(),
            benefits: lowest.benefits.clone(),
            occurred_at: at,
            valid_until: None,
            ladder_version: version.version,
            granted: None,
        };
        (standing, change)
    }
}

/// Returns the end of a term of calendar months that follows on `from`, for a level that is held since `since`.
///
/// The months are counted from the start of the level, not from the last term's end: a level of 31 January that is reviewed
/// monthly comes up on 28 February and then on 31 March. Nothing when the calendar ends before.
pub(super) fn term_end(since: Timestamp, from: Timestamp, after_months: u16, zone: &Zone) -> Option<Timestamp> {
    let (start, from) = (since.to_zoned(zone.tz().clone()), from.to_zoned(zone.tz().clone()));
    let months = months_of(&from) - months_of(&start) + i32::from(after_months);
    Some(start.checked_add(months.months()).ok()?.timestamp())
}

fn months_of(at: &Zoned) -> i32 {
    i32::from(at.year()) * 12 + i32::from(at.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(zone: &str, since: &str, after_months: u16, terms: usize) -> Vec<String> {
        let zone = Zone::find(zone).unwrap();
        let since: Timestamp = since.parse().unwrap();
        let next = |from: &Timestamp| term_end(since, *from, after_months, &zone);
        std::iter::successors(Some(since), next)
            .skip(1)
            .take(terms)
            .map(|end| end.to_string())
            .collect()
    }

    #[test]
    fn a_month_that_is_too_short_does_not_shorten_the_terms_that_follow() {
        let ends = ends("Etc/UTC", "1997-01-31T10:00:00Z", 1, 3);
        assert_eq!(
            ends,
            ["1997-02-28T10:00:00Z", "1997-03-31T10:00:00Z", "1997-04-30T10:00:00Z"]
        );
    }

    #[test]
    fn a_leap_day_returns_in_the_next_leap_year() {
        let ends = ends("Etc/UTC", "1996-02-29T00:00:00Z", 24, 2);
        assert_eq!(ends, ["1998-02-28T00:00:00Z", "2000-02-29T00:00:00Z"]);
    }

    #[test]
    fn a_term_ends_at_the_same_hour_of_the_zone_whatever_the_season() {
        let ends = ends("America/New_York", "1997-01-15T17:00:00Z", 6, 2);
        assert_eq!(ends, ["1997-07-15T16:00:00Z", "1998-01-15T17:00:00Z"]);
    }

    #[test]
    fn a_term_beyond_the_calendar_has_no_end() {
        assert!(ends("Etc/UTC", "9999-06-01T00:00:00Z", 12, 1).is_empty());
    }
}
