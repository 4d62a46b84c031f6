//! Requests that change something, as commands. Whatever is wrong with one by itself is found here, all of it at once.

use common::{parse::id, refusal::Violations, versions::Definition as _};
use proto::points::{self as pb, extend_points_request::Which};

use super::{
    change::Asks,
    fields::{earned, event_name, initiator, optional_time, points, posting, required_time, some_or_all, wallet},
    stored_value_requests::check_policy,
};
use crate::{
    domain,
    ops::{
        self, ActivatePoints, CaptureHold, Command, EarnPoints, ExtendHold, ExtendPoints, Extended, HoldPoints,
        PostBatch, PublishWallet, ReleaseHold, RestoreSpend, ReverseEntry, SpendPoints, WriteOffDebt,
    },
    store::WalletTerms,
};

impl Asks for pb::EarnPointsRequest {
    type Answer = pb::EarnPointsResponse;

    const METHOD: i16 = ops::method::EARN_POINTS;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let posting = pb::EarnPosting {
            points: self.points,
            occurred_at: self.occurred_at,
            activates_at: self.activates_at,
            activates_on: self.activates_on.clone(),
            expiry: self.expiry.clone(),
            funder: self.funder.clone(),
            ..pb::EarnPosting::default()
        };
        let earned = earned(violations, &posting);
        wallet.zip(earned).map(|(wallet, earned)| {
            Command::EarnPoints(EarnPoints {
                wallet,
                earned,
                reference: self.reference.clone(),
            })
        })
    }
}

impl Asks for pb::SpendPointsRequest {
    type Answer = pb::SpendPointsResponse;

    const METHOD: i16 = ops::method::SPEND_POINTS;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let points = points(violations, "points", self.points);
        wallet.zip(points).map(|(wallet, points)| {
            Command::SpendPoints(SpendPoints {
                wallet,
                points,
                reference: self.reference.clone(),
            })
        })
    }
}

impl Asks for pb::HoldPointsRequest {
    type Answer = pb::HoldPointsResponse;

    const METHOD: i16 = ops::method::HOLD_POINTS;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let points = points(violations, "points", self.points);
        let ttl_seconds = u32::try_from(self.ttl_seconds).ok().filter(|seconds| *seconds > 0);
        wallet.zip(points).map(|(wallet, points)| {
            let held = domain::HoldPoints { points, ttl_seconds };
            Command::HoldPoints(HoldPoints {
                wallet,
                held,
                reference: self.reference.clone(),
            })
        })
    }
}

impl Asks for pb::CaptureHoldRequest {
    type Answer = pb::CaptureHoldResponse;

    const METHOD: i16 = ops::method::CAPTURE_HOLD;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let hold_id = id(violations, "hold_id", &self.hold_id);
        let points = some_or_all(violations, "points", self.points);
        hold_id.zip(points).map(|(hold_id, points)| {
            Command::CaptureHold(CaptureHold {
                hold_id,
                points,
                reference: self.reference.clone(),
            })
        })
    }
}

impl Asks for pb::ReleaseHoldRequest {
    type Answer = pb::ReleaseHoldResponse;

    const METHOD: i16 = ops::method::RELEASE_HOLD;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let hold_id = id(violations, "hold_id", &self.hold_id);
        hold_id.map(|hold_id| Command::ReleaseHold(ReleaseHold { hold_id }))
    }
}

impl Asks for pb::ReverseEntryRequest {
    type Answer = pb::ReverseEntryResponse;

    const METHOD: i16 = ops::method::REVERSE_ENTRY;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let entry_id = id(violations, "entry_id", &self.entry_id);
        let points = some_or_all(violations, "points", self.points);
        entry_id.zip(points).map(|(entry_id, points)| {
            Command::ReverseEntry(ReverseEntry {
                entry_id,
                points,
                reference: self.reference.clone(),
            })
        })
    }
}

impl Asks for pb::RestoreSpendRequest {
    type Answer = pb::RestoreSpendResponse;

    const METHOD: i16 = ops::method::RESTORE_SPEND;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let entry_id = id(violations, "entry_id", &self.entry_id);
        let points = some_or_all(violations, "points", self.points);
        let initiator = initiator(violations, "initiator", self.initiator());
        entry_id
            .zip(points)
            .zip(initiator)
            .map(|((entry_id, points), initiator)| {
                Command::RestoreSpend(RestoreSpend {
                    entry_id,
                    points,
                    initiator,
                    reference: self.reference.clone(),
                })
            })
    }
}

impl Asks for pb::PostBatchRequest {
    type Answer = pb::PostBatchResponse;

    const METHOD: i16 = ops::method::POST_BATCH;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let mut postings = Vec::with_capacity(self.postings.len());
        for (number, wire) in self.postings.iter().enumerate() {
            let mut inner = Violations::default();
            let read = posting(&mut inner, wire);
            postings.extend(violations.within(&format!("postings[{number}]"), inner.finish(read)));
        }
        Some(Command::PostBatch(PostBatch {
            postings,
            reference: self.reference.clone(),
        }))
    }
}

impl Asks for pb::ActivatePointsRequest {
    type Answer = pb::ActivatePointsResponse;

    const METHOD: i16 = ops::method::ACTIVATE_POINTS;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let event = event_name(violations, "event", &self.event);
        wallet.zip(event).map(|(wallet, event)| {
            Command::ActivatePoints(ActivatePoints {
                wallet,
                event,
                reference: self.reference.clone(),
            })
        })
    }
}

impl Asks for pb::ExtendPointsRequest {
    type Answer = pb::ExtendPointsResponse;

    const METHOD: i16 = ops::method::EXTEND_POINTS;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let expires_at = required_time(violations, "expires_at", self.expires_at.as_ref());
        let which = match self.which.as_ref() {
            Some(Which::LotId(lot_id)) => id(violations, "lot_id", lot_id).map(Extended::Lot),
            Some(Which::LapsingBefore(before)) => {
                required_time(violations, "lapsing_before", Some(before)).map(Extended::LapsingBefore)
            }
            None => {
                violations.add("which", "is missing");
                None
            }
        };
        Some(Command::ExtendPoints(ExtendPoints {
            wallet: wallet?,
            expires_at: expires_at?,
            which: which?,
            reference: self.reference.clone(),
        }))
    }
}

impl Asks for pb::ExtendHoldRequest {
    type Answer = pb::ExtendHoldResponse;

    const METHOD: i16 = ops::method::EXTEND_HOLD;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let hold_id = id(violations, "hold_id", &self.hold_id);
        let ttl_seconds = u32::try_from(self.ttl_seconds).ok();
        violations.check(ttl_seconds.is_some(), "ttl_seconds", "is not a number of seconds");
        hold_id
            .zip(ttl_seconds)
            .map(|(hold_id, ttl_seconds)| Command::ExtendHold(ExtendHold { hold_id, ttl_seconds }))
    }
}

impl Asks for pb::WriteOffDebtRequest {
    type Answer = pb::WriteOffDebtResponse;

    const METHOD: i16 = ops::method::WRITE_OFF_DEBT;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let points = some_or_all(violations, "points", self.points);
        wallet.zip(points).map(|(wallet, points)| {
            Command::WriteOffDebt(WriteOffDebt {
                wallet,
                points,
                reason_code: self.reason_code.clone(),
            })
        })
    }
}

impl Asks for pb::PublishWalletRequest {
    type Answer = pb::PublishWalletResponse;

    const METHOD: i16 = ops::method::PUBLISH_WALLET;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let effective_from = optional_time(violations, "effective_from", self.effective_from.as_ref());
        let terms = self
            .wallet
            .clone()
            .and_then(|wallet| Some((wallet.clone(), WalletTerms::from_stored(wallet)?)));
        // The rules of the contract say what is wrong with it, field by field.
        violations.check(terms.is_some(), "wallet", "is not a wallet");
        if let Some(wallet) = &self.wallet {
            check_policy(violations, wallet);
        }
        check_funders(violations, self.wallet.as_ref());
        check_notices(violations, self.wallet.as_ref());
        terms.zip(effective_from).map(|((wallet, terms), effective_from)| {
            Command::PublishWallet(Box::new(PublishWallet {
                wire: wallet,
                terms,
                effective_from,
            }))
        })
    }
}

/// Refuses a funder that is listed twice.
fn check_funders(violations: &mut Violations, wallet: Option<&pb::Wallet>) {
    let funders = wallet.map_or(&[][..], |wallet| &wallet.funders);
    for (number, funder) in funders.iter().enumerate() {
        let is_first = funders[..number].iter().all(|other| other.code != funder.code);
        violations.check(is_first, &format!("wallet.funders[{number}].code"), "is listed twice");
    }
}

/// Refuses a lead time that is listed twice.
fn check_notices(violations: &mut Violations, wallet: Option<&pb::Wallet>) {
    let days = wallet.map_or(&[][..], |wallet| &wallet.expiry_notice_days);
    for (number, lead_days) in days.iter().enumerate() {
        let field = format!("wallet.expiry_notice_days[{number}]");
        violations.check(!days[..number].contains(lead_days), &field, "is listed twice");
    }
}
