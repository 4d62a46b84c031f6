//! How each refusal travels: its code, its reason and the numbers that explain it.

use common::refusal::{Refusal, Violations};
use proto::rewards_catalog::UnavailableReason;
use tonic::{Code, Status};

use crate::{
    domain::{Contradiction, LotteryContradiction, Obstacle, Rejection},
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
                explain_rejection(refusal, *rejection)
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
            Error::EffectiveInPast { clock_at } | Error::OpensInPast { clock_at } => {
                refuse(Code::InvalidArgument, "EFFECTIVE_IN_PAST").with("clock_at", clock_at)
            }
            Error::LotteryNotFound { lottery } => refuse(Code::NotFound, "LOTTERY_NOT_FOUND").with("lottery", lottery),
            Error::LotteryInvalid { contradictions } => Refusal {
                violations: violations_of_lottery(contradictions).list().into(),
                ..refuse(Code::InvalidArgument, "LOTTERY_INVALID")
            },
            Error::LotteryFrozen { lottery, opens_at } => refuse(Code::FailedPrecondition, "LOTTERY_FROZEN")
                .with("lottery", lottery)
                .with("opens_at", opens_at),
            Error::PrizesNotInStock { reward, stock, missing } => {
                let refusal = refuse(Code::FailedPrecondition, "PRIZES_NOT_IN_STOCK").with("reward", reward);
                refusal.with("stock", stock).with("missing", missing)
            }
            Error::TicketUnavailable { lottery, obstacles } => {
                let refusal = refuse(Code::FailedPrecondition, "TICKET_UNAVAILABLE").with("lottery", lottery);
                obstacles
                    .first()
                    .map_or(refusal.clone(), |obstacle| explain(refusal, obstacle))
            }
            Error::TicketRejected { lottery, rejection } => {
                let refusal = refuse(Code::FailedPrecondition, "TICKET_UNAVAILABLE").with("lottery", lottery);
                explain_rejection(refusal, *rejection)
            }
            Error::TicketNotFound { ticket_id } => {
                refuse(Code::NotFound, "TICKET_NOT_FOUND").with("ticket_id", ticket_id)
            }
            Error::TicketNotIssued { ticket_id, state } => refuse(Code::FailedPrecondition, "TICKET_NOT_ISSUED")
                .with("ticket_id", ticket_id)
                .with("state", state),
            Error::LotteryNotClosed { lottery, closes_at } => refuse(Code::FailedPrecondition, "LOTTERY_NOT_CLOSED")
                .with("lottery", lottery)
                .with("closes_at", closes_at),
            Error::TicketsNotDrawn { lottery, tickets } => refuse(Code::FailedPrecondition, "TICKETS_NOT_DRAWN")
                .with("lottery", lottery)
                .with("tickets", tickets),
            Error::SeedNotRevealed { lottery } => {
                refuse(Code::FailedPrecondition, "SEED_NOT_REVEALED").with("lottery", lottery)
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

/// Adds why the points service did not take part, and its numbers.
fn explain_rejection(refusal: Refusal, rejection: Rejection) -> Refusal {
    let refusal = refusal.with("unavailable", name(rejection.into()));
    match rejection {
        Rejection::InsufficientPoints { missing } => refusal.with("missing_points", missing),
        Rejection::MemberNotAllowed | Rejection::TimedOut => refusal,
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

fn violations_of_lottery(contradictions: &[LotteryContradiction]) -> Violations {
    let mut violations = Violations::default();
    for contradiction in contradictions {
        violations.add(format!("lottery.{}", contradiction.field()), contradiction);
    }
    violations
}
