//! What fields of requests say, where they make sense.

use common::{
    ids::EntryId,
    parse::{business_time, id},
    points::Points,
    refusal::Violations,
    time,
};
use jiff::Timestamp;
use prost_types::Timestamp as WireTimestamp;
use proto::{
    points::{self as pb, posting, reverse_posting},
    value,
};

use crate::{
    domain::{self, Initiator, WalletCode},
    ops::{Earning, Posting},
};

/// Reads who changed their mind.
pub(super) fn initiator(violations: &mut Violations, field: &str, wire: value::Initiator) -> Option<Initiator> {
    match wire {
        value::Initiator::Member => Some(Initiator::Member),
        value::Initiator::Merchant => Some(Initiator::Merchant),
        value::Initiator::Unspecified => {
            violations.add(field, "is not chosen");
            None
        }
    }
}

/// Reads a posting of a batch.
pub(super) fn posting(violations: &mut Violations, wire: &pb::Posting) -> Option<Posting> {
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

/// Reads what is earned.
pub(super) fn earned(
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

/// Reads a number of points.
pub(super) fn points(violations: &mut Violations, field: &str, number: i64) -> Option<Points> {
    let points = Points::new(number);
    violations.check(points.is_some(), field, "is not a number of points");
    points
}

/// Reads a number of points, of which 0 stands for all there are.
pub(super) fn some_or_all(violations: &mut Violations, field: &str, number: i64) -> Option<Option<Points>> {
    points(violations, field, number).map(|points| (!points.is_zero()).then_some(points))
}

/// Reads a time that may be left out, cut to what is kept.
pub(super) fn optional_time(
    violations: &mut Violations,
    field: &str,
    time: Option<&WireTimestamp>,
) -> Option<Option<Timestamp>> {
    match time {
        None => Some(None),
        Some(_) => business_time(violations, field, time).map(|at| Some(time::to_micros(at))),
    }
}
