//! What a member has done: a sum for each day of the program's zone on which something counts.
//!
//! A reversal is taken off the day on which what it reverses was counted, so every window is exact whenever it is summed,
//! and a member's record grows with their days, never with their purchases. A day on which nothing is left is not kept:
//! what was taken back whole leaves no trace.

use common::zone::Zone;
use jiff::{Timestamp, civil::Date};
use thiserror::Error;

use super::{Metric, MetricWindow};

/// What a member has done, day by day in the program's zone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Metrics {
    zone: Zone,
    days: Vec<Day>,
}

/// What counts on one day. Negative only while a purchase has not arrived of which something was taken back already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Day {
    /// The day in the program's zone.
    pub date: Date,
    /// Money spent, in minor units.
    pub spend_minor_units: i64,
    /// Orders.
    pub orders: i64,
    /// Points earned.
    pub points_earned: i64,
}

/// What an activity adds, or what a return takes off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MetricDeltas {
    /// Money, in minor units.
    pub spend_minor_units: i64,
    /// Orders.
    pub orders: i64,
    /// Points.
    pub points_earned: i64,
    /// When it counts: the time of the purchase.
    pub counted_at: Timestamp,
}

/// Says that a day's sum cannot be held. Nothing was changed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the sum of {date} is too large to be held")]
pub struct TooMuch {
    /// The day.
    pub date: Date,
}

impl Metrics {
    /// Starts with nothing done.
    pub fn new(zone: Zone) -> Metrics {
        Metrics { zone, days: Vec::new() }
    }

    /// Accepts days in order, each once.
    pub fn from_days(zone: Zone, days: Vec<Day>) -> Option<Metrics> {
        days.is_sorted_by(|earlier, later| earlier.date < later.date)
            .then_some(Metrics { zone, days })
    }

    /// Returns the days on which something counts, the earliest first.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// Returns the zone whose days these are.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Returns the day on which an instant lies.
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.zone.tz().to_datetime(at).date()
    }

    /// Adds to the day on which it counts.
    pub fn add(&mut self, deltas: &MetricDeltas) -> Result<(), TooMuch> {
        let date = self.day_of(deltas.counted_at);
        let place = self.days.binary_search_by_key(&date, |day| day.date);
        let known = place.map_or(Day::empty(date), |index| self.days[index]);
        let day = known.checked_add(deltas).ok_or(TooMuch { date })?;
        match (place, day.is_empty()) {
            (Ok(index), true) => drop(self.days.remove(index)),
            (Ok(index), false) => self.days[index] = day,
            (Err(_), true) => {}
            (Err(index), false) => self.days.insert(index, day),
        }
        Ok(())
    }

    /// Sums a metric over a window that ends with today. Never less than nothing.
    pub fn sum(&self, metric: Metric, window: MetricWindow, today: Date) -> i64 {
        let end = self.days.partition_point(|day| day.date <= today);
        let first_day = window.first_day(today);
        let start = first_day.map_or(0, |first| self.days.partition_point(|day| day.date < first));
        let sum: i128 = self.days[start..end].iter().map(|day| i128::from(day.of(metric))).sum();
        i64::try_from(sum.max(0)).unwrap_or(i64::MAX)
    }
}

impl Day {
    /// Returns what counts of a metric.
    pub fn of(&self, metric: Metric) -> i64 {
        match metric {
            Metric::Spend => self.spend_minor_units,
            Metric::Orders => self.orders,
            Metric::PointsEarned => self.points_earned,
        }
    }

    fn empty(date: Date) -> Day {
        Day {
            date,
            spend_minor_units: 0,
            orders: 0,
            points_earned: 0,
        }
    }

    fn is_empty(&self) -> bool {
        *self == Day::empty(self.date)
    }

    fn checked_add(self, deltas: &MetricDeltas) -> Option<Day> {
        Some(Day {
            date: self.date,
            spend_minor_units: self.spend_minor_units.checked_add(deltas.spend_minor_units)?,
            orders: self.orders.checked_add(deltas.orders)?,
            points_earned: self.points_earned.checked_add(deltas.points_earned)?,
        })
    }
}
