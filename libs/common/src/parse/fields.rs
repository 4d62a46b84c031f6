//! Readers of the kinds of fields that many requests have.

use jiff::Timestamp;
use prost_types::Timestamp as WireTimestamp;

use crate::{ids::parse_uuid, refusal::Violations};

const NANOS_PER_SECOND: i32 = 1_000_000_000;
/// 1900-01-01 and 2200-01-01: nothing in a loyalty program happens outside.
const BUSINESS_SECONDS: std::ops::Range<i64> = -2_208_988_800..7_258_118_400;

const PAGE_SIZE: i32 = 50;
const MAX_PAGE_SIZE: i32 = 1000;

/// Reads an id.
pub fn id<Id: From<uuid::Uuid>>(violations: &mut Violations, field: &str, text: &str) -> Option<Id> {
    violations.take(field, parse_uuid(text)).map(Id::from)
}

/// Reads an id that may be left out. The outer option is empty when it is there but wrong.
pub fn optional_id<Id: From<uuid::Uuid>>(violations: &mut Violations, field: &str, text: &str) -> Option<Option<Id>> {
    if text.is_empty() {
        Some(None)
    } else {
        id(violations, field, text).map(Some)
    }
}

/// Reads a time that must be there: any that a timestamp may be, and that the time library can hold.
pub fn timestamp(violations: &mut Violations, field: &str, time: Option<&WireTimestamp>) -> Option<Timestamp> {
    let Some(time) = time else {
        violations.add(field, "is missing");
        return None;
    };
    if !(0..NANOS_PER_SECOND).contains(&time.nanos) {
        violations.add(field, "has nanos below 0 or above 999,999,999");
        return None;
    }
    match Timestamp::new(time.seconds, time.nanos) {
        Ok(timestamp) if is_year_2_to_9998(timestamp) => Some(timestamp),
        _ => {
            violations.add(field, "is not between the years 2 and 9999");
            None
        }
    }
}

/// Reads a time at which something happened or will happen in the business: within the years 1900 to 2199.
pub fn business_time(violations: &mut Violations, field: &str, time: Option<&WireTimestamp>) -> Option<Timestamp> {
    let timestamp = timestamp(violations, field, time)?;
    let fits = BUSINESS_SECONDS.contains(&timestamp.as_second());
    violations.check(fits, field, "is not between the years 1900 and 2199");
    fits.then_some(timestamp)
}

/// Reads how many items a page is to have: 50 when the caller does not care, 1000 at most.
pub fn page_size(violations: &mut Violations, field: &str, size: i32) -> Option<i64> {
    match size {
        ..0 => {
            violations.add(field, "is negative");
            None
        }
        0 => Some(PAGE_SIZE.into()),
        size => Some(size.min(MAX_PAGE_SIZE).into()),
    }
}

/// Leaves a year at either end of what a timestamp may be, so that no time zone leads out of it.
fn is_year_2_to_9998(timestamp: Timestamp) -> bool {
    const SECONDS: std::ops::Range<i64> = -62_104_060_800..253_370_764_800;
    SECONDS.contains(&timestamp.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(seconds: i64, nanos: i32) -> Result<Timestamp, Violations> {
        let mut violations = Violations::default();
        let time = timestamp(&mut violations, "at", Some(&WireTimestamp { seconds, nanos }));
        violations.finish(time)
    }

    fn at(text: &str) -> WireTimestamp {
        WireTimestamp {
            seconds: text.parse::<Timestamp>().unwrap().as_second(),
            nanos: 0,
        }
    }

    #[test]
    fn a_timestamp_outside_its_range_is_refused_and_not_normalised() {
        for (seconds, nanos) in [
            (0, -1),
            (0, NANOS_PER_SECOND),
            (i64::MIN, 0),
            (i64::MAX, 0),
            (at("0001-06-01T00:00:00Z").seconds, 0),
        ] {
            assert!(read(seconds, nanos).is_err(), "{seconds} {nanos}");
        }
        assert_eq!(read(1, 5).unwrap().as_nanosecond(), 1_000_000_005);
        assert!(read(at("0002-01-01T00:00:00Z").seconds, 0).is_ok());
        assert!(read(at("9998-12-31T23:59:59Z").seconds, 999_999_999).is_ok());
    }

    #[test]
    fn a_business_time_lies_between_1900_and_2199() {
        let mut violations = Violations::default();
        for inside in ["1900-01-01T00:00:00Z", "2199-12-31T23:59:59Z"] {
            assert!(business_time(&mut violations, "at", Some(&at(inside))).is_some());
        }
        assert!(violations.is_empty());
        for outside in ["1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z"] {
            assert!(business_time(&mut violations, "at", Some(&at(outside))).is_none());
        }
        assert_eq!(violations.list().len(), 2);
    }

    #[test]
    fn a_page_has_50_items_unless_asked_and_never_more_than_1000() {
        let mut violations = Violations::default();
        assert_eq!(page_size(&mut violations, "page_size", 0), Some(50));
        assert_eq!(page_size(&mut violations, "page_size", 7), Some(7));
        assert_eq!(page_size(&mut violations, "page_size", i32::MAX), Some(1000));
        assert!(violations.is_empty());
        assert_eq!(page_size(&mut violations, "page_size", -1), None);
        assert_eq!(violations.list()[0].field, "page_size");
    }
}
