//! Requests that change something, as commands. Whatever is wrong with one by itself is found here, all of it at once.

use common::{
    ids::{EntryId, MemberId},
    parse::{business_time, id},
    points::Points,
    refusal::Violations,
    time,
    versions::Definition as _,
};
use jiff::Timestamp;
use prost_types::Timestamp as WireTimestamp;
use proto::{
    points::{self as pb, posting, reverse_posting},
    value,
};

use super::Change;
use crate::{
    domain::{self, Initiator, WalletCode},
    ops::{
        self, CaptureHold, Command, EarnPoints, Earning, HoldPoints, PostBatch, Posting, PublishWallet, ReleaseHold,
        RestoreSpend, ReverseEntry, SpendPoints,
    },
    store::WalletTerms,
};

impl TryFrom<pb::EarnPointsRequest> for Change<pb::EarnPointsRequest> {
    type Error = Violations;

    fn try_from(wire: pb::EarnPointsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        let earned = earned(
            &mut violations,
            wire.points,
            wire.occurred_at.as_ref(),
            wire.activates_at.as_ref(),
        );
        let command = wallet.zip(earned).map(|(wallet, earned)| {
            Command::EarnPoints(EarnPoints {
                wallet,
                earned,
                reference: wire.reference.clone(),
            })
        });
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        change(
            violations,
            member_id,
            ops::method::EARN_POINTS,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

impl TryFrom<pb::SpendPointsRequest> for Change<pb::SpendPointsRequest> {
    type Error = Violations;

    fn try_from(wire: pb::SpendPointsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        let points = points(&mut violations, "points", wire.points);
        let command = wallet.zip(points).map(|(wallet, points)| {
            Command::SpendPoints(SpendPoints {
                wallet,
                points,
                reference: wire.reference.clone(),
            })
        });
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        change(
            violations,
            member_id,
            ops::method::SPEND_POINTS,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

impl TryFrom<pb::HoldPointsRequest> for Change<pb::HoldPointsRequest> {
    type Error = Violations;

    fn try_from(wire: pb::HoldPointsRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        let points = points(&mut violations, "points", wire.points);
        let ttl_seconds = u32::try_from(wire.ttl_seconds).ok().filter(|seconds| *seconds > 0);
        let command = wallet.zip(points).map(|(wallet, points)| {
            let held = domain::HoldPoints { points, ttl_seconds };
            Command::HoldPoints(HoldPoints {
                wallet,
                held,
                reference: wire.reference.clone(),
            })
        });
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        change(
            violations,
            member_id,
            ops::method::HOLD_POINTS,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

impl TryFrom<pb::CaptureHoldRequest> for Change<pb::CaptureHoldRequest> {
    type Error = Violations;

    fn try_from(wire: pb::CaptureHoldRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let hold_id = id(&mut violations, "hold_id", &wire.hold_id);
        let points = some_or_all(&mut violations, "points", wire.points);
        let command = hold_id.zip(points).map(|(hold_id, points)| {
            Command::CaptureHold(CaptureHold {
                hold_id,
                points,
                reference: wire.reference.clone(),
            })
        });
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        change(
            violations,
            member_id,
            ops::method::CAPTURE_HOLD,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

impl TryFrom<pb::ReleaseHoldRequest> for Change<pb::ReleaseHoldRequest> {
    type Error = Violations;

    fn try_from(wire: pb::ReleaseHoldRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let hold_id = id(&mut violations, "hold_id", &wire.hold_id);
        let command = hold_id.map(|hold_id| Command::ReleaseHold(ReleaseHold { hold_id }));
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        change(
            violations,
            member_id,
            ops::method::RELEASE_HOLD,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

impl TryFrom<pb::ReverseEntryRequest> for Change<pb::ReverseEntryRequest> {
    type Error = Violations;

    fn try_from(wire: pb::ReverseEntryRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let entry_id = id(&mut violations, "entry_id", &wire.entry_id);
        let points = some_or_all(&mut violations, "points", wire.points);
        let command = entry_id.zip(points).map(|(entry_id, points)| {
            Command::ReverseEntry(ReverseEntry {
                entry_id,
                points,
                reference: wire.reference.clone(),
            })
        });
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        change(
            violations,
            member_id,
            ops::method::REVERSE_ENTRY,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

impl TryFrom<pb::RestoreSpendRequest> for Change<pb::RestoreSpendRequest> {
    type Error = Violations;

    fn try_from(wire: pb::RestoreSpendRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let entry_id = id(&mut violations, "entry_id", &wire.entry_id);
        let points = some_or_all(&mut violations, "points", wire.points);
        let initiator = match wire.initiator() {
            value::Initiator::Member => Some(Initiator::Member),
            value::Initiator::Merchant => Some(Initiator::Merchant),
            value::Initiator::Unspecified => {
                violations.add("initiator", "is not chosen");
                None
            }
        };
        let command = entry_id
            .zip(points)
            .zip(initiator)
            .map(|((entry_id, points), initiator)| {
                Command::RestoreSpend(RestoreSpend {
                    entry_id,
                    points,
                    initiator,
                    reference: wire.reference.clone(),
                })
            });
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        change(
            violations,
            member_id,
            ops::method::RESTORE_SPEND,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

impl TryFrom<pb::PostBatchRequest> for Change<pb::PostBatchRequest> {
    type Error = Violations;

    fn try_from(wire: pb::PostBatchRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let mut postings = Vec::with_capacity(wire.postings.len());
        for (number, posting) in wire.postings.iter().enumerate() {
            let mut inner = Violations::default();
            let read = read_posting(&mut inner, posting);
            postings.extend(violations.within(&format!("postings[{number}]"), inner.finish(read)));
        }
        let command = Some(Command::PostBatch(PostBatch {
            postings,
            reference: wire.reference.clone(),
        }));
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        change(
            violations,
            member_id,
            ops::method::POST_BATCH,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

impl TryFrom<pb::PublishWalletRequest> for Change<pb::PublishWalletRequest> {
    type Error = Violations;

    fn try_from(wire: pb::PublishWalletRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let effective_from = optional_time(&mut violations, "effective_from", wire.effective_from.as_ref());
        let terms = wire
            .wallet
            .clone()
            .and_then(|wallet| Some((wallet.clone(), WalletTerms::from_stored(wallet)?)));
        // The rules of the contract say what is wrong with it, field by field.
        violations.check(terms.is_some(), "wallet", "is not a wallet");
        let command = terms.zip(effective_from).map(|((wallet, terms), effective_from)| {
            Command::PublishWallet(PublishWallet {
                wire: wallet,
                terms,
                effective_from,
            })
        });
        change(
            violations,
            Some(MemberId::nil()),
            ops::method::PUBLISH_WALLET,
            wire.request_id.clone(),
            wire,
            command,
        )
    }
}

fn change<W>(
    violations: Violations,
    member_id: Option<MemberId>,
    method: i16,
    request_id: String,
    wire: W,
    command: Option<Command>,
) -> Result<Change<W>, Violations> {
    let read = member_id.zip(command);
    violations.finish(read.map(|(member_id, command)| Change {
        member_id,
        method,
        request_id,
        wire,
        command,
    }))
}

fn read_posting(violations: &mut Violations, wire: &pb::Posting) -> Option<Posting> {
    match wire.command.as_ref() {
        None => {
            violations.add("command", "is missing");
            None
        }
        Some(posting::Command::Earn(earn)) => {
            let code = wallet(violations, "earn.wallet", &earn.wallet);
            let mut inner = Violations::default();
            let read = earned(
                &mut inner,
                earn.points,
                earn.occurred_at.as_ref(),
                earn.activates_at.as_ref(),
            );
            let earned = violations.within("earn", inner.finish(read));
            code.zip(earned)
                .map(|(wallet, earned)| Posting::Earn { wallet, earned })
        }
        Some(posting::Command::Spend(spend)) => {
            let code = wallet(violations, "spend.wallet", &spend.wallet);
            let points = points(violations, "spend.points", spend.points);
            code.zip(points)
                .map(|(wallet, points)| Posting::Spend { wallet, points })
        }
        Some(posting::Command::Reverse(reverse)) => {
            let earning = earning(violations, reverse);
            let points = some_or_all(violations, "reverse.points", reverse.points);
            earning
                .zip(points)
                .map(|(earning, points)| Posting::Reverse { earning, points })
        }
    }
}

fn earning(violations: &mut Violations, reverse: &pb::ReversePosting) -> Option<Earning> {
    match reverse.earning.as_ref() {
        None => {
            violations.add("reverse.earning", "is missing");
            None
        }
        Some(reverse_posting::Earning::EntryId(entry_id)) => {
            id::<EntryId>(violations, "reverse.entry_id", entry_id).map(Earning::Entry)
        }
        Some(reverse_posting::Earning::OfRequest(of)) => {
            let wallet = wallet(violations, "reverse.of_request.wallet", &of.wallet)?;
            Some(Earning::OfRequest {
                request_id: of.request_id.clone(),
                wallet,
            })
        }
    }
}

fn earned(
    violations: &mut Violations,
    number: i64,
    occurred_at: Option<&WireTimestamp>,
    activates_at: Option<&WireTimestamp>,
) -> Option<domain::EarnPoints> {
    let points = points(violations, "points", number);
    let occurred_at = optional_time(violations, "occurred_at", occurred_at);
    let activates_at = optional_time(violations, "activates_at", activates_at);
    Some(domain::EarnPoints {
        points: points?,
        occurred_at: occurred_at?,
        activates_at: activates_at?,
    })
}

/// Reads the code of a wallet.
pub(super) fn wallet(violations: &mut Violations, field: &str, code: &str) -> Option<WalletCode> {
    let wallet = WalletCode::new(code);
    violations.check(
        wallet.is_some(),
        field,
        "is not the code of a wallet: a-z, 0-9, _ and -, a letter first",
    );
    wallet
}

fn points(violations: &mut Violations, field: &str, number: i64) -> Option<Points> {
    let points = Points::new(number);
    violations.check(points.is_some(), field, "is not a number of points");
    points
}

/// Reads a number of points, of which 0 stands for all there are.
fn some_or_all(violations: &mut Violations, field: &str, number: i64) -> Option<Option<Points>> {
    points(violations, field, number).map(|points| (!points.is_zero()).then_some(points))
}

/// Reads a time that may be left out, cut to what is kept.
fn optional_time(violations: &mut Violations, field: &str, time: Option<&WireTimestamp>) -> Option<Option<Timestamp>> {
    match time {
        None => Some(None),
        Some(_) => business_time(violations, field, time).map(|at| Some(time::to_micros(at))),
    }
}
