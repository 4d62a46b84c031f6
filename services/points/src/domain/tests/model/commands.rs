//! What can be asked of the model.

use common::ids::EntryId;
use jiff::{Timestamp, tz::TimeZone};

use super::{Held, Model, Outcome, Place, Point};
use crate::domain::{ExpiryPolicy, Initiator, OverdraftPolicy, Wait};

impl Model {
    pub fn earn(&mut self, lot: EntryId, number: i64, at: Timestamp, waits: Option<Wait>, now: Timestamp) -> Outcome {
        let number = self.let_in(number, now)?;
        let is_over = |waits: &Wait| matches!(waits, Wait::Until(at) if *at <= now);
        let waits = waits.filter(|waits| !is_over(waits));
        let lives_from = match waits {
            Some(Wait::Until(activates_at)) if self.wallet.expiry_from_activation && !self.slides() => activates_at,
            _ => at,
        };
        let mut expires_at = self.wallet.expiry.expires_at(lives_from, &self.wallet.zone);
        if let (ExpiryPolicy::Inactivity { kinds, .. }, Some(until)) = (&self.wallet.expiry, self.slides_until)
            && until > now
        {
            expires_at = if kinds.earning {
                expires_at.max(Some(until))
            } else {
                Some(until)
            };
        }
        self.earned.insert(lot, number);
        self.earned_on.push((now, number));
        self.put_in(lot, number, waits.unwrap_or(Wait::Until(now)), expires_at);
        self.live_at(now);
        self.act(true, at, now);
        Ok(())
    }

    pub fn transfer_in(&mut self, lot: EntryId, parts: &[(i64, Option<Timestamp>)], now: Timestamp) -> Outcome {
        let number: i64 = parts.iter().map(|(number, _)| number).sum();
        let room = self
            .wallet
            .caps
            .balance
            .map(|cap| (cap.get() - self.there()).max(0) + self.debt);
        if room.is_some_and(|room| number > room.max(0)) {
            return Err("cap reached");
        }
        for (number, expires_at) in parts {
            let expires_at = match self.slides_until.filter(|until| *until > now) {
                Some(until) if self.slides() => Some(until),
                _ if self.slides() => self.wallet.expiry.expires_at(now, &self.wallet.zone),
                _ => *expires_at,
            };
            self.put_in(lot, *number, Wait::Until(now), expires_at);
        }
        self.live_at(now);
        if self.slides_until.is_none_or(|until| until <= now) {
            self.act(true, now, now);
        }
        Ok(())
    }

    fn put_in(&mut self, lot: EntryId, number: i64, waits: Wait, expires_at: Option<Timestamp>) {
        for _ in 0..number {
            let place = if self.debt > 0 { Place::Spent } else { Place::Pending };
            self.debt = (self.debt - 1).max(0);
            self.points.push(Point {
                lot,
                waits: waits.clone(),
                expires_at,
                lives_on: self.slides(),
                place,
            });
        }
    }

    fn let_in(&self, number: i64, now: Timestamp) -> Result<i64, &'static str> {
        let caps = &self.wallet.caps;
        let mut room = number;
        if let Some(cap) = caps.earning {
            room = room.min(cap.get());
        }
        if let Some(cap) = caps.balance {
            room = room.min((cap.get() - self.there()).max(0) + self.debt);
        }
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        for cap in caps.earned_per.iter() {
            let of_day = self.earned_on.iter().filter(|(at, _)| day(*at) == day(now));
            room = room.min(cap.points.get() - of_day.map(|(_, number)| number).sum::<i64>());
        }
        if room > 0 { Ok(room) } else { Err("cap reached") }
    }

    pub fn activate(&mut self, waits: &Wait, now: Timestamp) -> Outcome {
        let begins = self.wallet.expiry_from_activation && !self.slides();
        let from_now = self.wallet.expiry.expires_at(now, &self.wallet.zone);
        let mut any = false;
        for point in &mut self.points {
            if point.place == Place::Pending && point.waits == *waits {
                point.place = Place::Available;
                if let (true, Some(end), Some(new)) = (begins, point.expires_at, from_now) {
                    point.expires_at = Some(end.max(new));
                }
                any = true;
            }
        }
        self.lapse(now);
        any.then_some(()).ok_or("nothing waits")
    }

    pub fn extend(
        &mut self,
        lot: Option<EntryId>,
        before: Option<Timestamp>,
        to: Timestamp,
        now: Timestamp,
    ) -> Outcome {
        if to <= now {
            return Err("end in past");
        }
        let mut any = false;
        for point in &mut self.points {
            let is_meant = lot.is_none_or(|lot| point.lot == lot)
                && before.is_none_or(|before| point.expires_at.is_some_and(|expires_at| expires_at < before));
            let lies = matches!(point.place, Place::Pending | Place::Available);
            if is_meant && lies && point.expires_at.is_some_and(|expires_at| expires_at < to) {
                (point.expires_at, point.lives_on, any) = (Some(to), false, true);
            }
        }
        any.then_some(()).ok_or("nothing to extend")
    }

    pub fn write_off(&mut self, number: Option<i64>) -> Outcome {
        let number = number.unwrap_or(self.debt);
        if number == 0 || number > self.debt {
            return Err("more than owed");
        }
        self.debt -= number;
        Ok(())
    }

    pub fn spend(&mut self, entry: EntryId, number: i64, now: Timestamp) -> Outcome {
        let points = self.pick(number)?;
        self.put(&points, Place::Spent);
        self.spent.insert(entry, points);
        self.act(false, now, now);
        Ok(())
    }

    pub fn take_out(&mut self, entry: EntryId, number: i64) -> Outcome {
        let points = self.pick_any(number)?;
        self.put(&points, Place::Spent);
        self.spent.insert(entry, points);
        Ok(())
    }

    pub fn transfer_out(&mut self, entry: EntryId, number: Option<i64>) -> Outcome {
        let number = number.unwrap_or(self.count(Place::Available));
        if number == 0 {
            return Err("insufficient");
        }
        let points = self.pick(number)?;
        self.put(&points, Place::Spent);
        self.spent.insert(entry, points);
        Ok(())
    }

    pub fn hold(&mut self, entry: EntryId, number: i64, expires_at: Timestamp) -> Outcome {
        let points = self.pick(number)?;
        self.put(&points, Place::Held);
        let held = Held {
            expires_at,
            points,
            over: None,
        };
        self.holds.insert(entry, held);
        Ok(())
    }

    pub fn extend_hold(&mut self, hold: EntryId, expires_at: Timestamp) -> Outcome {
        self.active(hold)?;
        let held = self.holds.get_mut(&hold).unwrap();
        held.expires_at = held.expires_at.max(expires_at);
        Ok(())
    }

    pub fn capture(&mut self, entry: EntryId, hold: EntryId, number: Option<i64>, now: Timestamp) -> Outcome {
        let held = self.active(hold)?.points.clone();
        let number = number.unwrap_or(held.len() as i64) as usize;
        if number > held.len() {
            return Err("more than held");
        }
        let (spent, rest) = held.split_at(number);
        self.put(spent, Place::Spent);
        self.spent.insert(entry, spent.to_vec());
        self.holds.get_mut(&hold).unwrap().over = Some(if rest.is_empty() {
            "CAPTURED"
        } else {
            "PARTIALLY_CAPTURED"
        });
        self.come_back(rest, now);
        self.live_at(now);
        self.act(false, now, now);
        Ok(())
    }

    pub fn release(&mut self, hold: EntryId, now: Timestamp) -> Outcome {
        let held = self.active(hold)?.points.clone();
        self.holds.get_mut(&hold).unwrap().over = Some("RELEASED");
        self.come_back(&held, now);
        self.live_at(now);
        Ok(())
    }

    pub fn reverse(&mut self, lot: EntryId, number: Option<i64>) -> Outcome {
        let left = *self.earned.get(&lot).ok_or("not reversible")?;
        let number = number.unwrap_or(left);
        if number == 0 || number > left {
            return Err("more than entry");
        }
        self.earned.insert(lot, left - number);
        let only_pending = self.wallet.overdraft == OverdraftPolicy::PendingOnly;
        for _ in 0..number {
            let is_own = |point: &Point| {
                point.lot == lot && (point.place == Place::Pending || point.place == Place::Available && !only_pending)
            };
            let own = self.first(is_own);
            let lapsed = self.first(|point| point.lot == lot && point.place == Place::Expired && !only_pending);
            let other = self.first(|point| point.place == Place::Available && !only_pending);
            match (own, lapsed, other) {
                (Some(point), _, _) | (None, None, Some(point)) => self.points[point].place = Place::Reversed,
                (None, Some(point), _) => self.points[point].place = Place::ExpiredAndRecovered,
                (None, None, None) => match self.wallet.overdraft {
                    OverdraftPolicy::CarryDebt { limit } if limit.is_none_or(|limit| self.debt < limit.get()) => {
                        self.debt += 1;
                    }
                    _ => {}
                },
            }
        }
        Ok(())
    }

    pub fn restore(&mut self, entry: EntryId, number: Option<i64>, initiator: Initiator, now: Timestamp) -> Outcome {
        let slides = self.slides();
        let spent = self.spent.get_mut(&entry).ok_or("not restorable")?;
        let number = number.unwrap_or(spent.len() as i64) as usize;
        if number == 0 || number > spent.len() {
            return Err("more than entry");
        }
        for index in spent.split_off(spent.len() - number) {
            let point = &mut self.points[index];
            if slides {
                point.expires_at = point.expires_at.max(self.slides_until);
                point.lives_on = point.expires_at == self.slides_until;
            }
            let over = point.expires_at.is_some_and(|expires_at| expires_at <= now);
            point.place = if over && initiator == Initiator::Member {
                Place::Expired
            } else {
                Place::Available
            };
            if over && initiator == Initiator::Merchant {
                point.expires_at = Some(now + self.wallet.restore_grace);
                point.lives_on = false;
            }
        }
        Ok(())
    }
}
