//! A second ledger that shares nothing with the first: every point is a thing of its own and is moved by hand. Slow, plain, and the
//! judge in the properties, down to the number of each point.

use std::collections::{BTreeMap, BTreeSet};

use common::ids::EntryId;
use jiff::{SignedDuration, Timestamp};

use super::ledger::amounts;
use crate::domain::{Amounts, Initiator};

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
    activates_at: Timestamp,
    expires_at: Option<Timestamp>,
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
    carry_debt: bool,
    points: Vec<Point>,
    debt: i64,
    holds: BTreeMap<EntryId, Held>,
    earned: BTreeMap<EntryId, i64>,
    spent: BTreeMap<EntryId, Vec<usize>>,
}

impl Model {
    pub fn new(carry_debt: bool) -> Model {
        let (points, holds, earned, spent) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Model {
            carry_debt,
            points,
            debt: 0,
            holds,
            earned,
            spent,
        }
    }

    pub fn amounts(&self) -> Amounts {
        let count = |place| self.points.iter().filter(|point| point.place == place).count() as i64;
        amounts(
            count(Place::Available),
            count(Place::Pending),
            count(Place::Held),
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
        let dates = self
            .points
            .iter()
            .flat_map(|point| [Some(point.activates_at), point.expires_at])
            .flatten();
        let mut instants: Vec<Timestamp> = dates.chain(self.holds.values().map(|hold| hold.expires_at)).collect();
        instants.sort();
        for instant in instants.into_iter().filter(|instant| *instant <= now) {
            self.live_at(instant);
        }
    }

    fn live_at(&mut self, instant: Timestamp) {
        for point in self
            .points
            .iter_mut()
            .filter(|point| point.place == Place::Pending && point.activates_at <= instant)
        {
            point.place = Place::Available;
        }
        for hold in self
            .holds
            .values_mut()
            .filter(|hold| hold.over.is_none() && hold.expires_at <= instant)
        {
            hold.over = Some("EXPIRED");
            hold.points
                .iter()
                .for_each(|point| self.points[*point].place = Place::Available);
        }
        for point in self.points.iter_mut() {
            let over = point.expires_at.is_some_and(|expires_at| expires_at <= instant);
            if over && matches!(point.place, Place::Pending | Place::Available) {
                point.place = Place::Expired;
            }
        }
    }

    pub fn earn(
        &mut self,
        lot: EntryId,
        number: i64,
        activates_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) {
        self.earned.insert(lot, number);
        for _ in 0..number {
            let place = if self.debt > 0 { Place::Spent } else { Place::Pending };
            self.debt = (self.debt - 1).max(0);
            self.points.push(Point {
                lot,
                activates_at: activates_at.unwrap_or(now),
                expires_at,
                place,
            });
        }
        self.live_at(now);
    }

    pub fn spend(&mut self, entry: EntryId, number: i64) -> Result<(), &'static str> {
        let points = self.pick(number)?;
        self.put(&points, Place::Spent);
        self.spent.insert(entry, points);
        Ok(())
    }

    pub fn hold(&mut self, entry: EntryId, number: i64, expires_at: Timestamp) -> Result<(), &'static str> {
        let points = self.pick(number)?;
        self.put(&points, Place::Held);
        self.holds.insert(
            entry,
            Held {
                expires_at,
                points,
                over: None,
            },
        );
        Ok(())
    }

    pub fn capture(
        &mut self,
        entry: EntryId,
        hold: EntryId,
        number: Option<i64>,
        now: Timestamp,
    ) -> Result<(), &'static str> {
        let held = self.active(hold)?.points.clone();
        let number = number.unwrap_or(held.len() as i64) as usize;
        if number > held.len() {
            return Err("more than held");
        }
        let (spent, rest) = held.split_at(number);
        self.put(spent, Place::Spent);
        self.put(rest, Place::Available);
        self.spent.insert(entry, spent.to_vec());
        self.holds.get_mut(&hold).unwrap().over = Some(if rest.is_empty() {
            "CAPTURED"
        } else {
            "PARTIALLY_CAPTURED"
        });
        self.live_at(now);
        Ok(())
    }

    pub fn release(&mut self, hold: EntryId, now: Timestamp) -> Result<(), &'static str> {
        let held = self.active(hold)?.points.clone();
        self.put(&held, Place::Available);
        self.holds.get_mut(&hold).unwrap().over = Some("RELEASED");
        self.live_at(now);
        Ok(())
    }

    pub fn reverse(&mut self, lot: EntryId, number: Option<i64>) -> Result<(), &'static str> {
        let left = *self.earned.get(&lot).ok_or("not reversible")?;
        let number = number.unwrap_or(left);
        if number == 0 || number > left {
            return Err("more than entry");
        }
        self.earned.insert(lot, left - number);
        for _ in 0..number {
            let own = self.first(|point| point.lot == lot && matches!(point.place, Place::Pending | Place::Available));
            let lapsed = self.first(|point| point.lot == lot && point.place == Place::Expired);
            let other = self.first(|point| point.place == Place::Available);
            match (own, lapsed, other) {
                (Some(point), _, _) | (None, None, Some(point)) => self.points[point].place = Place::Reversed,
                (None, Some(point), _) => self.points[point].place = Place::ExpiredAndRecovered,
                (None, None, None) => self.debt += i64::from(self.carry_debt),
            }
        }
        Ok(())
    }

    pub fn restore(
        &mut self,
        entry: EntryId,
        number: Option<i64>,
        initiator: Initiator,
        now: Timestamp,
    ) -> Result<(), &'static str> {
        let spent = self.spent.get_mut(&entry).ok_or("not restorable")?;
        let number = number.unwrap_or(spent.len() as i64) as usize;
        if number == 0 || number > spent.len() {
            return Err("more than entry");
        }
        for index in spent.split_off(spent.len() - number) {
            let point = &mut self.points[index];
            let over = point.expires_at.is_some_and(|expires_at| expires_at <= now);
            point.place = if over && initiator == Initiator::Member {
                Place::Expired
            } else {
                Place::Available
            };
            if over && initiator == Initiator::Merchant {
                point.expires_at = Some(now + SignedDuration::from_hours(168));
            }
        }
        Ok(())
    }

    fn active(&self, hold: EntryId) -> Result<&Held, &'static str> {
        let held = self.holds.get(&hold).ok_or("hold not found")?;
        held.over.map_or(Ok(held), Err)
    }

    fn put(&mut self, points: &[usize], place: Place) {
        points.iter().for_each(|point| self.points[*point].place = place);
    }

    fn pick(&mut self, number: i64) -> Result<Vec<usize>, &'static str> {
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
