//! Instants as they are stored and as they travel: whole microseconds, which is what Postgres keeps.

use jiff::{Timestamp, TimestampRound, Unit};

/// Cuts an instant to whole microseconds, so that what is answered now equals what is read back later.
pub fn to_micros(at: Timestamp) -> Timestamp {
    at.round(
        TimestampRound::new()
            .smallest(Unit::Microsecond)
            .mode(jiff::RoundMode::Trunc),
    )
    .unwrap_or(at)
}

/// Returns an instant as it travels.
pub fn to_wire(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.as_second() - i64::from(at.subsec_nanosecond() < 0),
        nanos: wire_nanos(at),
    }
}

/// Reads an instant that travelled, when it is one.
pub fn from_wire(at: prost_types::Timestamp) -> Option<Timestamp> {
    (0..1_000_000_000)
        .contains(&at.nanos)
        .then(|| Timestamp::new(at.seconds, at.nanos).ok())
        .flatten()
        .map(to_micros)
}

fn wire_nanos(at: Timestamp) -> i32 {
    let nanos = at.subsec_nanosecond();
    if nanos < 0 { nanos + 1_000_000_000 } else { nanos }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_before_1970_travels_there_and_back() {
        let at: Timestamp = "1969-12-31T23:59:58.25Z".parse().unwrap();
        let wire = to_wire(at);
        assert_eq!((wire.seconds, wire.nanos), (-2, 250_000_000));
        assert_eq!(from_wire(wire), Some(at));
    }

    #[test]
    fn nonsense_is_no_instant() {
        assert_eq!(from_wire(prost_types::Timestamp { seconds: 0, nanos: -1 }), None);
        assert_eq!(
            from_wire(prost_types::Timestamp {
                seconds: i64::MAX,
                nanos: 0
            }),
            None
        );
    }
}
