//! How each refusal travels.

use common::refusal::{Refusal, Violation};
use tonic::{Code, Status};

use crate::error::Error;

const DOMAIN: &str = "tier.loyalty";

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let message = error.to_string();
        let refusal = |code, reason| Refusal::new(code, reason, message).of(DOMAIN);
        match error {
            Error::MemberNotFound { member_id } => {
                refusal(Code::NotFound, "MEMBER_NOT_FOUND").with("member_id", member_id)
            }
            Error::LadderNotFound { ladder } => refusal(Code::NotFound, "LADDER_NOT_FOUND").with("ladder", ladder),
            Error::LadderInvalid { contradictions } => {
                let violation = |found: crate::domain::Contradiction| Violation {
                    field: format!("ladder.{}", found.field),
                    description: found.kind.to_string(),
                };
                let violations = contradictions.into_iter().map(violation).collect();
                Refusal {
                    violations,
                    ..refusal(Code::InvalidArgument, "LADDER_INVALID")
                }
            }
            Error::LevelInUse { level } => refusal(Code::FailedPrecondition, "LEVEL_IN_USE").with("level", level),
            Error::EffectiveInPast { clock_at } => {
                refusal(Code::InvalidArgument, "EFFECTIVE_IN_PAST").with("clock_at", clock_at)
            }
            Error::EvaluatedInPast { clock_at } => {
                refusal(Code::InvalidArgument, "EVALUATED_IN_PAST").with("clock_at", clock_at)
            }
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        Refusal::from(error).into()
    }
}
