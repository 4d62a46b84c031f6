//! What a mirror has to know of an account so that it can answer for any later instant without a write.

use common::{
    ids::{MemberId, ProgramId},
    points::Points,
    time,
};
use jiff::Timestamp;

use super::{
    account::Account,
    amounts::{Amounts, sum},
    portions::{Portion, Wait},
    wallet::WalletCode,
};

/// An account as it is mirrored: which one it is, how new it is, and its points by their dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The program.
    pub program_id: ProgramId,
    /// The member.
    pub member_id: MemberId,
    /// The wallet.
    pub wallet: WalletCode,
    /// The place of the account's last entry: of two snapshots, the one with the greater is newer.
    pub seq: i64,
    /// The points that are pending or available, those that lapse first coming first; one part for each pair of dates.
    pub parts: Vec<SnapshotPart>,
    /// The active holds.
    pub holds: Vec<SnapshotHold>,
    /// What the member owes.
    pub debt: Points,
}

/// Points with the same dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotPart {
    /// When they become available; nothing when they are.
    pub activates_at: Option<Timestamp>,
    /// When they lapse; nothing when never.
    pub expires_at: Option<Timestamp>,
    /// How many.
    pub points: Points,
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotHold {
    /// Until when it lasts.
    pub expires_at: Timestamp,
    /// What it holds.
    pub parts: Vec<SnapshotPart>,
}

impl Snapshot {
    /// Takes a snapshot of an account.
    pub fn of(program_id: ProgramId, member_id: MemberId, account: &Account) -> Snapshot {
        let holds = account.holds.iter();
        Snapshot {
            program_id,
            member_id,
            wallet: account.wallet.clone(),
            seq: account.last_seq,
            parts: merge(account.open.as_slice()),
            holds: holds
                .map(|hold| SnapshotHold {
                    expires_at: hold.expires_at,
                    parts: merge(&hold.come_back(hold.expires_at)),
                })
                .collect(),
            debt: account.debt,
        }
    }

    /// Returns what the member has at an instant, as if everything that is due by then had been applied.
    pub fn amounts_at(&self, now: Timestamp) -> Amounts {
        let active = self.holds.iter().filter(|hold| hold.expires_at > now);
        Amounts {
            available: sum(self.available_at(now).map(|part| part.points)),
            pending: sum(self
                .parts
                .iter()
                .filter(|part| part.is_pending(now) && !part.has_lapsed(now))
                .map(|part| part.points)),
            held: sum(active.flat_map(|hold| &hold.parts).map(|part| part.points)),
            debt: self.debt,
        }
    }

    /// Returns when the next available points lapse, and how many do; nothing when none will.
    pub fn next_expiry_at(&self, now: Timestamp) -> Option<(Timestamp, Points)> {
        let next = self.available_at(now).filter_map(|part| part.expires_at).min()?;
        Some((
            next,
            sum(self
                .available_at(now)
                .filter(|part| part.expires_at == Some(next))
                .map(|part| part.points)),
        ))
    }

    fn available_at(&self, now: Timestamp) -> impl Iterator<Item = &SnapshotPart> {
        let given_back = self
            .holds
            .iter()
            .filter(move |hold| hold.expires_at <= now)
            .flat_map(|hold| &hold.parts);
        self.parts
            .iter()
            .chain(given_back)
            .filter(move |part| !part.is_pending(now) && !part.has_lapsed(now))
    }
}

impl SnapshotPart {
    fn is_pending(&self, at: Timestamp) -> bool {
        self.activates_at.is_some_and(|activates_at| activates_at > at)
    }

    fn has_lapsed(&self, at: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= at)
    }
}

/// Returns when points become available; for those that wait for something to happen, not before the end of time.
fn activation(portion: &Portion) -> Option<Timestamp> {
    portion.waits.as_ref().map(|waits| match waits {
        Wait::Until(at) => *at,
        Wait::For(_) => time::to_micros(Timestamp::MAX),
    })
}

/// Adds up what has the same dates. The order of portions keeps the same ends together, and few of them are pending.
fn merge(portions: &[Portion]) -> Vec<SnapshotPart> {
    let mut parts: Vec<SnapshotPart> = Vec::new();
    for portion in portions {
        let same_end = parts
            .iter_mut()
            .rev()
            .take_while(|part| part.expires_at == portion.expires_at);
        match same_end
            .into_iter()
            .find(|part| part.activates_at == activation(portion))
        {
            Some(part) => part.points = sum([part.points, portion.points()]),
            None => parts.push(SnapshotPart {
                activates_at: activation(portion),
                expires_at: portion.expires_at,
                points: portion.points(),
            }),
        }
    }
    parts
}
