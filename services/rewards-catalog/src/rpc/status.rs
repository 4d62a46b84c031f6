//! How each refusal travels: its code, its reason and the numbers that explain it.

use common::refusal::{Refusal, Violations};
use proto::rewards_catalog::UnavailableReason;
use tonic::{Code, Status};

use crate::{
    domain::{Contradiction, Obstacle, Rejection},
    error::{Error, Failure},
};

const DOMAIN: &str = "rewards-catalog.loyalty";

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let refuse = |code, reason| Refusal::new(code, reason, error.to_string()).of(DOMAIN);
        match &error {
            Error::RewardNotFound { reward } => refuse(Code::NotFound, "REWARD_NOT_FOUND").with("reward", reward),
            Error::MemberNotFound { member_id } => {
                refuse(Code::NotFound, "MEMBER_NOT_FOUND").with("member_id", member_id)
            }
            Error::RewardUnavailable { reward, obstacles } => {
                let refusal = refuse(Code::FailedPrecondition, "REWARD_UNAVAILABLE").with("reward", reward);
                obstacles
                    .first()
                    .map_or(refusal.clone(), |obstacle| explain(refusal, obstacle))
            }
            Error::RedemptionRejected { reward, rejection } => {
                let refusal = refuse(Code::FailedPrecondition, "REWARD_UNAVAILABLE").with("reward", reward);
                let refusal = refusal.with("unavailable", name((*rejection).into()));
                match rejection {
                    Rejection::InsufficientPoints { missing } => refusal.with("missing_points", missing),
                    Rejection::MemberNotAllowed | Rejection::TimedOut => refusal,
                }
            }
            Error::RedemptionNotFound { redemption_id } => {
                refuse(Code::NotFound, "REDEMPTION_NOT_FOUND").with("redemption_id", redemption_id)
            }
            Error::NotCancellable(refused) => refuse(Code::FailedPrecondition, "NOT_CANCELLABLE")
                .with("redemption_id", refused.redemption_id)
                .with("state", refused.state),
            Error::StockBelowZero(refused) => refuse(Code::FailedPrecondition, "STOCK_BELOW_ZERO")
                .with("stock", refused.stock)
                .with("delta", refused.delta),
            Error::RewardInvalid { contradictions } => Refusal {
                violations: violations(contradictions).list().into(),
                ..refuse(Code::InvalidArgument, "REWARD_INVALID")
            },
            Error::EffectiveInPast { clock_at } => {
                refuse(Code::InvalidArgument, "EFFECTIVE_IN_PAST").with("clock_at", clock_at)
            }
        }
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Status {
        match failure {
            Failure::Write(error) => error.into(),
            Failure::Fault(fault) => fault.into(),
        }
    }
}

/// Adds the first obstacle and its numbers.
fn explain(refusal: Refusal, obstacle: &Obstacle) -> Refusal {
    let because = |reason| refusal.clone().with("unavailable", name(reason));
    match obstacle {
        Obstacle::Paused => because(UnavailableReason::Paused),
        Obstacle::MemberNotAllowed => because(UnavailableReason::MemberNotAllowed),
        Obstacle::OutsideWindow { opens_at: None } => because(UnavailableReason::OutsideWindow),
        Obstacle::OutsideWindow { opens_at: Some(at) } => {
            because(UnavailableReason::OutsideWindow).with("opens_at", at)
        }
        Obstacle::LevelRequired { levels } => {
            because(UnavailableReason::LevelRequired).with("levels", levels.join(","))
        }
        Obstacle::LimitReached { limit } => because(UnavailableReason::LimitReached).with("limit", limit),
        Obstacle::OutOfStock => because(UnavailableReason::OutOfStock),
        Obstacle::InsufficientPoints { missing } => {
            because(UnavailableReason::InsufficientPoints).with("missing_points", missing)
        }
    }
}

fn name(reason: UnavailableReason) -> &'static str {
    reason.as_str_name().trim_start_matches("UNAVAILABLE_REASON_")
}

fn violations(contradictions: &[Contradiction]) -> Violations {
    let mut violations = Violations::default();
    for contradiction in contradictions {
        violations.add(format!("reward.{}", contradiction.field()), contradiction);
    }
    violations
}
