//! Birthdays: on which day they fall in a year, and when they are near.

use jiff::{Span, civil::Date};
use thiserror::Error;

/// The day of every year on which someone has their birthday. Says nothing of the year of birth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Birthday {
    month: i8,
    day: i8,
}

/// When those who were born on 29 February have their birthday in other years.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LeapDay {
    /// On 28 February.
    Feb28,
    /// On 1 March.
    #[default]
    Mar1,
}

/// What is kept of a member's birthday: apart from the person, so that it can be found who has one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BirthdayRecord {
    /// The birthday; nothing when it was removed.
    pub birthday: Option<Birthday>,
    /// The calendar year in which it was changed last; nothing while it is the first.
    pub changed_in: Option<i16>,
    /// The calendar year of the birthday that was told last.
    pub told_for: Option<i16>,
    /// The birthday that is to be told next; nothing while none is.
    pub next_on: Option<Date>,
}

/// Says that a birthday was changed in this calendar year already.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
#[error("the birthday was changed in this calendar year already; it can be changed again on {changeable_on}")]
pub struct BirthdayChanged {
    /// From when on it can be changed.
    pub changeable_on: Date,
}

impl Birthday {
    /// Returns the birthday of someone who was born on a day.
    pub fn of(born: Date) -> Birthday {
        Birthday {
            month: born.month(),
            day: born.day(),
        }
    }

    /// Accepts a day of some year.
    pub fn new(month: i8, day: i8) -> Option<Birthday> {
        const LEAP_YEAR: i16 = 2000;
        Date::new(LEAP_YEAR, month, day).ok().map(Birthday::of)
    }

    /// Returns the month.
    pub fn month(self) -> i8 {
        self.month
    }

    /// Returns the day of the month.
    pub fn day(self) -> i8 {
        self.day
    }

    /// Returns the day on which it falls in a year; nothing beyond the end of the calendar.
    pub fn in_year(self, year: i16, leap_day: LeapDay) -> Option<Date> {
        let other = || match leap_day {
            LeapDay::Feb28 => Date::new(year, 2, 28),
            LeapDay::Mar1 => Date::new(year, 3, 1),
        };
        Date::new(year, self.month, self.day).or_else(|_| other()).ok()
    }
}

impl BirthdayRecord {
    /// Keeps a birthday that is told for the first time.
    pub fn first(birthday: Birthday, leap_day: LeapDay, today: Date) -> BirthdayRecord {
        let record = BirthdayRecord {
            birthday: Some(birthday),
            changed_in: None,
            told_for: None,
            next_on: None,
        };
        record.awaited(leap_day, today)
    }

    /// Changes the birthday, which is possible once in a calendar year. One that comes after another was removed is a change too.
    pub fn change(self, birthday: Birthday, leap_day: LeapDay, today: Date) -> Result<BirthdayRecord, BirthdayChanged> {
        if self.birthday == Some(birthday) {
            return Ok(self);
        }
        if self.changed_in == Some(today.year()) {
            let changeable_on = Date::new(today.year().saturating_add(1), 1, 1).unwrap_or(Date::MAX);
            return Err(BirthdayChanged { changeable_on });
        }
        let changed = BirthdayRecord {
            birthday: Some(birthday),
            changed_in: Some(today.year()),
            ..self
        };
        Ok(changed.awaited(leap_day, today))
    }

    /// Forgets the birthday. That there was one stays known, so that the next is a change, and so does the year that was told.
    pub fn forget(self) -> BirthdayRecord {
        BirthdayRecord {
            birthday: None,
            next_on: None,
            ..self
        }
    }

    /// Tells nobody for now.
    pub fn held(self) -> BirthdayRecord {
        BirthdayRecord { next_on: None, ..self }
    }

    /// Finds the next birthday to be told: the first, of years that were not told, whose week or month is not over on a day.
    pub fn awaited(self, leap_day: LeapDay, today: Date) -> BirthdayRecord {
        let year = today.year();
        let years = year.saturating_sub(1)..=year.saturating_add(2);
        let next_on = self.birthday.and_then(|birthday| {
            let mut days = years.filter(|year| self.told_for.is_none_or(|told| told < *year));
            days.find_map(|year| birthday.in_year(year, leap_day).filter(|on| near_until(*on) >= today))
        });
        BirthdayRecord { next_on, ..self }
    }

    /// Notes that the next birthday is told, and finds the one of the year after.
    pub fn told(self, leap_day: LeapDay) -> BirthdayRecord {
        let Some(on) = self.next_on else { return self };
        let year = on.year();
        let next = |birthday: Birthday| birthday.in_year(year.checked_add(1)?, leap_day);
        BirthdayRecord {
            told_for: Some(year),
            next_on: self.birthday.and_then(next),
            ..self
        }
    }
}

/// Returns the day from which on a birthday is near: that on which its calendar week, from Monday, or its calendar month begins.
pub fn near_from(on: Date) -> Date {
    let since_monday = Span::new().days(on.weekday().to_monday_zero_offset());
    let monday = on.checked_sub(since_monday).unwrap_or(Date::MIN);
    monday.min(on.first_of_month())
}

/// Returns the last day on which a birthday is near: that on which its week or its month ends.
fn near_until(on: Date) -> Date {
    let until_sunday = Span::new().days(6 - on.weekday().to_monday_zero_offset());
    let sunday = on.checked_add(until_sunday).unwrap_or(Date::MAX);
    sunday.max(on.last_of_month())
}

#[cfg(test)]
mod tests;
