//! When the last time is over that a schedule names.

use common::zone::Zone;
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime},
};

use super::schedule::{DayTime, Schedule};

/// How many days are looked back from the end for one that counts: 29 February comes once in eight years at worst.
const DAYS: usize = 8 * 366 + 1;

impl Schedule {
    /// Returns when the last time is over that it names: the earliest instant there is, where it names none; nothing, where it goes on for ever.
    pub fn over_at(&self, zone: &Zone) -> Option<Timestamp> {
        let end = self.end?;
        let start = self.start.unwrap_or(Timestamp::MIN);
        let first_day = zone.tz().to_datetime(start).date();
        let mut day = zone.tz().to_datetime(end).date();
        for _ in 0..DAYS {
            let before = day.yesterday().ok();
            let last = self.last_of(day, start..end, zone);
            if last.is_some() {
                // A night that began on the day before may last longer.
                let night = before.and_then(|before| self.last_of(before, start..end, zone));
                return last.max(night);
            }
            match before {
                // A night may have begun on the day before the first.
                Some(before) if before >= first_day.yesterday().unwrap_or(Date::MIN) => day = before,
                _ => break,
            }
        }
        Some(Timestamp::MIN)
    }

    fn last_of(&self, day: Date, within: std::ops::Range<Timestamp>, zone: &Zone) -> Option<Timestamp> {
        if !self.includes_day(day) {
            return None;
        }
        let all_day = [DayTime {
            from_minute: 0,
            until_minute: 24 * 60,
        }];
        let times = if self.times.is_empty() {
            &all_day[..]
        } else {
            &self.times
        };
        let over = times.iter().filter_map(|time| {
            let (from, until) = (instant(day, time.from_minute, zone)?, instant(day, time.ends(), zone)?);
            let (from, until) = (from.max(within.start), until.min(within.end));
            (from < until).then_some(until)
        });
        over.max()
    }
}

impl DayTime {
    /// Returns in which minute it ends, counted from the midnight before it begins.
    fn ends(&self) -> i32 {
        let past_midnight = self.until_minute <= self.from_minute;
        self.until_minute + if past_midnight { 24 * 60 } else { 0 }
    }
}

fn instant(day: Date, minute: i32, zone: &Zone) -> Option<Timestamp> {
    let local: DateTime = day.to_datetime(jiff::civil::Time::midnight());
    let local = local.checked_add(minute.minutes()).ok()?;
    Some(local.to_zoned(zone.tz().clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;
    use crate::domain::{Days, On};

    fn zone() -> Zone {
        Zone::find("Asia/Shanghai").expect("a zone")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn saturdays() -> Vec<Days> {
        vec![Days {
            on: On::Weekly(vec![Weekday::Saturday]),
            lasts_days: 1,
        }]
    }

    /// November 2026: the first is a Sunday.
    fn november() -> Schedule {
        Schedule {
            start: Some(at("2026-11-01T00:00:00+08:00")),
            end: Some(at("2026-12-01T00:00:00+08:00")),
            ..Schedule::default()
        }
    }

    #[test]
    fn a_schedule_without_an_end_is_never_over() {
        let saturdays = Schedule {
            end: None,
            days: saturdays(),
            ..november()
        };
        assert_eq!(saturdays.over_at(&zone()), None);
    }

    #[test]
    fn what_goes_on_all_the_time_is_over_at_its_end() {
        assert_eq!(november().over_at(&zone()), november().end);
    }

    #[test]
    fn saturdays_are_over_with_the_last_of_them() {
        let schedule = Schedule {
            days: saturdays(),
            ..november()
        };
        assert_eq!(schedule.over_at(&zone()), Some(at("2026-11-29T00:00:00+08:00")));
        let without_the_last = Schedule {
            except: vec![("2026-11-28".parse().unwrap(), "2026-11-28".parse().unwrap())],
            ..schedule
        };
        assert_eq!(without_the_last.over_at(&zone()), Some(at("2026-11-22T00:00:00+08:00")));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_began_and_may_outlast_the_day_behind_it() {
        let time = |from_minute, until_minute| DayTime {
            from_minute,
            until_minute,
        };
        let schedule = Schedule {
            end: Some(at("2026-11-15T12:00:00+08:00")),
            days: saturdays(),
            times: vec![time(22 * 60, 2 * 60)],
            ..november()
        };
        assert_eq!(schedule.over_at(&zone()), Some(at("2026-11-15T02:00:00+08:00")));
        let every_day = Schedule {
            end: Some(at("2026-11-15T01:30:00+08:00")),
            days: Vec::new(),
            times: vec![time(22 * 60, 2 * 60), time(0, 30)],
            ..schedule
        };
        assert_eq!(every_day.over_at(&zone()), every_day.end);
    }

    #[test]
    fn what_names_no_time_was_always_over() {
        let never = Schedule {
            end: Some(at("2026-11-06T00:00:00+08:00")),
            days: saturdays(),
            ..november()
        };
        assert_eq!(never.over_at(&zone()), Some(Timestamp::MIN));
    }

    #[test]
    fn the_end_of_what_is_over_is_the_first_instant_that_is_not_included() {
        let schedules = [
            november(),
            Schedule {
                days: saturdays(),
                times: vec![DayTime {
                    from_minute: 18 * 60,
                    until_minute: 6 * 60,
                }],
                ..november()
            },
        ];
        for schedule in schedules {
            let over = schedule.over_at(&zone()).unwrap();
            let includes = |at: Timestamp| schedule.includes(at, zone().tz().to_datetime(at));
            assert!(includes(over - jiff::SignedDuration::from_secs(1)));
            let after = (0..100_000).map(|minutes| over + jiff::SignedDuration::from_mins(minutes));
            assert!(after.into_iter().all(|at| !includes(at)));
        }
    }
}
