//! Birthdays, which are kept apart from the person so that it can be found whose is near, and told then, once a year.

use common::{time::to_wire, writer::Stamp, zone::Zone};
use jiff::{Timestamp, civil::Date};
use proto::member::{self as pb, member_event::Event};

use super::state::State;
use crate::{
    domain::{BirthDate, BirthdayRecord, LeapDay, ProfileMistake, near_from},
    error::Error,
    store::{DueBirthday, Place},
};

/// By what a program counts days.
pub(super) struct Calendar {
    zone: Zone,
    now: Timestamp,
    pub(super) leap_day: LeapDay,
}

impl Calendar {
    /// Finds out. The program was loaded.
    pub(super) fn of(state: &State, stamp: &Stamp<'_>) -> Result<Calendar, Error> {
        let program = state.program(stamp)?;
        Ok(Calendar {
            zone: program.zone.clone(),
            now: stamp.now(),
            leap_day: program.leap_day,
        })
    }

    pub(super) fn today(&self) -> Date {
        self.zone.tz().to_datetime(self.now).date()
    }

    /// Returns the instant at which a day begins; nothing for one beyond all time.
    fn beginning(&self, day: Date) -> Option<Timestamp> {
        day.to_zoned(self.zone.tz().clone())
            .ok()
            .map(|begins| begins.timestamp())
    }

    /// Tells whether a day was over at an instant.
    fn is_over(&self, day: Date, at: Timestamp) -> bool {
        let next = day.tomorrow().ok().and_then(|next| self.beginning(next));
        next.is_some_and(|next| next <= at)
    }

    /// Refuses a birth date that is still to come.
    pub(super) fn check(&self, birth_date: &BirthDate) -> Result<(), Error> {
        if birth_date.is_after(self.today()) {
            return Err(Error::InvalidProfile {
                within: "profile.",
                mistakes: vec![ProfileMistake::BirthDateInFuture],
            });
        }
        Ok(())
    }
}

/// Keeps a birthday, and tells what of it is near already, or was at any time since it was told last.
pub(super) fn keep(
    state: &mut State,
    stamp: &mut Stamp<'_>,
    (place, record): (Place, BirthdayRecord),
    calendar: &Calendar,
    known_from: Timestamp,
) {
    let mut record = record;
    let mut due_at = None;
    while let Some(on) = record.next_on {
        due_at = calendar.beginning(near_from(on));
        let Some(near_at) = due_at.filter(|near_at| *near_at <= calendar.now) else {
            break;
        };
        let event = Event::BirthdayAhead(pb::BirthdayAhead {
            member_id: place.member_id().to_string(),
            on: on.to_string(),
            begins_at: calendar.beginning(on).map(to_wire),
            over: calendar.is_over(on, known_from),
        });
        let event = pb::MemberEvent { event: Some(event) };
        stamp.record(place.member_id(), near_at.max(known_from), &event);
        record = record.told(calendar.leap_day);
        due_at = None;
    }
    if due_at.is_none() {
        record = record.held();
    }
    state.birthdays.put(place, DueBirthday { record, due_at });
}
