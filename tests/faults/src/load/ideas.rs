//! What callers ask for next: few members and small amounts, so that they get in one another's way.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use proto::{
    points::{self as pb, expiry_policy::Policy},
    value::Initiator,
};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};

use super::{Asked, WALLET};
use crate::history::Answer;

/// How many of each kind are remembered at most.
const MOST: usize = 24;

/// What was done lately that may be taken back, captured or released; all callers draw from it, so that two may want the same.
#[derive(Default)]
pub struct Ideas {
    lately: Mutex<Lately>,
}

#[derive(Default)]
struct Lately {
    earned: Vec<pb::Entry>,
    spent: Vec<pb::Entry>,
    held: Vec<pb::Entry>,
}

impl Ideas {
    /// Draws a change. Of the first member nothing ever falls due: when the callers fall silent nothing moves there any more that would cover up what was
    /// left wrong.
    pub fn draw(&self, request_id: String, members: &[String], rng: &mut StdRng) -> Asked {
        let member_id = members.choose(rng).cloned().unwrap_or_default();
        let (quiet, others) = members.split_first().expect("there are members");
        let is_quiet = member_id == *quiet;
        let lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        let wallet = WALLET.to_owned();
        match rng.random_range(0..100) {
            0..6 if !lately.earned.is_empty() => reverse(request_id, lately.earned.choose(rng), rng),
            6..14 if !lately.spent.is_empty() => restore(request_id, lately.spent.choose(rng), rng),
            14..24 if !lately.held.is_empty() => capture(request_id, lately.held.choose(rng), rng),
            24..30 if !lately.held.is_empty() => release(request_id, lately.held.choose(rng)),
            30..45 if !is_quiet => Asked::Hold(pb::HoldPointsRequest {
                request_id,
                member_id,
                wallet,
                points: rng.random_range(1..12),
                ttl_seconds: rng.random_range(1..4),
                reference: String::new(),
            }),
            45..60 => transfer(request_id, member_id, others, rng),
            30..78 => Asked::Spend(pb::SpendPointsRequest {
                request_id,
                member_id,
                wallet,
                points: rng.random_range(1..25),
                reference: String::new(),
            }),
            _ => earn(request_id, member_id, !is_quiet && rng.random_bool(0.4), rng),
        }
    }

    /// Learns what can be taken back, captured or released.
    pub fn learn(&self, asked: &Asked, answer: &Answer) {
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = match asked {
            Asked::Earn(_) => &mut lately.earned,
            Asked::Spend(_) | Asked::Capture(_) => &mut lately.spent,
            Asked::Hold(_) => &mut lately.held,
            _ => return,
        };
        entries.extend(answer.entries.first().cloned());
        if entries.len() > MOST {
            entries.remove(0);
        }
    }
}

/// Earns, for ever or for some seconds.
fn earn(request_id: String, member_id: String, lapses: bool, rng: &mut StdRng) -> Asked {
    let mut request = pb::EarnPointsRequest {
        request_id,
        member_id,
        wallet: WALLET.to_owned(),
        points: rng.random_range(1..20),
        ..pb::EarnPointsRequest::default()
    };
    if lapses {
        // Earned a day ago, but for some seconds, and good for a day: it lapses before the round is over.
        let life = SignedDuration::from_millis(rng.random_range(800..4_000));
        let earned_at = Timestamp::now() - SignedDuration::from_hours(24) + life;
        request.occurred_at = Some(common::time::to_wire(common::time::to_micros(earned_at)));
        request.expiry = Some(pb::ExpiryPolicy {
            policy: Some(Policy::AfterDays(pb::ExpiryAfterDays { days: 1 })),
        });
    }
    Asked::Earn(request)
}

fn reverse(request_id: String, earned: Option<&pb::Entry>, rng: &mut StdRng) -> Asked {
    let earned = earned.cloned().unwrap_or_default();
    Asked::Reverse(pb::ReverseEntryRequest {
        request_id,
        member_id: earned.member_id,
        entry_id: earned.entry_id,
        points: rng.random_range(0..=earned.points),
        reference: String::new(),
    })
}

fn restore(request_id: String, spent: Option<&pb::Entry>, rng: &mut StdRng) -> Asked {
    let spent = spent.cloned().unwrap_or_default();
    Asked::Restore(pb::RestoreSpendRequest {
        request_id,
        member_id: spent.member_id,
        entry_id: spent.entry_id,
        points: rng.random_range(0..=spent.points),
        initiator: Initiator::Member.into(),
        reference: String::new(),
    })
}

fn capture(request_id: String, held: Option<&pb::Entry>, rng: &mut StdRng) -> Asked {
    let held = held.cloned().unwrap_or_default();
    Asked::Capture(pb::CaptureHoldRequest {
        request_id,
        member_id: held.member_id,
        hold_id: held.entry_id,
        points: rng.random_range(0..=held.points),
        reference: String::new(),
    })
}

fn release(request_id: String, held: Option<&pb::Entry>) -> Asked {
    let held = held.cloned().unwrap_or_default();
    Asked::Release(pb::ReleaseHoldRequest {
        request_id,
        member_id: held.member_id,
        hold_id: held.entry_id,
    })
}

/// Gives points to another member; now and then to oneself, which must be refused.
fn transfer(request_id: String, member_id: String, others: &[String], rng: &mut StdRng) -> Asked {
    Asked::Transfer(pb::TransferPointsRequest {
        request_id,
        member_id,
        wallet: WALLET.to_owned(),
        to_member_id: others.choose(rng).cloned().unwrap_or_default(),
        points: rng.random_range(1..10),
        reference: String::new(),
    })
}
