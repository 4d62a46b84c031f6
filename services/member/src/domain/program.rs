//! Programs, and the clocks of those that are sandboxes.

use common::{ids::ProgramId, zone::Zone};
use jiff::Timestamp;
use thiserror::Error;

use super::{EtagMismatch, LeapDay, Revision};

/// A brand's loyalty program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Program {
    /// The id.
    pub program_id: ProgramId,
    /// What people call it.
    pub name: String,
    /// Where its days begin. It never changes, because past decisions rest on it.
    pub zone: Zone,
    /// The currency it counts spend in. It never changes either.
    pub currency_code: String,
    /// What time it is in the program.
    pub clock: ProgramClock,
    /// When those who were born on 29 February have their birthday in other years. It never changes either.
    pub leap_day: LeapDay,
    /// Changes with every change of the program.
    pub revision: Revision,
}

/// What time it is in a program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProgramClock {
    /// The time is the database's.
    Live,
    /// The time stands still until the program's owner advances it.
    Sandbox {
        /// Where it stands.
        clock_at: Timestamp,
    },
}

/// What a caller says of the program to be created.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewProgram {
    /// What people call it.
    pub name: String,
    /// The IANA name of its zone.
    pub zone: String,
    /// The currency it counts spend in.
    pub currency_code: String,
    /// Whether its clock stands still.
    pub sandbox: bool,
    /// Where its clock starts.
    pub clock_at: Option<Timestamp>,
    /// When those who were born on 29 February have their birthday in other years.
    pub leap_day: LeapDay,
}

/// Says why a program cannot be created.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum CreateRefused {
    /// The zone is not in the IANA database.
    #[error("is not in the IANA time zone database")]
    ZoneUnknown,
    /// A live program has no clock of its own.
    #[error("must not be set: a live program has no clock of its own")]
    ClockNotAllowed,
    /// A sandbox needs a clock to start from.
    #[error("must be set: a sandbox needs a clock to start from")]
    ClockRequired,
}

/// Says why a clock cannot be advanced.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
pub enum AdvanceRefused {
    /// Only a sandbox's clock can be advanced.
    #[error("the program is live; only a sandbox's clock can be advanced")]
    NotASandbox,
    /// The clock stands later already.
    #[error("the clock stands at {clock_at} already and never goes back")]
    ClockGoesBack {
        /// Where the clock stands.
        clock_at: Timestamp,
    },
}

impl CreateRefused {
    /// Returns the field of the program that is at fault.
    pub const fn field(self) -> &'static str {
        match self {
            CreateRefused::ZoneUnknown => "zone",
            CreateRefused::ClockNotAllowed | CreateRefused::ClockRequired => "clock_at",
        }
    }
}

impl Program {
    /// Creates a program, or says everything that keeps it from being created.
    pub fn create(program_id: ProgramId, new: NewProgram) -> Result<Program, Vec<CreateRefused>> {
        let zone = Zone::find(&new.zone).ok_or(CreateRefused::ZoneUnknown);
        let clock = match (new.sandbox, new.clock_at) {
            (false, None) => Ok(ProgramClock::Live),
            (true, Some(clock_at)) => Ok(ProgramClock::Sandbox { clock_at }),
            (false, Some(_)) => Err(CreateRefused::ClockNotAllowed),
            (true, None) => Err(CreateRefused::ClockRequired),
        };
        match (zone, clock) {
            (Ok(zone), Ok(clock)) => Ok(Program {
                program_id,
                name: new.name,
                zone,
                currency_code: new.currency_code,
                clock,
                leap_day: new.leap_day,
                revision: Revision::FIRST,
            }),
            (zone, clock) => Err(zone.err().into_iter().chain(clock.err()).collect()),
        }
    }

    /// Gives the program another name.
    pub fn rename(&self, etag: &str, name: String) -> Result<Program, EtagMismatch> {
        self.revision.check(etag)?;
        Ok(Program {
            name,
            revision: self.revision.next(),
            ..self.clone()
        })
    }

    /// Advances the clock of a sandbox. Advancing it to where it stands is allowed, and moves nothing.
    pub fn advance_clock(&self, to: Timestamp) -> Result<Program, AdvanceRefused> {
        match self.clock {
            ProgramClock::Live => Err(AdvanceRefused::NotASandbox),
            ProgramClock::Sandbox { clock_at } if to < clock_at => Err(AdvanceRefused::ClockGoesBack { clock_at }),
            ProgramClock::Sandbox { .. } => {
                let clock = ProgramClock::Sandbox { clock_at: to };
                Ok(Program {
                    clock,
                    revision: self.revision.next(),
                    ..self.clone()
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::constant(852_076_800, 0);
    const NEXT: Timestamp = Timestamp::constant(852_163_200, 0);

    fn new(zone: &str, sandbox: bool, clock_at: Option<Timestamp>) -> NewProgram {
        NewProgram {
            name: "Demo".into(),
            zone: zone.into(),
            currency_code: "USD".into(),
            sandbox,
            clock_at,
            leap_day: LeapDay::default(),
        }
    }

    fn create(zone: &str, sandbox: bool, clock_at: Option<Timestamp>) -> Result<Program, Vec<CreateRefused>> {
        Program::create(ProgramId::new(), new(zone, sandbox, clock_at))
    }

    #[test]
    fn a_sandbox_has_a_clock_and_a_live_program_has_none() {
        assert_eq!(create("Europe/Berlin", false, None).unwrap().clock, ProgramClock::Live);
        let sandbox = create("Europe/Berlin", true, Some(START)).unwrap();
        assert_eq!(sandbox.clock, ProgramClock::Sandbox { clock_at: START });
        assert_eq!(
            create("Europe/Berlin", false, Some(START)),
            Err(vec![CreateRefused::ClockNotAllowed])
        );
        assert_eq!(
            create("Europe/Berlin", true, None),
            Err(vec![CreateRefused::ClockRequired])
        );
    }

    #[test]
    fn everything_wrong_with_a_program_is_said_at_once() {
        let both = vec![CreateRefused::ZoneUnknown, CreateRefused::ClockRequired];
        assert_eq!(create("Mars/Olympus", true, None), Err(both));
    }

    #[test]
    fn a_clock_advances_stays_and_never_goes_back() {
        let program = create("Europe/Berlin", true, Some(START))
            .unwrap()
            .advance_clock(NEXT)
            .unwrap();
        assert_eq!(program.clock, ProgramClock::Sandbox { clock_at: NEXT });
        assert_eq!(program.advance_clock(NEXT).unwrap().clock, program.clock);
        assert_eq!(
            program.advance_clock(START),
            Err(AdvanceRefused::ClockGoesBack { clock_at: NEXT })
        );
    }

    #[test]
    fn a_live_program_has_no_clock_to_advance() {
        let program = create("Europe/Berlin", false, None).unwrap();
        assert_eq!(program.advance_clock(NEXT), Err(AdvanceRefused::NotASandbox));
    }

    #[test]
    fn renaming_needs_the_current_etag_or_none() {
        let program = create("Europe/Berlin", false, None)
            .unwrap()
            .rename("", "Brand".into())
            .unwrap();
        assert_eq!(program.name, "Brand");
        assert_eq!(
            program.rename("1", "Other".into()),
            Err(EtagMismatch {
                current: program.revision
            })
        );
        assert_eq!(
            program.rename("2", "Other".into()).unwrap().revision,
            program.revision.next()
        );
    }
}
