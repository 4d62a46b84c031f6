//! Instants as small numbers: seconds where they are whole, as ends of days and months are, and microseconds else.

use jiff::Timestamp;

const MICROS: i64 = 1_000_000;

/// Packs an instant.
pub fn pack(at: Timestamp) -> i64 {
    let micros = at.as_microsecond();
    if micros % MICROS == 0 {
        micros / MICROS * 2
    } else {
        micros * 2 + 1
    }
}

/// Unpacks an instant; nothing when the number is none.
pub fn unpack(packed: i64) -> Option<Timestamp> {
    if packed % 2 == 0 {
        Timestamp::from_second(packed / 2).ok()
    } else {
        Timestamp::from_microsecond((packed - 1) / 2).ok()
    }
}

/// Unpacks an instant that may be missing; nothing when the number is none.
pub fn unpack_optional(packed: Option<i64>) -> Option<Option<Timestamp>> {
    packed.map_or(Some(None), |packed| unpack(packed).map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_back_and_packed_the_same_for_ever() {
        for (text, packed) in [
            ("2026-03-31T22:00:00Z", 3_549_988_800),
            ("2026-03-31T22:00:00.000001Z", 3_549_988_800_000_003),
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("1969-07-20T20:17:40Z", -28_365_880),
            ("1969-07-20T20:17:40.000001Z", -28_365_879_999_997),
        ] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(pack(at), packed, "{text}");
            assert_eq!(unpack(packed), Some(at), "{text}");
        }
        assert_eq!(unpack(i64::MAX), None);
    }
}
