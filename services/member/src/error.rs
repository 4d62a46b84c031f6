//! Every way in which the member service says no.

use common::ids::{MemberId, ProgramId};
use jiff::Timestamp;
use thiserror::Error;

use crate::{
    domain::{
        AdvanceRefused, BirthdayChanged, CreateRefused, EtagMismatch, IdentifierKind, MaskRefused, OccurredInFuture,
        ProfileMistake, RegisterRefused, Status, StatusNotAllowed, UpdateRefused,
    },
    vault::NotOpened,
};

/// Why a request is refused. Nothing happened. No variant holds personal data.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum Error {
    /// The caller's program does not exist.
    #[error("there is no program {program_id}")]
    ProgramNotFound {
        /// The program of the caller's token.
        program_id: ProgramId,
    },
    /// The caller's program exists already.
    #[error("the program {program_id} exists already")]
    ProgramExists {
        /// The program of the caller's token.
        program_id: ProgramId,
    },
    /// The program cannot be made as it was described.
    #[error("the program cannot be made like this")]
    ProgramNotPossible {
        /// Everything that is wrong with it; never empty.
        refusals: Vec<CreateRefused>,
        /// The name of the zone that was asked for.
        zone: String,
    },
    /// The clock of a live program cannot be advanced.
    #[error("the program {program_id} is live; only a sandbox's clock can be advanced")]
    NotASandbox {
        /// The program.
        program_id: ProgramId,
    },
    /// The clock stands later already.
    #[error("the clock stands at {clock_at} already and never goes back to {to}")]
    ClockGoesBack {
        /// Where it stands.
        clock_at: Timestamp,
        /// Where it was to stand.
        to: Timestamp,
    },
    /// The program has no such member; the lookup of an identifier names none.
    #[error("the program has no such member")]
    MemberNotFound {
        /// Who was asked for.
        member_id: Option<MemberId>,
    },
    /// Another member has the identifier. Neither the value nor the member is told.
    #[error("another member of the program has this {}", .kind.field())]
    IdentifierTaken {
        /// Which identifier.
        kind: IdentifierKind,
    },
    /// A profile or an identifier is not what it should be.
    #[error("the person is not described as a person can be")]
    InvalidProfile {
        /// The path under which the fields lie; empty at the top.
        within: &'static str,
        /// Everything that is wrong with it; never empty.
        mistakes: Vec<ProfileMistake>,
    },
    /// The resource changed since the caller read it.
    #[error(transparent)]
    EtagMismatch(#[from] EtagMismatch),
    /// The update mask names what cannot be updated.
    #[error("the update mask {0}")]
    FieldNotUpdatable(#[from] MaskRefused),
    /// The member's status does not allow it.
    #[error("the member is {status}, which does not allow this")]
    StatusNotAllowed {
        /// The member.
        member_id: MemberId,
        /// Where the member stands.
        status: Status,
    },
    /// The membership is closed.
    #[error("the membership is closed")]
    MemberClosed {
        /// The member.
        member_id: MemberId,
    },
    /// The birthday was changed in this calendar year already.
    #[error("{refused}")]
    BirthdayChanged {
        /// The member.
        member_id: MemberId,
        /// When it can be changed again.
        refused: BirthdayChanged,
    },
    /// It is said to have happened after the program's present.
    #[error(transparent)]
    OccurredInFuture(#[from] OccurredInFuture),
    /// What is stored of the person does not open: a fault of ours.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
}

impl Error {
    /// Says that there is no such member.
    pub fn no_member(member_id: MemberId) -> Error {
        Error::MemberNotFound {
            member_id: Some(member_id),
        }
    }

    /// Says that a member's status does not allow a change.
    pub fn status(member_id: MemberId) -> impl Fn(StatusNotAllowed) -> Error {
        move |refused| Error::StatusNotAllowed {
            member_id,
            status: refused.status,
        }
    }

    /// Says why a prospect is not enrolled.
    pub fn register(member_id: MemberId) -> impl Fn(RegisterRefused) -> Error {
        move |refused| match refused {
            RegisterRefused::StatusNotAllowed(refused) => Error::status(member_id)(refused),
            RegisterRefused::OccurredInFuture(refused) => refused.into(),
        }
    }

    /// Says why a member is not updated.
    pub fn update(member_id: MemberId) -> impl Fn(UpdateRefused) -> Error {
        move |refused| match refused {
            UpdateRefused::MemberClosed => Error::MemberClosed { member_id },
            UpdateRefused::EtagMismatch(mismatch) => mismatch.into(),
        }
    }

    /// Says that a birthday is not changed.
    pub fn birthday(member_id: MemberId) -> impl Fn(BirthdayChanged) -> Error {
        move |refused| Error::BirthdayChanged { member_id, refused }
    }

    /// Says why a clock is not advanced.
    pub fn advance(program_id: ProgramId, to: Timestamp) -> impl Fn(AdvanceRefused) -> Error {
        move |refused| match refused {
            AdvanceRefused::NotASandbox => Error::NotASandbox { program_id },
            AdvanceRefused::ClockGoesBack { clock_at } => Error::ClockGoesBack { clock_at, to },
        }
    }
}
