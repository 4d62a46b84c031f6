//! Portions: points with the same dates, told by their numbers, kept in the order in which they are spent.

use std::{fmt, sync::Arc};

use common::points::Points;
use jiff::Timestamp;

use super::{amounts::sum, numbers::Numbers};

/// Points with the same dates and consecutive numbers: as they lie in an account, are set aside by a hold, or are moved by an entry.
///
/// Lots that were earned one after another and lapse together lie as one portion. Points of one lot may lie in several: those that were revived
/// after the lot had lapsed have a later end than the lot had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portion {
    /// Which points.
    pub numbers: Numbers,
    /// What they wait for; nothing once they are available.
    pub waits: Option<Wait>,
    /// When they lapse; nothing when never.
    pub expires_at: Option<Timestamp>,
}

/// What pending points wait for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// For an instant.
    Until(Timestamp),
    /// For something to happen that has a name.
    For(EventName),
}

impl Wait {
    /// Tells whether it is not over at an instant.
    pub fn is_after(&self, now: Timestamp) -> bool {
        match self {
            Wait::Until(at) => *at > now,
            Wait::For(_) => true,
        }
    }
}

/// What is to happen before points become available, in the caller's words: that an order was delivered, that a trip was made. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventName(Arc<str>);

impl EventName {
    /// Accepts 1 to 64 printable characters.
    pub fn new(name: &str) -> Option<EventName> {
        let is_printable = |c: u8| (b' '..=b'~').contains(&c);
        (!name.is_empty() && name.len() <= 64 && name.bytes().all(is_printable)).then(|| EventName(name.into()))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Portion {
    /// Returns how many points it has.
    pub fn points(&self) -> Points {
        self.numbers.points
    }

    /// Tells whether the points cannot be spent yet.
    pub fn is_pending(&self) -> bool {
        self.waits.is_some()
    }

    /// Returns what is to happen before the points become available.
    pub fn event(&self) -> Option<&EventName> {
        match &self.waits {
            Some(Wait::For(event)) => Some(event),
            Some(Wait::Until(_)) | None => None,
        }
    }

    /// Returns when the points become available by themselves.
    pub fn activates_at(&self) -> Option<Timestamp> {
        match self.waits {
            Some(Wait::Until(at)) => Some(at),
            Some(Wait::For(_)) | None => None,
        }
    }

    /// Tells whether the points' time is over.
    pub fn has_lapsed(&self, at: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= at)
    }

    /// Returns other points with these dates.
    pub fn of(&self, numbers: Numbers) -> Portion {
        Portion {
            numbers,
            ..self.clone()
        }
    }

    /// Parts the first points, so many, from the rest.
    pub fn split(&self, points: Points) -> (Portion, Portion) {
        let (first, rest) = self.numbers.split(points);
        (self.of(first), self.of(rest))
    }

    /// Tells whether these points and those of another one are one portion when they lie together.
    fn continues_in(&self, other: &Portion) -> bool {
        (self.expires_at, &self.waits) == (other.expires_at, &other.waits) && self.numbers.end() == other.numbers.first
    }

    /// Orders portions as they are spent: what lapses first goes first, what never lapses last; then what was earned first.
    fn turn(&self) -> (bool, Option<Timestamp>, Option<&Wait>, i64) {
        (
            self.expires_at.is_none(),
            self.expires_at,
            self.waits.as_ref(),
            self.numbers.first,
        )
    }
}

/// The points that lie in an account, pending or available, in the order in which they are spent. No portion is empty, none could be part of
/// its neighbour, and no number lies in two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Portions(Vec<Portion>);

impl Portions {
    /// Returns the portions in the order in which they are spent.
    pub fn as_slice(&self) -> &[Portion] {
        &self.0
    }

    /// Adds points.
    pub fn put(&mut self, portion: Portion) {
        if portion.points().is_zero() {
            return;
        }
        let place = self.0.partition_point(|there| there.turn() < portion.turn());
        self.0.insert(place, portion);
        self.join(place);
        if place > 0 {
            self.join(place - 1);
        }
    }

    /// Takes points from the portions that may be taken from, in their order; fewer when there are fewer.
    pub fn take(&mut self, points: Points, may: impl Fn(&Portion) -> bool) -> Vec<Portion> {
        let (mut missing, mut taken) = (points, Vec::new());
        for portion in self.0.iter_mut().filter(|portion| may(portion)) {
            if missing.is_zero() {
                break;
            }
            let (some, rest) = portion.split(missing);
            missing = missing.saturating_sub(some.points());
            taken.push(some);
            *portion = rest;
        }
        self.0.retain(|portion| !portion.points().is_zero());
        taken
    }

    /// Takes some of certain points from the portions that may be taken from, in their order; fewer when fewer of them lie there.
    pub fn take_of(&mut self, numbers: Numbers, points: Points, may: impl Fn(&Portion) -> bool) -> Vec<Portion> {
        let (mut missing, mut taken) = (points, Vec::new());
        let here = self
            .0
            .iter()
            .filter(|portion| may(portion))
            .map(|portion| portion.of(portion.numbers.common(numbers)));
        let here: Vec<Portion> = here.filter(|portion| !portion.points().is_zero()).collect();
        for portion in here {
            let (some, _) = portion.split(missing);
            missing = missing.saturating_sub(some.points());
            if !some.points().is_zero() {
                self.cut(&some);
                taken.push(some);
            }
        }
        taken
    }

    /// Takes all points of the portions that may be taken from.
    pub fn take_all(&mut self, may: impl Fn(&Portion) -> bool) -> Vec<Portion> {
        self.0.extract_if(.., |portion| may(portion)).collect()
    }

    /// Counts the points of some portions.
    pub fn count(&self, which: impl Fn(&Portion) -> bool) -> Points {
        sum(self.0.iter().filter(|portion| which(portion)).map(Portion::points))
    }

    /// Counts those of certain points that lie in some portions.
    pub fn count_of(&self, numbers: Numbers, which: impl Fn(&Portion) -> bool) -> Points {
        sum(self
            .0
            .iter()
            .filter(|portion| which(portion))
            .map(|portion| portion.numbers.common(numbers).points))
    }

    /// Returns the next instant at which something becomes available or lapses.
    pub fn next_due_at(&self) -> Option<Timestamp> {
        self.0
            .iter()
            .flat_map(|portion| [portion.activates_at(), portion.expires_at])
            .flatten()
            .min()
    }

    /// Gives some portions another end.
    pub fn extend(&mut self, to: Option<Timestamp>, which: impl Fn(&Portion) -> bool) {
        for portion in self.take_all(which) {
            self.put(Portion {
                expires_at: to,
                ..portion
            });
        }
    }

    /// Makes one of a portion and the next, if they can be.
    fn join(&mut self, place: usize) {
        if let [portion, next, ..] = &mut self.0[place..]
            && portion.continues_in(next)
        {
            portion.numbers.points = sum([portion.points(), next.points()]);
            self.0.remove(place + 1);
        }
    }

    /// Cuts points out of the portion in which they lie.
    fn cut(&mut self, some: &Portion) {
        let lies_in =
            |there: &Portion| there.of(some.numbers) == *some && there.numbers.common(some.numbers) == some.numbers;
        let Some(place) = self.0.iter().position(lies_in) else {
            return;
        };
        let whole = &self.0[place];
        let before = Points::new(some.numbers.first - whole.numbers.first).unwrap_or(Points::ZERO);
        let (before, rest) = whole.split(before);
        let (_, after) = rest.split(some.points());
        let left = [before, after]
            .into_iter()
            .filter(|portion| !portion.points().is_zero());
        self.0.splice(place..=place, left);
    }
}

impl FromIterator<Portion> for Portions {
    fn from_iter<I: IntoIterator<Item = Portion>>(portions: I) -> Portions {
        let mut all = Portions::default();
        portions.into_iter().for_each(|portion| all.put(portion));
        all
    }
}
