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
    domain::{self, EventName, ExpiryPolicy, FunderCode, Initiator, Wait, WalletCode},
    ops::{Asked, Earning, Posting},
    store::expiry_from_wire,
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
    let asked = match wire.command.as_ref() {
        None => {
            violations.add("command", "is missing");
            None
        }
        Some(posting::Command::Earn(earn)) => {
            let code = wallet(violations, "earn.wallet", &earn.wallet);
            let mut inner = Violations::default();
            let read = earned(&mut inner, earn);
            let earned = violations.within("earn", inner.finish(read));
            code.zip(earned).map(|(wallet, earned)| Asked::Earn { wallet, earned })
        }
        Some(posting::Command::Spend(spend)) => {
            let code = wallet(violations, "spend.wallet", &spend.wallet);
            let points = points(violations, "spend.points", spend.points);
            code.zip(points).map(|(wallet, points)| Asked::Spend { wallet, points })
        }
        Some(posting::Command::Reverse(reverse)) => {
            let earning = earning(violations, reverse);
            let points = some_or_all(violations, "reverse.points", reverse.points);
            earning
                .zip(points)
                .map(|(earning, points)| Asked::Reverse { earning, points })
        }
    };
    asked.map(|asked| Posting {
        asked,
        as_far_as_possible: wire.as_far_as_possible,
    })
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
pub(super) fn earned(violations: &mut Violations, wire: &pb::EarnPosting) -> Option<domain::EarnPoints> {
    let points = points(violations, "points", wire.points);
    let occurred_at = optional_time(violations, "occurred_at", wire.occurred_at.as_ref());
    let activates_at = optional_time(violations, "activates_at", wire.activates_at.as_ref());
    let event = Some(wire.activates_on.as_str()).filter(|event| !event.is_empty());
    let event = event.map(|name| event_name(violations, "activates_on", name));
    violations.check(
        wire.activates_at.is_none() || event.is_none(),
        "activates_on",
        "cannot stand together with activates_at",
    );
    let funder = funder(violations, &wire.funder);
    let expiry = wire.expiry.as_ref().map(|policy| expiry(violations, policy));
    let waits = match event {
        Some(event) => Some(Wait::For(event?)),
        None => activates_at?.map(Wait::Until),
    };
    Some(domain::EarnPoints {
        points: points?,
        occurred_at: occurred_at?,
        waits,
        expiry: match expiry {
            Some(policy) => Some(policy?),
            None => None,
        },
        funder: funder?,
    })
}

/// Reads who pays for points; nothing when the program does.
fn funder(violations: &mut Violations, code: &str) -> Option<Option<FunderCode>> {
    if code.is_empty() {
        return Some(None);
    }
    let funder = FunderCode::new(code);
    violations.check(
        funder.is_some(),
        "funder",
        "is not the code of a funder: a-z, 0-9, _ and -, a letter first",
    );
    funder.map(Some)
}

/// Reads what is to happen before points become available.
pub(super) fn event_name(violations: &mut Violations, field: &str, name: &str) -> Option<EventName> {
    let event = EventName::new(name);
    violations.check(event.is_some(), field, "is not 1 to 64 printable characters");
    event
}

/// Reads when an earning lapses that does not lapse as its wallet says.
fn expiry(violations: &mut Violations, wire: &pb::ExpiryPolicy) -> Option<ExpiryPolicy> {
    let policy = expiry_from_wire(wire);
    violations.check(policy.is_some(), "expiry", "is not an expiry policy");
    let is_of_wallet = matches!(policy, Some(ExpiryPolicy::Inactivity { .. }));
    violations.check(
        !is_of_wallet,
        "expiry.after_inactivity",
        "is for all points of a wallet, and not for some",
    );
    policy
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

/// Reads a time that must be there, cut to what is kept.
pub(super) fn required_time(
    violations: &mut Violations,
    field: &str,
    time: Option<&WireTimestamp>,
) -> Option<Timestamp> {
    business_time(violations, field, time).map(time::to_micros)
}
