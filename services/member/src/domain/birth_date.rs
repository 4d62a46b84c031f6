//! The day on which someone was born.

use jiff::civil::Date;

use super::{Birthday, Pii, ProfileMistake};

/// The day on which someone was born.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BirthDate(Pii<Date>);

/// No member was born in a year before this one.
const FIRST_YEAR: i16 = 1900;

impl BirthDate {
    /// Reads a day as ISO 8601 writes it: `1990-02-28`. Whether it lies in the future only the program's clock can tell.
    pub fn read(text: &str) -> Result<BirthDate, ProfileMistake> {
        let is_written_out =
            text.len() == "1990-02-28".len() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day: Option<Date> = is_written_out.then(|| text.parse().ok()).flatten();
        day.filter(|day| day.year() >= FIRST_YEAR)
            .map(|day| BirthDate(Pii::new(day)))
            .ok_or(ProfileMistake::BirthDate)
    }

    /// Takes a day back that was read before it was stored.
    pub(crate) fn stored(text: &str) -> Option<BirthDate> {
        text.parse().ok().map(|day| BirthDate(Pii::new(day)))
    }

    /// Returns the day in its one written form.
    pub fn reveal(&self) -> String {
        self.0.reveal().to_string()
    }

    /// Returns what of it comes again every year.
    pub fn birthday(&self) -> Birthday {
        Birthday::of(*self.0.reveal())
    }

    /// Tells whether it lies after a day.
    pub fn is_after(&self, today: Date) -> bool {
        *self.0.reveal() > today
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_day_of_this_age_is_a_birth_date() {
        for text in ["1900-01-01", "1990-02-28", "2000-02-29", "2026-12-31"] {
            assert_eq!(BirthDate::read(text).unwrap().reveal(), text);
        }
    }

    #[test]
    fn what_is_no_day_or_too_long_ago_is_no_birth_date() {
        for text in [
            "",
            "1899-12-31",
            "1990-02-30",
            "1999-02-29",
            "19900228",
            "1990-2-28",
            "28.02.1990",
            "1990-02-28T00:00",
            "+01990-02-28",
            "0000-00-00",
            "1990-W09-3",
        ] {
            assert_eq!(BirthDate::read(text), Err(ProfileMistake::BirthDate), "{text}");
        }
    }

    #[test]
    fn it_prints_as_nothing() {
        assert!(!format!("{:?}", BirthDate::read("1990-02-28")).contains("1990"));
    }
}
