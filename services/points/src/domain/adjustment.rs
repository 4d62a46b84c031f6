//! Points given or taken by hand: who may, how much, and that it takes two.

use std::sync::Arc;

use common::{
    ids::{EntryId, MemberId},
    points::Points,
};
use jiff::Timestamp;
use thiserror::Error;

use super::wallet::WalletCode;

/// For how many hours a proposal lies open.
pub const OPEN_HOURS: i64 = 24;

/// What may be given and taken by hand in a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentPolicy {
    /// For which reasons.
    pub reason_codes: Arc<[String]>,
    /// How many points at once; nothing for any number.
    pub points: Option<Points>,
    /// How many points one person may propose in a day, and as many may they approve; nothing for any number.
    pub points_per_operator_and_day: Option<Points>,
}

/// Whoever proposes or approves.
#[derive(Clone, Copy, Debug)]
pub struct Operator<'a> {
    /// Who they are.
    pub name: &'a str,
    /// Whether they are the member.
    pub is_member: bool,
    /// What they have proposed today, or approved.
    pub used: Points,
}

/// A direction and a number of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Points are given.
    Credit(Points),
    /// Points are taken.
    Debit(Points),
}

/// Where an adjustment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustmentState {
    /// It waits for another person.
    Open,
    /// It was approved and posted.
    Approved,
    /// It was rejected.
    Rejected,
}

/// A proposal, as far as it decides who may approve it.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The id.
    pub adjustment_id: EntryId,
    /// The wallet.
    pub wallet: WalletCode,
    /// Who proposed it.
    pub proposed_by: String,
    /// How many points.
    pub change: Change,
    /// Up to when it may be decided.
    pub open_until: Timestamp,
    /// What an approval must name.
    pub hash: String,
    /// Where it stands.
    pub state: AdjustmentState,
}

/// Why an adjustment is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AdjustmentRefusal {
    /// Points of the wallet are not given or taken by hand.
    #[error("points of wallet {wallet} are not given or taken by hand")]
    Forbidden {
        /// The wallet.
        wallet: WalletCode,
    },
    /// The wallet does not list the reason.
    #[error("the wallet does not list the reason {reason_code}")]
    ReasonUnknown {
        /// What was given as the reason.
        reason_code: String,
        /// What could have been.
        known: Arc<[String]>,
    },
    /// It is more than one may adjust at once, or in a day.
    #[error("{asked} points are more than one person may adjust: {limit}, of which {used} are used")]
    OverLimit {
        /// How many were asked for.
        asked: Points,
        /// How many there may be.
        limit: Points,
        /// How many there were today.
        used: Points,
    },
    /// There is no such adjustment.
    #[error("the member has no adjustment {adjustment_id}")]
    NotFound {
        /// What was asked for.
        adjustment_id: EntryId,
    },
    /// It was decided, or its time is over.
    #[error("the adjustment {adjustment_id} is not open any more")]
    NotOpen {
        /// Which.
        adjustment_id: EntryId,
        /// Where it stands; open when its time is over.
        state: AdjustmentState,
    },
    /// What is approved is not what was proposed.
    #[error("what is approved is not what was proposed")]
    Differs {
        /// Which.
        adjustment_id: EntryId,
    },
    /// Whoever proposed it cannot approve it.
    #[error("whoever proposed an adjustment cannot approve it")]
    SamePerson {
        /// Which.
        adjustment_id: EntryId,
    },
    /// The member is the one who proposes or approves.
    #[error("nobody adjusts their own account")]
    OwnAccount {
        /// The member.
        member_id: MemberId,
    },
}

impl Change {
    /// Returns how many points, whichever way.
    pub fn points(self) -> Points {
        match self {
            Change::Credit(points) | Change::Debit(points) => points,
        }
    }
}

impl AdjustmentPolicy {
    /// Refuses what is more than one person may adjust, at once or with what they adjusted today.
    fn check_limits(&self, asked: Points, used: Points) -> Result<(), AdjustmentRefusal> {
        let over = |limit, used| AdjustmentRefusal::OverLimit { asked, limit, used };
        match (self.points, self.points_per_operator_and_day) {
            (Some(limit), _) if asked > limit => Err(over(limit, Points::ZERO)),
            (_, Some(limit)) if used.saturating_add(asked) > limit => Err(over(limit, used)),
            _ => Ok(()),
        }
    }
}

/// Decides whether somebody may propose a change.
pub fn check_proposal(
    (wallet, policy): (&WalletCode, Option<&AdjustmentPolicy>),
    operator: Operator<'_>,
    member_id: MemberId,
    change: Change,
    reason_code: &str,
) -> Result<(), AdjustmentRefusal> {
    let policy = policy.ok_or_else(|| AdjustmentRefusal::Forbidden { wallet: wallet.clone() })?;
    if !policy.reason_codes.iter().any(|known| known == reason_code) {
        return Err(AdjustmentRefusal::ReasonUnknown {
            reason_code: reason_code.to_owned(),
            known: policy.reason_codes.clone(),
        });
    }
    if operator.is_member {
        return Err(AdjustmentRefusal::OwnAccount { member_id });
    }
    policy.check_limits(change.points(), operator.used)
}

/// Decides whether somebody may approve a proposal.
pub fn check_approval(
    policy: Option<&AdjustmentPolicy>,
    operator: Operator<'_>,
    member_id: MemberId,
    proposal: &Proposal,
    hash: &str,
    now: Timestamp,
) -> Result<(), AdjustmentRefusal> {
    let adjustment_id = proposal.adjustment_id;
    check_open(proposal, now)?;
    if proposal.hash != hash {
        return Err(AdjustmentRefusal::Differs { adjustment_id });
    }
    if proposal.proposed_by == operator.name {
        return Err(AdjustmentRefusal::SamePerson { adjustment_id });
    }
    if operator.is_member {
        return Err(AdjustmentRefusal::OwnAccount { member_id });
    }
    let wallet = || proposal.wallet.clone();
    let policy = policy.ok_or_else(|| AdjustmentRefusal::Forbidden { wallet: wallet() })?;
    policy.check_limits(proposal.change.points(), operator.used)
}

/// Refuses what was decided already, or whose time is over.
pub fn check_open(proposal: &Proposal, now: Timestamp) -> Result<(), AdjustmentRefusal> {
    if proposal.state == AdjustmentState::Open && now < proposal.open_until {
        return Ok(());
    }
    Err(AdjustmentRefusal::NotOpen {
        adjustment_id: proposal.adjustment_id,
        state: proposal.state,
    })
}
