//! Lots: points that were earned together and lapse together, kept in the order in which they are spent.

use common::{ids::EntryId, points::Points};
use jiff::Timestamp;

use super::amounts::sum;

/// Some points of one lot, with the lot's dates: as they lie in an account, are set aside by a hold, or are moved by an entry.
///
/// Points of one lot may lie in two parts: those that were revived after the lot had lapsed have a later end than the lot had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LotPart {
    /// The lot: the entry of its earning.
    pub lot_id: EntryId,
    /// When the lot was earned in the business.
    pub earned_at: Timestamp,
    /// When the points become available; nothing once they are.
    pub activates_at: Option<Timestamp>,
    /// When the points lapse; nothing when never.
    pub expires_at: Option<Timestamp>,
    /// How many.
    pub points: Points,
}

impl LotPart {
    /// Tells whether the points cannot be spent yet.
    pub fn is_pending(&self) -> bool {
        self.activates_at.is_some()
    }

    /// Tells whether the points' time is over.
    pub fn has_lapsed(&self, at: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= at)
    }

    /// Returns some of these points.
    pub fn of(self, points: Points) -> LotPart {
        LotPart { points, ..self }
    }

    /// Orders parts as they are spent: what lapses first goes first, what never lapses last; then the older, then the smaller id.
    fn turn(&self) -> (bool, Option<Timestamp>, Timestamp, EntryId, Option<Timestamp>) {
        (
            self.expires_at.is_none(),
            self.expires_at,
            self.earned_at,
            self.lot_id,
            self.activates_at,
        )
    }
}

/// The points that lie in an account, pending or available, in the order in which they are spent. No part is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lots(Vec<LotPart>);

impl Lots {
    /// Returns the parts in the order in which they are spent.
    pub fn parts(&self) -> &[LotPart] {
        &self.0
    }

    /// Adds points to what lies there of their lot.
    pub fn put(&mut self, part: LotPart) {
        if part.points.is_zero() {
            return;
        }
        match self.0.binary_search_by_key(&part.turn(), LotPart::turn) {
            Ok(place) => self.0[place].points = sum([self.0[place].points, part.points]),
            Err(place) => self.0.insert(place, part),
        }
    }

    /// Takes points from the parts that may be taken from, in their order, and returns what came from which; fewer when there are fewer.
    pub fn take(&mut self, points: Points, may: impl Fn(&LotPart) -> bool) -> Vec<LotPart> {
        let (mut missing, mut taken) = (points, Vec::new());
        for part in self.0.iter_mut().filter(|part| may(part)) {
            if missing.is_zero() {
                break;
            }
            let some = part.points.min(missing);
            taken.push(part.of(some));
            part.points = part.points.saturating_sub(some);
            missing = missing.saturating_sub(some);
        }
        self.0.retain(|part| !part.points.is_zero());
        taken
    }

    /// Takes all points of the parts that may be taken from.
    pub fn take_all(&mut self, may: impl Fn(&LotPart) -> bool) -> Vec<LotPart> {
        self.0.extract_if(.., |part| may(part)).collect()
    }

    /// Counts the points of some parts.
    pub fn count(&self, which: impl Fn(&LotPart) -> bool) -> Points {
        sum(self.0.iter().filter(|part| which(part)).map(|part| part.points))
    }

    /// Returns the next instant at which something becomes available or lapses.
    pub fn next_due_at(&self) -> Option<Timestamp> {
        self.0
            .iter()
            .flat_map(|part| [part.activates_at, part.expires_at])
            .flatten()
            .min()
    }
}

impl FromIterator<LotPart> for Lots {
    fn from_iter<I: IntoIterator<Item = LotPart>>(parts: I) -> Lots {
        let mut lots = Lots::default();
        parts.into_iter().for_each(|part| lots.put(part));
        lots
    }
}
