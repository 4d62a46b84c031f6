//! From a refusal to what travels: a code, a reason and the numbers that explain it.

use common::refusal::Refusal as Wire;
use tonic::{Code, Status};

use crate::{
    domain::{AdjustmentRefusal, AdjustmentState, Refusal},
    error::Error,
};

const DOMAIN: &str = "points.loyalty";

impl From<Error> for Wire {
    fn from(error: Error) -> Wire {
        let refuse = |code, reason| Wire::new(code, reason, error.to_string()).of(DOMAIN);
        match &error {
            Error::AccountNotFound { member_id } => {
                refuse(Code::NotFound, "ACCOUNT_NOT_FOUND").with("member_id", member_id)
            }
            Error::MemberNotAllowed { member_id, status } => refuse(Code::FailedPrecondition, "MEMBER_NOT_ALLOWED")
                .with("member_id", member_id)
                .with("status", status.as_str_name().trim_start_matches("MEMBER_STATUS_")),
            Error::WalletNotFound { wallet } => refuse(Code::NotFound, "WALLET_NOT_FOUND").with("wallet", wallet),
            Error::EntryNotFound { entry_id } => refuse(Code::NotFound, "ENTRY_NOT_FOUND").with("entry_id", entry_id),
            Error::EarningNotFound { request_id, wallet } => refuse(Code::NotFound, "ENTRY_NOT_FOUND")
                .with("request_id", request_id)
                .with("wallet", wallet),
            Error::InvalidBalanceToken => refuse(Code::InvalidArgument, "INVALID_BALANCE_TOKEN"),
            Error::ScaleFixed { wallet, scale } => refuse(Code::FailedPrecondition, "SCALE_FIXED")
                .with("wallet", wallet)
                .with("scale", scale),
            Error::EffectiveInPast { clock_at } => {
                refuse(Code::InvalidArgument, "EFFECTIVE_IN_PAST").with("clock_at", clock_at)
            }
            Error::TransferDeclined { member_id, because } => refuse(Code::FailedPrecondition, "TRANSFER_DECLINED")
                .with("member_id", member_id)
                .with("because", because),
            Error::NotSealed { entry_id } => refuse(Code::FailedPrecondition, "NOT_SEALED").with("entry_id", entry_id),
            Error::NotStoredValue { wallet } => {
                refuse(Code::FailedPrecondition, "NOT_STORED_VALUE").with("wallet", wallet)
            }
            Error::StoredValue { wallet } => refuse(Code::FailedPrecondition, "STORED_VALUE").with("wallet", wallet),
            Error::StoredValueFixed { wallet } => {
                refuse(Code::FailedPrecondition, "STORED_VALUE_FIXED").with("wallet", wallet)
            }
            Error::NoBonusWallet { wallet } => {
                refuse(Code::FailedPrecondition, "NO_BONUS_WALLET").with("wallet", wallet)
            }
            Error::PaymentUsed { payment_id } => {
                refuse(Code::AlreadyExists, "PAYMENT_USED").with("payment_id", payment_id)
            }
            Error::StoredValueLimit { most, balance, asked } => refuse(Code::FailedPrecondition, "STORED_VALUE_LIMIT")
                .with("most", most)
                .with("balance", balance)
                .with("asked", asked),
            Error::PaymentNotFound { request_id, wallet } => refuse(Code::NotFound, "ENTRY_NOT_FOUND")
                .with("request_id", request_id)
                .with("wallet", wallet),
            Error::GiftNotFound { gift_id } => refuse(Code::NotFound, "GIFT_NOT_FOUND").with("gift_id", gift_id),
            Error::ValueHeld { held } => refuse(Code::FailedPrecondition, "VALUE_HELD").with("held", held),
            Error::Adjustment(refusal) => of_adjustment(refusal),
            Error::Ledger(refusal) => of_ledger(refusal),
            Error::Batch { posting, refusal } => {
                let refused = Wire::from((**refusal).clone());
                Wire {
                    message: error.to_string(),
                    ..refused
                }
                .with("posting", posting)
            }
        }
    }
}

fn of_adjustment(refusal: &AdjustmentRefusal) -> Wire {
    let refuse = |code, reason| Wire::new(code, reason, refusal.to_string()).of(DOMAIN);
    match refusal {
        AdjustmentRefusal::Forbidden { wallet } => {
            refuse(Code::FailedPrecondition, "ADJUSTMENTS_FORBIDDEN").with("wallet", wallet)
        }
        AdjustmentRefusal::ReasonUnknown { reason_code, known } => {
            refuse(Code::FailedPrecondition, "REASON_CODE_UNKNOWN")
                .with("reason_code", reason_code)
                .with("known", known.join(","))
        }
        AdjustmentRefusal::OverLimit { asked, limit, used } => refuse(Code::FailedPrecondition, "OPERATOR_LIMIT")
            .with("asked", asked)
            .with("limit", limit)
            .with("used", used),
        AdjustmentRefusal::NotFound { adjustment_id } => {
            refuse(Code::NotFound, "ADJUSTMENT_NOT_FOUND").with("adjustment_id", adjustment_id)
        }
        AdjustmentRefusal::NotOpen { adjustment_id, state } => {
            let state = match state {
                AdjustmentState::Open => "EXPIRED",
                AdjustmentState::Approved => "APPROVED",
                AdjustmentState::Rejected => "REJECTED",
            };
            refuse(Code::FailedPrecondition, "ADJUSTMENT_NOT_OPEN")
                .with("adjustment_id", adjustment_id)
                .with("state", state)
        }
        AdjustmentRefusal::Differs { adjustment_id } => {
            refuse(Code::Aborted, "PROPOSAL_DIFFERS").with("adjustment_id", adjustment_id)
        }
        AdjustmentRefusal::SamePerson { adjustment_id } => {
            refuse(Code::PermissionDenied, "SAME_PERSON").with("adjustment_id", adjustment_id)
        }
        AdjustmentRefusal::OwnAccount { member_id } => {
            refuse(Code::PermissionDenied, "OWN_ACCOUNT").with("member_id", member_id)
        }
    }
}

fn of_ledger(refusal: &Refusal) -> Wire {
    let refuse = |code, reason| Wire::new(code, reason, refusal.to_string()).of(DOMAIN);
    match refusal {
        Refusal::InsufficientPoints { available, asked } => refuse(Code::FailedPrecondition, "INSUFFICIENT_POINTS")
            .with("available", available)
            .with("asked", asked)
            .with("missing", asked.saturating_sub(*available)),
        Refusal::OccurredInFuture { now } => refuse(Code::InvalidArgument, "OCCURRED_IN_FUTURE").with("clock_at", now),
        Refusal::BalanceOutOfRange { wallet } => {
            refuse(Code::OutOfRange, "BALANCE_OUT_OF_RANGE").with("wallet", wallet)
        }
        Refusal::HoldNotFound { hold_id } => refuse(Code::NotFound, "HOLD_NOT_FOUND").with("hold_id", hold_id),
        Refusal::HoldNotActive { hold_id, state } => refuse(Code::FailedPrecondition, "HOLD_NOT_ACTIVE")
            .with("hold_id", hold_id)
            .with("state", state.name()),
        Refusal::MoreThanHeld { held, asked } => refuse(Code::FailedPrecondition, "MORE_THAN_HELD")
            .with("held", held)
            .with("asked", asked),
        Refusal::NotReversible { entry_id, kind } => refuse(Code::FailedPrecondition, "NOT_REVERSIBLE")
            .with("entry_id", entry_id)
            .with("kind", kind.name()),
        Refusal::NotRestorable { entry_id, kind } => refuse(Code::FailedPrecondition, "NOT_RESTORABLE")
            .with("entry_id", entry_id)
            .with("kind", kind.name()),
        Refusal::OverLimit { most, asked } => refuse(Code::FailedPrecondition, "OVER_LIMIT")
            .with("most", most)
            .with("asked", asked),
        Refusal::CapReached { wallet } => refuse(Code::FailedPrecondition, "CAP_REACHED").with("wallet", wallet),
        Refusal::NothingWaits { event } => refuse(Code::FailedPrecondition, "NOTHING_WAITS").with("event", event),
        Refusal::EndInPast { now } => refuse(Code::InvalidArgument, "END_IN_PAST").with("clock_at", now),
        Refusal::NothingToExtend { expires_at } => {
            refuse(Code::FailedPrecondition, "NOTHING_TO_EXTEND").with("expires_at", expires_at)
        }
        Refusal::FunderUnknown { funder, known } => {
            let known: Vec<&str> = known.iter().map(|funder| funder.as_str()).collect();
            refuse(Code::FailedPrecondition, "FUNDER_UNKNOWN")
                .with("funder", funder)
                .with("known", known.join(","))
        }
        Refusal::NotALot { entry_id, kind } => refuse(Code::FailedPrecondition, "NOT_A_LOT")
            .with("entry_id", entry_id)
            .with("kind", kind.name()),
        Refusal::MoreThanOwed { owed, asked } => refuse(Code::FailedPrecondition, "MORE_THAN_OWED")
            .with("owed", owed)
            .with("asked", asked),
        Refusal::TransfersForbidden { wallet } => {
            refuse(Code::FailedPrecondition, "TRANSFERS_FORBIDDEN").with("wallet", wallet)
        }
        Refusal::MoreThanEntry { left, asked } => refuse(Code::FailedPrecondition, "MORE_THAN_ENTRY")
            .with("left", left)
            .with("asked", asked),
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        Wire::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use common::{ids::EntryId, points::Points};

    use super::*;

    #[test]
    fn a_refused_batch_has_the_reason_of_the_posting_and_its_number() {
        let (available, asked) = (Points::new(80).unwrap(), Points::new(100).unwrap());
        let refusal = Box::new(Error::Ledger(Refusal::InsufficientPoints { available, asked }));
        let wire = Wire::from(Error::Batch { posting: 3, refusal });
        assert_eq!(
            (wire.code, wire.reason, wire.domain),
            (Code::FailedPrecondition, "INSUFFICIENT_POINTS", DOMAIN)
        );
        assert_eq!((&*wire.metadata["posting"], &*wire.metadata["missing"]), ("3", "20"));
    }

    #[test]
    fn every_reason_is_one_of_the_contract() {
        let id = EntryId::new();
        let state = crate::domain::HoldState::Expired;
        for (refusal, reason) in [
            (Refusal::HoldNotFound { hold_id: id }, "HOLD_NOT_FOUND"),
            (Refusal::HoldNotActive { hold_id: id, state }, "HOLD_NOT_ACTIVE"),
        ] {
            let wire = of_ledger(&refusal);
            assert_eq!(wire.reason, reason);
            let name = format!("ERROR_REASON_{reason}");
            assert!(proto::points::ErrorReason::from_str_name(&name).is_some(), "{name}");
        }
    }
}
