//! When campaigns run, in the program's zone.

use common::zone::Zone;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

/// When a campaign runs. Windows include their start and exclude their end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Schedule {
    /// Once.
    Once {
        /// From here on; without it, for ever before.
        start: Option<Timestamp>,
        /// Until here; without it, for ever after.
        end: Option<Timestamp>,
    },
    /// The last Saturday of every month and the day after, which may lie in the next month.
    LastWeekend,
}

impl Schedule {
    /// Tells whether the schedule includes an instant.
    pub fn includes(&self, at: Timestamp, zone: &Zone) -> bool {
        match self {
            Schedule::Once { start, end } => start.is_none_or(|start| start <= at) && end.is_none_or(|end| at < end),
            Schedule::LastWeekend => is_on_last_weekend(zone.tz().to_datetime(at).date()),
        }
    }
}

/// Judges by the calendar day, so that a day of 23 or 25 hours is a whole day too.
fn is_on_last_weekend(day: Date) -> bool {
    let saturday = match day.weekday() {
        Weekday::Saturday => Some(day),
        Weekday::Sunday => day.yesterday().ok(),
        _ => None,
    };
    saturday.is_some_and(|saturday| {
        saturday
            .nth_weekday_of_month(-1, Weekday::Saturday)
            .is_ok_and(|last| last == saturday)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_last_weekend(zone: &str, at: &str) -> bool {
        Schedule::LastWeekend.includes(at.parse().unwrap(), &Zone::find(zone).unwrap())
    }

    #[test]
    fn a_window_includes_its_start_and_excludes_its_end() {
        let (start, end): (Timestamp, Timestamp) = (
            "1997-03-01T00:00:00Z".parse().unwrap(),
            "1997-04-01T00:00:00Z".parse().unwrap(),
        );
        let tick = jiff::SignedDuration::from_nanos(1);
        let utc = Zone::find("UTC").unwrap();
        let march = Schedule::Once {
            start: Some(start),
            end: Some(end),
        };
        assert!(march.includes(start, &utc) && march.includes(end - tick, &utc));
        assert!(!march.includes(start - tick, &utc) && !march.includes(end, &utc));
        assert!(Schedule::Once { start: None, end: None }.includes(Timestamp::MIN, &utc));
    }

    #[test]
    fn the_last_weekend_begins_and_ends_at_midnight_of_the_zone() {
        assert!(!on_last_weekend("America/New_York", "1997-01-25T04:59:59.999999999Z"));
        assert!(on_last_weekend("America/New_York", "1997-01-25T05:00:00Z"));
        assert!(on_last_weekend("America/New_York", "1997-01-27T04:59:59.999999999Z"));
        assert!(!on_last_weekend("America/New_York", "1997-01-27T05:00:00Z"));
    }

    #[test]
    fn only_the_last_saturday_counts() {
        assert!(!on_last_weekend("UTC", "1997-01-18T12:00:00Z"));
        assert!(!on_last_weekend("UTC", "1997-01-24T12:00:00Z"));
        assert!(!on_last_weekend("UTC", "1997-01-28T12:00:00Z"));
    }

    #[test]
    fn a_weekend_may_end_in_the_next_month_and_a_last_sunday_alone_is_none() {
        // 31 May 1997 is a Saturday, 31 August 1997 a Sunday.
        assert!(on_last_weekend("UTC", "1997-05-31T12:00:00Z"));
        assert!(on_last_weekend("UTC", "1997-06-01T12:00:00Z"));
        assert!(!on_last_weekend("UTC", "1997-05-25T12:00:00Z"));
        assert!(on_last_weekend("UTC", "1997-08-31T12:00:00Z"));
    }

    #[test]
    fn a_day_of_23_or_25_hours_is_a_whole_day() {
        // In Berlin the clocks change on the last Sunday of March and October, and these Sundays are on last weekends.
        for (first, last) in [
            ("1997-03-28T23:00:00Z", "1997-03-30T21:59:59Z"),
            ("1997-10-24T22:00:00Z", "1997-10-26T22:59:59Z"),
        ] {
            assert!(on_last_weekend("Europe/Berlin", first) && on_last_weekend("Europe/Berlin", last));
            let second = jiff::SignedDuration::from_secs(1);
            let (first, last): (Timestamp, Timestamp) = (first.parse().unwrap(), last.parse().unwrap());
            assert!(!on_last_weekend("Europe/Berlin", &(first - second).to_string()));
            assert!(!on_last_weekend("Europe/Berlin", &(last + second).to_string()));
        }
    }

    #[test]
    fn a_day_without_midnight_begins_at_its_first_instant() {
        // In Gaza the clocks went from midnight to one o'clock on Saturday, 27 March 2021.
        assert!(!on_last_weekend("Asia/Gaza", "2021-03-26T21:59:59Z"));
        assert!(on_last_weekend("Asia/Gaza", "2021-03-26T22:00:00Z"));
    }
}
