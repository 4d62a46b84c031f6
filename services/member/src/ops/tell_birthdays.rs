//! Tells that a member's birthday is near.

use common::writer::Stamp;
use jiff::Timestamp;

use super::{
    birthday::{Calendar, keep},
    state::State,
};
use crate::{error::Error, store::Place};

/// The birthdays of a member that are near by the program's clock, each to be told. Done twice, it does nothing the second time.
#[derive(Debug)]
pub struct TellBirthdays;

impl TellBirthdays {
    pub(super) fn decide(&self, state: &mut State, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        let place = Place::of(stamp.program_id(), stamp.member_id());
        let calendar = Calendar::of(state, stamp)?;
        let due = state.birthdays.get(&place).copied();
        if let Some(due) = due.filter(|due| due.due_at.is_some_and(|due_at| due_at <= stamp.now())) {
            keep(state, stamp, (place, due.record), &calendar, Timestamp::MIN);
        }
        Ok(Vec::new())
    }
}
