//! How often members are written to, when they are not, and when to try again.

use common::zone::Zone;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};

/// How often members of a program are written to at most, and when.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct MessagePolicy {
    /// How many marketing messages on a day at most.
    pub marketing_per_day: Option<i64>,
    /// How many in a week, from Monday.
    pub marketing_per_week: Option<i64>,
    /// When none is sent.
    pub quiet: Option<QuietHours>,
}

/// A time of each day, over midnight where it ends before it begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct QuietHours {
    /// From this minute on.
    pub from_minute: i32,
    /// Up to this one.
    pub until_minute: i32,
}

/// The longest wait between two attempts.
const LONGEST_MILLIS: i64 = 6 * 60 * 60 * 1_000;

impl MessagePolicy {
    /// Tells whether it caps anything.
    pub fn caps(&self) -> bool {
        self.marketing_per_day.is_some() || self.marketing_per_week.is_some()
    }

    /// Tells whether a member may have one more, after so many on that day and in that week.
    pub fn allows(&self, on_day: i64, in_week: i64) -> bool {
        self.marketing_per_day.is_none_or(|most| on_day < most)
            && self.marketing_per_week.is_none_or(|most| in_week < most)
    }

    /// Returns when a time of silence ends in which an instant lies; nothing where it lies in none.
    pub fn quiet_until(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let quiet = self.quiet?;
        let local = zone.tz().to_datetime(at);
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let (from, until) = (quiet.from_minute, quiet.until_minute);
        let day = match from < until {
            true if (from..until).contains(&minute) => local.date(),
            false if minute < until => local.date(),
            false if minute >= from && from != until => local.date().tomorrow().ok()?,
            _ => return None,
        };
        let ends = Time::midnight() + SignedDuration::from_mins(i64::from(until));
        let ends = day.to_datetime(ends).to_zoned(zone.tz().clone()).ok()?;
        Some(ends.timestamp())
    }
}

/// Tells how long to wait after so many attempts: twice as long after each, up to a bound, less up to a half of it by a number that is drawn, of a thousand: so that what failed
/// together is not tried again together.
pub fn retry_after_millis(base_millis: i64, attempts: i32, drawn_per_mille: i64) -> i64 {
    let doubled = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(32);
    let whole = base_millis.saturating_mul(1_i64 << doubled).clamp(1, LONGEST_MILLIS);
    whole - whole / 2 * drawn_per_mille.clamp(0, 1_000) / 1_000
}
