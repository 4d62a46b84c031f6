//! From each way of saying no to its code, reason and metadata.

use common::refusal::{Refusal, Violations};
use tonic::{Code, Status};

use crate::{
    domain::{CreateRefused, MaskRefused, ProfileMistake},
    error::Error,
};

/// The domain of this service's own reasons.
const DOMAIN: &str = "member.loyalty";

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let own = |code, reason| Refusal::new(code, reason, message.clone()).of(DOMAIN);
        match error {
            Error::ProgramNotFound { program_id } => {
                Refusal::new(Code::NotFound, "PROGRAM_NOT_FOUND", message).with("program_id", program_id)
            }
            Error::ProgramExists { program_id } => {
                own(Code::AlreadyExists, "PROGRAM_EXISTS").with("program_id", program_id)
            }
            Error::ProgramNotPossible { refusals, zone } => program_not_possible(&refusals, zone, message),
            Error::NotASandbox { program_id } => {
                own(Code::FailedPrecondition, "NOT_A_SANDBOX").with("program_id", program_id)
            }
            Error::ClockGoesBack { clock_at, to } => own(Code::FailedPrecondition, "CLOCK_GOES_BACK")
                .with("clock_at", clock_at)
                .with("to", to),
            Error::MemberNotFound {
                member_id: Some(member_id),
            } => own(Code::NotFound, "MEMBER_NOT_FOUND").with("member_id", member_id),
            Error::MemberNotFound { member_id: None } => own(Code::NotFound, "MEMBER_NOT_FOUND"),
            Error::IdentifierTaken { kind } => {
                own(Code::AlreadyExists, "IDENTIFIER_TAKEN").with("field", format!("profile.{}", kind.field()))
            }
            Error::InvalidProfile { within, mistakes } => invalid_profile(within, &mistakes, message),
            Error::EtagMismatch(mismatch) => own(Code::Aborted, "ETAG_MISMATCH").with("etag", mismatch.current),
            Error::FieldNotUpdatable(refused) => {
                let violations = mask_violations(&refused);
                with_violations(own(Code::InvalidArgument, "FIELD_NOT_UPDATABLE"), violations)
            }
            Error::StatusNotAllowed { member_id, status } => own(Code::FailedPrecondition, "STATUS_NOT_ALLOWED")
                .with("member_id", member_id)
                .with("status", status),
            Error::MemberClosed { member_id } => {
                own(Code::FailedPrecondition, "MEMBER_CLOSED").with("member_id", member_id)
            }
            Error::BirthdayChanged { member_id, refused } => own(Code::FailedPrecondition, "BIRTHDAY_CHANGED")
                .with("member_id", member_id)
                .with("changeable_on", refused.changeable_on),
            Error::OccurredInFuture(refused) => {
                own(Code::InvalidArgument, "OCCURRED_IN_FUTURE").with("clock_at", refused.clock_at)
            }
            Error::NotOpened(error) => {
                tracing::error!(%error, "a fault of ours");
                Refusal::new(
                    Code::Internal,
                    "INTERNAL",
                    "an internal fault; ask again with the same request id",
                )
            }
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Refusal::from(error).into()
    }
}

/// Refuses for the first thing that is wrong with a program, and names every field at fault.
fn program_not_possible(refusals: &[CreateRefused], zone: String, message: String) -> Refusal {
    let mut violations = Violations::default();
    for refused in refusals {
        violations.add(format!("program.{}", refused.field()), refused);
    }
    let own = |reason| Refusal::new(Code::InvalidArgument, reason, message).of(DOMAIN);
    let refusal = match refusals.first() {
        Some(CreateRefused::ClockNotAllowed) => own("CLOCK_NOT_ALLOWED"),
        Some(CreateRefused::ClockRequired) => own("CLOCK_REQUIRED"),
        Some(CreateRefused::ZoneUnknown) | None => own("ZONE_UNKNOWN").with("zone", zone),
    };
    with_violations(refusal, violations)
}

/// Refuses because of an identifier where one is at fault, and otherwise as any malformed field is refused.
fn invalid_profile(within: &str, mistakes: &[ProfileMistake], message: String) -> Refusal {
    let mut violations = Violations::default();
    for mistake in mistakes {
        violations.add(format!("{within}{}", mistake.field()), mistake);
    }
    if mistakes.iter().any(ProfileMistake::is_identifier) {
        with_violations(
            Refusal::new(Code::InvalidArgument, "INVALID_IDENTIFIER", message).of(DOMAIN),
            violations,
        )
    } else {
        violations.into()
    }
}

fn mask_violations(refused: &MaskRefused) -> Violations {
    let mut violations = Violations::default();
    match refused {
        MaskRefused::Empty => violations.add("update_mask", refused),
        MaskRefused::NotUpdatable { positions } => {
            for position in positions {
                violations.add(format!("update_mask.paths[{position}]"), refused);
            }
        }
    }
    violations
}

fn with_violations(refusal: Refusal, violations: Violations) -> Refusal {
    Refusal {
        violations: violations.list().into(),
        ..refusal
    }
}
