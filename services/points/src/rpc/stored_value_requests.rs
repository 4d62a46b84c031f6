//! Requests on stored value, as commands.

use std::collections::BTreeSet;

use common::{points::Points, refusal::Violations};
use proto::points::{self as pb, refund_stored_value_request::TakenBy};

use super::{
    change::Asks,
    fields::{initiator, points, some_or_all, wallet},
};
use crate::{
    domain,
    ops::{
        CaptureStoredValue, CashOut, Command, HoldStoredValue, RefundStoredValue, ReleaseStoredValue, SpendStoredValue,
        TopUp, method,
    },
    store::most_by_law,
};

impl Asks for pb::TopUpRequest {
    type Answer = pb::TopUpResponse;

    const METHOD: i16 = method::TOP_UP;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let paid = points(violations, "paid", self.paid);
        let bonus = points(violations, "bonus", self.bonus);
        let mut ids = BTreeSet::new();
        for (number, gift) in self.gifts.iter().enumerate() {
            violations.check(
                ids.insert(&gift.gift_id),
                &format!("gifts[{number}].gift_id"),
                "is there twice",
            );
            let is_unsaid = gift.state() == pb::GiftState::Unspecified;
            violations.check(is_unsaid, &format!("gifts[{number}].state"), "is not to be sent");
        }
        Some(Command::TopUp(TopUp {
            wallet: wallet?,
            payment_id: self.payment_id.clone(),
            paid: paid?,
            bonus: bonus?,
            gifts: self.gifts.clone(),
        }))
    }
}

impl Asks for pb::SpendStoredValueRequest {
    type Answer = pb::SpendStoredValueResponse;

    const METHOD: i16 = method::SPEND_STORED_VALUE;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let amount = points(violations, "minor_units", self.minor_units);
        Some(Command::SpendStoredValue(SpendStoredValue {
            wallet: wallet?,
            amount: amount?,
            reference: self.reference.clone(),
        }))
    }
}

impl Asks for pb::HoldStoredValueRequest {
    type Answer = pb::HoldStoredValueResponse;

    const METHOD: i16 = method::HOLD_STORED_VALUE;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let amount = points(violations, "minor_units", self.minor_units);
        let ttl_seconds = u32::try_from(self.ttl_seconds).ok().filter(|seconds| *seconds > 0);
        Some(Command::HoldStoredValue(HoldStoredValue {
            wallet: wallet?,
            held: domain::HoldPoints {
                points: amount?,
                ttl_seconds,
            },
            reference: self.reference.clone(),
        }))
    }
}

impl Asks for pb::CaptureStoredValueRequest {
    type Answer = pb::CaptureStoredValueResponse;

    const METHOD: i16 = method::CAPTURE_STORED_VALUE;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let amount = some_or_all(violations, "minor_units", self.minor_units);
        Some(Command::CaptureStoredValue(CaptureStoredValue {
            wallet: wallet?,
            hold_request_id: self.hold_request_id.clone(),
            amount: amount?,
            reference: self.reference.clone(),
        }))
    }
}

impl Asks for pb::ReleaseStoredValueRequest {
    type Answer = pb::ReleaseStoredValueResponse;

    const METHOD: i16 = method::RELEASE_STORED_VALUE;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        Some(Command::ReleaseStoredValue(ReleaseStoredValue {
            wallet: wallet?,
            hold_request_id: self.hold_request_id.clone(),
        }))
    }
}

impl Asks for pb::RefundStoredValueRequest {
    type Answer = pb::RefundStoredValueResponse;

    const METHOD: i16 = method::REFUND_STORED_VALUE;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let amount = some_or_all(violations, "minor_units", self.minor_units);
        let initiator = initiator(violations, "initiator", self.initiator());
        let taken_by = match self.taken_by.as_ref() {
            Some(TakenBy::SpendRequestId(request_id)) => Some((method::SPEND_STORED_VALUE, request_id)),
            Some(TakenBy::CaptureRequestId(request_id)) => Some((method::CAPTURE_STORED_VALUE, request_id)),
            Some(TakenBy::CashOutRequestId(request_id)) => Some((method::CASH_OUT, request_id)),
            None => {
                violations.add("taken_by", "is missing");
                None
            }
        };
        Some(Command::RefundStoredValue(RefundStoredValue {
            wallet: wallet?,
            taken_by: taken_by.map(|(method, request_id)| (method, request_id.clone()))?,
            amount: amount?,
            initiator: initiator?,
            reference: self.reference.clone(),
        }))
    }
}

impl Asks for pb::CashOutRequest {
    type Answer = pb::CashOutResponse;

    const METHOD: i16 = method::CASH_OUT;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let mut ids = BTreeSet::new();
        for (number, gift_id) in self.used_gift_ids.iter().enumerate() {
            violations.check(
                ids.insert(gift_id),
                &format!("used_gift_ids[{number}]"),
                "is there twice",
            );
        }
        Some(Command::CashOut(CashOut {
            wallet: wallet?,
            used_gift_ids: self.used_gift_ids.clone(),
            reference: self.reference.clone(),
        }))
    }
}

/// How long what was paid lives at least on a card to no name, in months and in days.
const ANONYMOUS_MONTHS: i32 = 36;
const ANONYMOUS_DAYS: i32 = 1_096;

/// Notes what is wrong with the stored value policy of a wallet: members' money is never owed, never cut, and lives as long as the law says.
pub(super) fn check_policy(violations: &mut Violations, wallet: &pb::Wallet) {
    let Some(policy) = wallet.stored_value.as_ref() else {
        return;
    };
    let forbids = wallet.overdraft() == pb::OverdraftPolicy::Forbid;
    violations.check(forbids, "wallet.overdraft", "is not FORBID, as stored value wants it");
    let caps = wallet.caps.clone().unwrap_or_default();
    let is_uncut = caps.balance == 0 && caps.earning == 0 && caps.earned_per.is_empty();
    violations.check(is_uncut, "wallet.caps", "would cut what members paid");
    let other = policy.bonus_wallet != wallet.code;
    violations.check(
        other,
        "wallet.stored_value.bonus_wallet",
        "is the wallet of the principal",
    );
    let no_transfers = wallet.transfer() == pb::TransferPolicy::Unspecified;
    violations.check(no_transfers, "wallet.transfer", "is not open to stored value");
    let by_law = most_by_law(policy.regime()).map(Points::get);
    let is_lawful = by_law.is_none_or(|most| policy.max_balance <= most);
    violations.check(
        is_lawful,
        "wallet.stored_value.max_balance",
        "is more than the regime allows",
    );
    violations.check(
        lives_long_enough(wallet, policy.regime()),
        "wallet.expiry",
        "is sooner than the regime allows",
    );
}

fn lives_long_enough(wallet: &pb::Wallet, regime: pb::PrepaidRegime) -> bool {
    use pb::expiry_policy::Policy;
    let policy = wallet.expiry.as_ref().and_then(|expiry| expiry.policy.as_ref());
    match (regime, policy) {
        (pb::PrepaidRegime::Unspecified, _) | (_, Some(Policy::None(_)) | None) => true,
        (pb::PrepaidRegime::CnNamed, Some(_)) => false,
        (pb::PrepaidRegime::CnAnonymous, Some(policy)) => match policy {
            Policy::AfterDays(after) => after.days >= ANONYMOUS_DAYS,
            Policy::AtPeriodEnd(end) => end.after_months >= ANONYMOUS_MONTHS,
            Policy::OnDates(on) => on.after_months >= ANONYMOUS_MONTHS,
            Policy::AfterInactivity(after) => after.days >= ANONYMOUS_DAYS,
            Policy::None(_) => true,
        },
    }
}
