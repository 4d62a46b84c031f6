//! Holds: points that are set aside, so that only their hold can spend them.

use common::{ids::EntryId, points::Points};
use jiff::{SignedDuration, Timestamp};

use super::{
    amounts::sum,
    entry::{EntryDraft, EntryKind},
    portions::Portion,
};

/// An active hold. What it holds is protected: it does not lapse before the hold ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The id: the entry that set the points aside.
    pub hold_id: EntryId,
    /// Until when it lasts.
    pub expires_at: Timestamp,
    /// How long points live on whose time ran out while they were held.
    pub grace: SignedDuration,
    /// The points, in the order in which they will be spent.
    pub portions: Vec<Portion>,
}

impl Hold {
    /// Counts the points that are set aside.
    pub fn points(&self) -> Points {
        sum(self.portions.iter().map(Portion::points))
    }

    /// Returns the points as they come back at an instant: those whose time ran out meanwhile live on for the grace, where there is one.
    pub(super) fn come_back(&self, at: Timestamp) -> Vec<Portion> {
        let lives_on = |portion: &Portion| !self.grace.is_zero() && portion.has_lapsed(at);
        let back = |portion: &Portion| Portion {
            expires_at: if lives_on(portion) {
                at.checked_add(self.grace).ok()
            } else {
                portion.expires_at
            },
            ..portion.clone()
        };
        self.portions.iter().map(back).collect()
    }

    /// Parts what is spent from what comes back.
    pub(super) fn split(&self, points: Points) -> (Vec<Portion>, Vec<Portion>) {
        let (mut missing, mut spent, mut rest) = (points, Vec::new(), Vec::new());
        for portion in &self.portions {
            let (some, others) = portion.split(missing);
            missing = missing.saturating_sub(some.points());
            spent.push(some);
            rest.push(others);
        }
        spent.retain(|portion| !portion.points().is_zero());
        rest.retain(|portion| !portion.points().is_zero());
        (spent, rest)
    }
}

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    /// The points are set aside.
    Active,
    /// All were spent.
    Captured,
    /// Some were spent, the rest came back.
    PartiallyCaptured,
    /// All came back by request.
    Released,
    /// All came back because the time was over.
    Expired,
}

impl HoldState {
    /// Returns the name as the API spells it.
    pub fn name(self) -> &'static str {
        match self {
            HoldState::Active => "ACTIVE",
            HoldState::Captured => "CAPTURED",
            HoldState::PartiallyCaptured => "PARTIALLY_CAPTURED",
            HoldState::Released => "RELEASED",
            HoldState::Expired => "EXPIRED",
        }
    }
}

/// What a hold's entries say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldStatus {
    /// The hold.
    pub hold_id: EntryId,
    /// Where it stands.
    pub state: HoldState,
    /// How many points were set aside.
    pub points: Points,
    /// How many of them were spent.
    pub captured_points: Points,
    /// Until when it lasts, or would have.
    pub expires_at: Timestamp,
}

impl HoldStatus {
    /// Reads from entries where a hold stands; nothing when none of them is about it. Those that ended it are enough.
    pub fn read<'a>(hold_id: EntryId, entries: impl IntoIterator<Item = &'a EntryDraft>) -> Option<HoldStatus> {
        let is_about = |entry: &&EntryDraft| entry.entry_id == hold_id || entry.related_entry_id == Some(hold_id);
        let mut status = None;
        for entry in entries.into_iter().filter(is_about) {
            let Some(expires_at) = entry.hold_expires_at else {
                continue;
            };
            let new = HoldStatus {
                hold_id,
                state: HoldState::Active,
                points: Points::ZERO,
                captured_points: Points::ZERO,
                expires_at,
            };
            status.get_or_insert(new).follow(entry);
        }
        status
    }

    fn follow(&mut self, entry: &EntryDraft) {
        let ends = self.state == HoldState::Active;
        match entry.kind {
            EntryKind::Hold => self.points = entry.points,
            EntryKind::ExtendHold => {
                self.points = entry.points;
                self.expires_at = entry.hold_expires_at.unwrap_or(self.expires_at);
            }
            EntryKind::Capture => {
                self.state = HoldState::Captured;
                self.captured_points = entry.points;
                self.points = self.points.max(entry.points);
            }
            EntryKind::Release if ends => {
                self.state = if entry.by_request {
                    HoldState::Released
                } else {
                    HoldState::Expired
                };
                self.points = entry.points;
            }
            EntryKind::Release => {
                self.state = HoldState::PartiallyCaptured;
                self.points = sum([self.captured_points, entry.points]);
            }
            _ => {}
        }
    }
}
