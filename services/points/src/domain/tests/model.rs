//! A second ledger that shares nothing with the first but the calendar: every point is a thing of its own and is moved by hand. Slow, plain,
//! and the judge in the properties, down to the number of each point.

mod commands;

use std::collections::{BTreeMap, BTreeSet};

use common::ids::EntryId;
use jiff::Timestamp;

use super::ledger::amounts;
use crate::domain::{Amounts, ExpiryPolicy, Wait, Wallet};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Pending,
    Available,
    Held,
    Spent,
    Expired,
    ExpiredAndRecovered,
    Reversed,
}

#[derive(Clone, Debug)]
struct Point {
    lot: EntryId,
    waits: Wait,
    expires_at: Option<Timestamp>,
    /// Whether it lapses with all others for want of an activity.
    lives_on: bool,
    place: Place,
}

#[derive(Clone, Debug)]
struct Held {
    expires_at: Timestamp,
    points: Vec<usize>,
    over: Option<&'static str>,
}

/// The ledger of points that can be touched.
#[derive(Clone, Debug)]
pub struct Model {
    wallet: Wallet,
    points: Vec<Point>,
    debt: i64,
    holds: BTreeMap<EntryId, Held>,
    earned: BTreeMap<EntryId, i64>,
    earned_on: Vec<(Timestamp, i64)>,
    spent: BTreeMap<EntryId, Vec<usize>>,
    slides_until: Option<Timestamp>,
}

type Outcome = Result<(), &'static str>;

impl Model {
    pub fn new(wallet: &Wallet) -> Model {
        Model {
            wallet: wallet.clone(),
            points: Vec::new(),
            debt: 0,
            holds: BTreeMap::new(),
            earned: BTreeMap::new(),
            earned_on: Vec::new(),
            spent: BTreeMap::new(),
            slides_until: None,
        }
    }

    pub fn amounts(&self) -> Amounts {
        amounts(
            self.count(Place::Available),
            self.count(Place::Pending),
            self.count(Place::Held),
            self.debt,
        )
    }

    /// Returns the numbers of the points that are pending or available.
    pub fn open(&self) -> BTreeSet<i64> {
        let lies = |index: &usize| matches!(self.points[*index].place, Place::Pending | Place::Available);
        (0..self.points.len())
            .filter(lies)
            .map(|index| index as i64 + 1)
            .collect()
    }

    /// Lives through every instant up to now at which something happens.
    pub fn live_until(&mut self, now: Timestamp) {
        let mut last = Timestamp::MIN;
        while let Some(next) = self.instants().into_iter().filter(|at| *at > last && *at <= now).min() {
            self.live_at(next);
            last = next;
        }
    }

    fn instants(&self) -> Vec<Timestamp> {
        let open = self
            .points
            .iter()
            .filter(|point| matches!(point.place, Place::Pending | Place::Available));
        let dates = open.flat_map(|point| {
            let activates_at = match point.waits {
                Wait::Until(at) => Some(at),
                Wait::For(_) => None,
            };
            [activates_at, point.expires_at]
        });
        let holds = self.holds.values().filter(|hold| hold.over.is_none());
        dates.flatten().chain(holds.map(|hold| hold.expires_at)).collect()
    }

    fn live_at(&mut self, instant: Timestamp) {
        let is_over = |point: &&mut Point| matches!(point.waits, Wait::Until(at) if at <= instant);
        let pending = self.points.iter_mut().filter(|point| point.place == Place::Pending);
        pending.filter(is_over).for_each(|point| point.place = Place::Available);
        let ended = self
            .holds
            .values_mut()
            .filter(|hold| hold.over.is_none() && hold.expires_at <= instant);
        let mut back = Vec::new();
        for hold in ended {
            hold.over = Some("EXPIRED");
            back.extend(hold.points.clone());
        }
        self.come_back(&back, instant);
        self.lapse(instant);
    }

    fn lapse(&mut self, instant: Timestamp) {
        for point in self.points.iter_mut() {
            let over = point.expires_at.is_some_and(|expires_at| expires_at <= instant);
            if over && matches!(point.place, Place::Pending | Place::Available) {
                point.place = Place::Expired;
            }
        }
    }

    /// Gives held points back: where there is a grace, those whose time is over live on.
    fn come_back(&mut self, points: &[usize], instant: Timestamp) {
        for index in points {
            let point = &mut self.points[*index];
            point.place = Place::Available;
            let over = point.expires_at.is_some_and(|expires_at| expires_at <= instant);
            if over && !self.wallet.hold_grace.is_zero() {
                point.expires_at = Some(instant + self.wallet.hold_grace);
                point.lives_on = false;
            }
        }
    }

    /// Something was done that may keep points alive.
    fn act(&mut self, earning: bool, at: Timestamp, now: Timestamp) {
        let ExpiryPolicy::Inactivity { kinds, .. } = self.wallet.expiry else {
            return;
        };
        let begins = earning && self.slides_until.is_none_or(|until| until <= now);
        let counts = if earning { kinds.earning } else { kinds.spending };
        let until = self.wallet.expiry.expires_at(at, &self.wallet.zone);
        if !(counts || begins) || until <= self.slides_until {
            return;
        }
        self.slides_until = until;
        for point in &mut self.points {
            if point.lives_on && matches!(point.place, Place::Pending | Place::Available | Place::Held) {
                point.expires_at = until;
            }
        }
    }

    fn active(&self, hold: EntryId) -> Result<&Held, &'static str> {
        let held = self.holds.get(&hold).ok_or("hold not found")?;
        held.over.map_or(Ok(held), Err)
    }

    fn slides(&self) -> bool {
        matches!(self.wallet.expiry, ExpiryPolicy::Inactivity { .. })
    }

    fn count(&self, place: Place) -> i64 {
        self.points.iter().filter(|point| point.place == place).count() as i64
    }

    fn there(&self) -> i64 {
        self.count(Place::Available) + self.count(Place::Pending) + self.count(Place::Held)
    }

    fn put(&mut self, points: &[usize], place: Place) {
        points.iter().for_each(|point| self.points[*point].place = place);
    }

    fn pick(&mut self, number: i64) -> Result<Vec<usize>, &'static str> {
        if self.wallet.caps.debit.is_some_and(|most| number > most.get()) {
            return Err("over limit");
        }
        self.pick_any(number)
    }

    /// Picks points whatever may be taken at once.
    fn pick_any(&mut self, number: i64) -> Result<Vec<usize>, &'static str> {
        let mut picked: Vec<usize> = (0..self.points.len())
            .filter(|index| self.points[*index].place == Place::Available)
            .collect();
        picked.sort_by_key(|index| self.turn(*index));
        if (picked.len() as i64) < number {
            return Err("insufficient");
        }
        picked.truncate(number as usize);
        Ok(picked)
    }

    fn first(&self, which: impl Fn(&Point) -> bool) -> Option<usize> {
        let fitting = (0..self.points.len()).filter(|index| which(&self.points[*index]));
        fitting.min_by_key(|index| self.turn(*index))
    }

    fn turn(&self, index: usize) -> (Timestamp, usize) {
        (self.points[index].expires_at.unwrap_or(Timestamp::MAX), index)
    }
}
