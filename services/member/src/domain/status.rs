//! The life of a member.
//!
//! ```text
//! PROSPECT --register--> REGISTERED --activate--> ACTIVATED
//!    |  ^                  |  ^                    |  ^
//! freeze unfreeze       freeze unfreeze         freeze unfreeze      each of the six --close--> CLOSED, for good
//!    v  |                  v  |                    v  |
//!  FROZEN                FROZEN                  FROZEN
//! ```
//! To callers all kinds of FROZEN look alike. A frozen membership can be closed: people may leave while they are under review.

use std::fmt;

use thiserror::Error;

/// Where a member stands in their life with the program.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Status {
    /// As the standing says: a prospect does not spend, others earn and spend.
    Open(Standing),
    /// Held by the merchant; unfreezing gives the standing back.
    Frozen(Standing),
    /// Left for good.
    Closed,
}

/// How far a member has come.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Standing {
    /// Known, and not enrolled.
    Prospect,
    /// Enrolled.
    Registered,
    /// Enrolled and confirmed.
    Activated,
}

/// Says that a member's status does not allow a change.
#[derive(Clone, Copy, Debug, Error, Eq, PartialEq)]
#[error("the member is {status}, which does not allow this")]
pub struct StatusNotAllowed {
    /// Where the member stands.
    pub status: Status,
}

use Standing::{Activated, Prospect, Registered};

impl Status {
    /// The status of someone who has just enrolled.
    pub const ENROLLED: Status = Status::Open(Registered);

    /// The status of a customer who has just become known.
    pub const KNOWN: Status = Status::Open(Prospect);

    /// Enrols a prospect.
    pub fn register(self) -> Result<Status, StatusNotAllowed> {
        match self {
            Status::KNOWN => Ok(Status::ENROLLED),
            status => Err(StatusNotAllowed { status }),
        }
    }

    /// Confirms someone who is registered.
    pub fn activate(self) -> Result<Status, StatusNotAllowed> {
        match self {
            Status::Open(Registered) => Ok(Status::Open(Activated)),
            status => Err(StatusNotAllowed { status }),
        }
    }

    /// Holds a membership.
    pub fn freeze(self) -> Result<Status, StatusNotAllowed> {
        match self {
            Status::Open(standing) => Ok(Status::Frozen(standing)),
            status => Err(StatusNotAllowed { status }),
        }
    }

    /// Gives a held membership back what it was.
    pub fn unfreeze(self) -> Result<Status, StatusNotAllowed> {
        match self {
            Status::Frozen(standing) => Ok(Status::Open(standing)),
            status => Err(StatusNotAllowed { status }),
        }
    }

    /// Ends a membership for good.
    pub fn close(self) -> Result<Status, StatusNotAllowed> {
        match self {
            Status::Open(_) | Status::Frozen(_) => Ok(Status::Closed),
            status => Err(StatusNotAllowed { status }),
        }
    }

    /// Returns the name that the contract gives the status.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Open(Prospect) => "PROSPECT",
            Status::Open(Registered) => "REGISTERED",
            Status::Open(Activated) => "ACTIVATED",
            Status::Frozen(_) => "FROZEN",
            Status::Closed => "CLOSED",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Change = fn(Status) -> Result<Status, StatusNotAllowed>;
    const CHANGES: [Change; 5] = [
        Status::register,
        Status::activate,
        Status::freeze,
        Status::unfreeze,
        Status::close,
    ];

    const REGISTERED: Status = Status::Open(Registered);
    const ACTIVATED: Status = Status::Open(Activated);
    const CLOSED: Status = Status::Closed;

    #[test]
    fn every_status_allows_exactly_what_the_table_says() {
        let (held, held_active) = (Status::Frozen(Registered), Status::Frozen(Activated));
        let (prospect, held_prospect) = (Status::KNOWN, Status::Frozen(Prospect));
        // from          register     activate         freeze             unfreeze         close
        let table = [
            (
                prospect,
                [Some(REGISTERED), None, Some(held_prospect), None, Some(CLOSED)],
            ),
            (REGISTERED, [None, Some(ACTIVATED), Some(held), None, Some(CLOSED)]),
            (ACTIVATED, [None, None, Some(held_active), None, Some(CLOSED)]),
            (held_prospect, [None, None, None, Some(prospect), Some(CLOSED)]),
            (held, [None, None, None, Some(REGISTERED), Some(CLOSED)]),
            (held_active, [None, None, None, Some(ACTIVATED), Some(CLOSED)]),
            (CLOSED, [None, None, None, None, None]),
        ];
        for (from, outcomes) in table {
            for (index, (change, outcome)) in CHANGES.into_iter().zip(outcomes).enumerate() {
                assert_eq!(
                    change(from),
                    outcome.ok_or(StatusNotAllowed { status: from }),
                    "{from:?}, change {index}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_happens_closed_stays_closed_and_nobody_goes_back(
            changes in prop::collection::vec(prop::sample::select(CHANGES.to_vec()), 0..30)
        ) {
            let come = |status| match status {
                Status::Open(Prospect) | Status::Frozen(Prospect) => 0,
                Status::Open(Registered) | Status::Frozen(Registered) => 1,
                Status::Open(Activated) | Status::Frozen(Activated) => 2,
                Status::Closed => 3,
            };
            let mut status = Status::KNOWN;
            for change in changes {
                let after = change(status).unwrap_or(status);
                prop_assert!(come(after) >= come(status));
                status = after;
            }
        }
    }
}
