//! Amounts, and how points are added up.

use common::points::Points;

/// What a member has in a wallet. Always derived from lots and holds, never stored beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Can be spent now.
    pub available: Points,
    /// Earned, not available yet.
    pub pending: Points,
    /// Set aside by holds.
    pub held: Points,
    /// Owed; the next earnings settle it first.
    pub debt: Points,
}

impl Amounts {
    /// Counts the points that exist: all but the debt.
    pub fn total(&self) -> Points {
        sum([self.available, self.pending, self.held])
    }
}

/// Adds points of one account up. An account never lets in more than can be counted, so the sum stops at the end of counting only for
/// numbers that no account held.
pub(super) fn sum(points: impl IntoIterator<Item = Points>) -> Points {
    points.into_iter().fold(Points::ZERO, |sum, points| {
        sum.checked_add(points).unwrap_or(Points::MAX)
    })
}
