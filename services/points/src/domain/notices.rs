//! Notices: what members are told of points before they lapse.
//!
//! Points lapse on the last day on which they can be spent, by the calendar of the program's zone. Each such day is told once for each lead time, at the
//! midnight at which it is so many days ahead, or as soon as there are points that lapse on it. Nothing is told of points that cannot be spent by then.

use std::sync::Arc;

use common::{points::Points, zone::Zone};
use jiff::{Span, Timestamp, civil::Date};

use super::{account::Account, amounts::sum, portions::Portion};

/// How many days before points lapse members are told, the longest time first. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadTimes(Arc<[u16]>);

/// What an account knows of notices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// When something is to be told; nothing while nothing is.
    pub due_at: Option<Timestamp>,
    /// What was told, the earliest day first. Days that are over may be missing.
    pub told: Vec<Told>,
}

/// A day of which was told that points lapse on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The day.
    pub on: Date,
    /// The shortest lead time for which it was told.
    pub lead_days: u16,
}

/// What is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The last day on which the points can be spent.
    pub on: Date,
    /// The first instant of it, or after it, at which some have lapsed.
    pub expires_at: Timestamp,
    /// How many points lapse.
    pub points: Points,
    /// For which lead time it is told.
    pub lead_days: u16,
    /// How many days ahead the day is.
    pub days_left: u16,
}

impl LeadTimes {
    /// Takes numbers of days, in any order.
    pub fn of(days: impl IntoIterator<Item = u16>) -> LeadTimes {
        let mut days: Vec<u16> = days.into_iter().collect();
        days.sort_unstable_by(|a, b| b.cmp(a));
        days.dedup();
        LeadTimes(days.into())
    }

    /// Returns the longest that is shorter than the one that was told, if any was.
    fn next(&self, told: Option<u16>) -> Option<u16> {
        let mut days = self.0.iter().copied();
        days.find(|lead_days| told.is_none_or(|told| *lead_days < told))
    }

    /// Returns the shortest that a day so many days ahead is within.
    fn shortest_from(&self, days_left: u16) -> Option<u16> {
        self.0.iter().copied().rfind(|lead_days| *lead_days >= days_left)
    }
}

impl Notices {
    fn told_of(&self, on: Date) -> Option<u16> {
        let told = self.told.iter().find(|told| told.on == on);
        told.map(|told| told.lead_days)
    }

    fn note(&mut self, on: Date, lead_days: u16) {
        match self.told.binary_search_by_key(&on, |told| told.on) {
            Ok(place) => self.told[place].lead_days = lead_days,
            Err(place) => self.told.insert(place, Told { on, lead_days }),
        }
    }
}

impl Account {
    /// Finds out when something is to be told next, of the points that are available at an instant.
    pub fn plan_notices(&mut self, leads: &LeadTimes, zone: &Zone, now: Timestamp) {
        self.notices.due_at = None;
        if leads.0.is_empty() {
            return;
        }
        let latest_told = self.notices.told.last().map(|told| told.on);
        let mut seen = None;
        for (expires_at, _) in spendable(self.open.as_slice(), now) {
            let on = last_day(expires_at, zone);
            if seen.replace(on) == Some(on) {
                continue;
            }
            let told = self.notices.told_of(on);
            let due_at = leads
                .next(told)
                .and_then(|lead_days| begin_of_notice(on, lead_days, zone));
            self.notices.due_at = [self.notices.due_at, due_at].into_iter().flatten().min();
            // What lapses later is told later, but for days that were told before.
            if told.is_none() && latest_told.is_none_or(|latest| latest < on) {
                return;
            }
        }
    }

    /// Takes what is to be told at an instant, each day for the shortest lead time that it is within by then: what a clock that jumped passed over is not told.
    pub fn tell_notices(&mut self, leads: &LeadTimes, zone: &Zone, now: Timestamp) -> Vec<Notice> {
        let today = now.to_zoned(zone.tz().clone()).date();
        self.notices.told.retain(|told| told.on >= today);
        let mut days: Vec<Notice> = Vec::new();
        for (expires_at, points) in spendable(self.open.as_slice(), now) {
            let on = last_day(expires_at, zone);
            if let Some(day) = days.last_mut().filter(|day| day.on == on) {
                day.points = sum([day.points, points]);
                continue;
            }
            let days_left = today.until(on).map_or(i32::MAX, |ahead| ahead.get_days());
            let days_left = u16::try_from(days_left).unwrap_or(u16::MAX);
            let Some(lead_days) = leads.shortest_from(days_left) else {
                break;
            };
            days.push(Notice {
                on,
                expires_at,
                points,
                lead_days,
                days_left,
            });
        }
        let is_new = |day: &Notice| self.notices.told_of(day.on).is_none_or(|told| day.lead_days < told);
        days.retain(is_new);
        days.iter().for_each(|day| self.notices.note(day.on, day.lead_days));
        self.plan_notices(leads, zone, now);
        days
    }
}

/// Goes through the points that can be spent at an instant and lapse after it, in the order in which they do.
fn spendable(open: &[Portion], now: Timestamp) -> impl Iterator<Item = (Timestamp, Points)> {
    let spendable = open.iter().filter(|portion| !portion.is_pending());
    spendable
        .map_while(|portion| Some((portion.expires_at?, portion.points())))
        .filter(move |(expires_at, _)| *expires_at > now)
}

/// Returns the last day on which points can be spent that have lapsed at an instant.
fn last_day(expires_at: Timestamp, zone: &Zone) -> Date {
    let before = expires_at.checked_sub(Span::new().microseconds(1));
    before.unwrap_or(expires_at).to_zoned(zone.tz().clone()).date()
}

/// Returns the first instant of the day that comes so many days before another; nothing before the begin of the calendar.
fn begin_of_notice(on: Date, lead_days: u16, zone: &Zone) -> Option<Timestamp> {
    let day = on.checked_sub(Span::new().days(lead_days)).ok()?;
    Some(day.to_zoned(zone.tz().clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests;
