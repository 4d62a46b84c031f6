//! Time zones by their IANA names.

use std::fmt;

use jiff::tz::TimeZone;

/// An IANA time zone: where a program's days, months and years begin.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Finds a zone by its IANA name.
    pub fn find(name: &str) -> Option<Zone> {
        let zone = TimeZone::get(name).ok()?;
        zone.iana_name().is_some().then_some(Zone(zone))
    }

    /// Returns the zone without an offset.
    pub fn utc() -> Zone {
        Zone(TimeZone::UTC)
    }

    /// Returns the zone for arithmetic.
    pub fn tz(&self) -> &TimeZone {
        &self.0
    }

    /// Returns the IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("Etc/Unknown")
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Zone;

    #[test]
    fn zones_are_found_by_name_and_nonsense_is_not() {
        assert_eq!(Zone::find("America/New_York").unwrap().name(), "America/New_York");
        assert_eq!(Zone::find("Mars/Olympus"), None);
        assert_eq!(Zone::find(""), None);
    }
}
