//! Schedules, as they are stored.

use std::collections::BTreeSet;

use common::time;
use jiff::civil::{Date, Weekday};
use proto::campaign as pb;

use super::Unreadable;
use crate::domain::{DayTime, Days, LastWeekend, On, Schedule};

/// Reads a schedule.
pub(super) fn schedule(wire: &pb::Schedule) -> Result<Schedule, Unreadable> {
    Ok(Schedule {
        start: instant(wire.start, "schedule.start")?,
        end: instant(wire.end, "schedule.end")?,
        days: wire.days.iter().map(days).collect::<Result<_, _>>()?,
        times: wire.times.iter().map(day_time).collect(),
        except: wire.except.iter().map(except).collect::<Result<_, _>>()?,
    })
}

fn instant(wire: Option<prost_types::Timestamp>, field: &'static str) -> Result<Option<jiff::Timestamp>, Unreadable> {
    wire.map(|at| time::from_wire(at).ok_or(Unreadable(field))).transpose()
}

fn days(wire: &pb::Days) -> Result<Days, Unreadable> {
    let unreadable = Unreadable("schedule.days");
    let on = match wire.days.as_ref().ok_or(unreadable)? {
        pb::days::Days::Weekly(weekly) => On::Weekly(
            weekly
                .weekdays()
                .map(weekday)
                .collect::<Option<_>>()
                .ok_or(unreadable)?,
        ),
        pb::days::Days::Monthly(monthly) => On::Monthly(
            monthly
                .days
                .iter()
                .map(small)
                .collect::<Option<_>>()
                .ok_or(unreadable)?,
        ),
        pb::days::Days::NthWeekday(nth) => On::NthWeekday(
            small(&nth.nth).ok_or(unreadable)?,
            weekday(nth.weekday()).ok_or(unreadable)?,
        ),
        pb::days::Days::Yearly(yearly) => {
            let day = |day: &pb::YearDay| Some((small(&day.month)?, small(&day.day)?));
            let days: Option<BTreeSet<(i8, i8)>> = yearly.days.iter().map(day).collect();
            On::Yearly(days.ok_or(unreadable)?.into_iter().collect())
        }
        pb::days::Days::LastWeekend(last) => On::LastWeekend(match last.reading() {
            pb::LastWeekendReading::Unspecified => return Err(unreadable),
            pb::LastWeekendReading::LastSaturdayAndNextDay => LastWeekend::LastSaturdayAndNextDay,
            pb::LastWeekendReading::LastFullWeekendInsideMonth => LastWeekend::LastFullWeekendInsideMonth,
        }),
    };
    Ok(Days {
        on,
        lasts_days: wire.lasts_days.max(1),
    })
}

fn small(number: &i32) -> Option<i8> {
    i8::try_from(*number).ok()
}

fn weekday(wire: pb::Weekday) -> Option<Weekday> {
    match wire {
        pb::Weekday::Unspecified => None,
        pb::Weekday::Monday => Some(Weekday::Monday),
        pb::Weekday::Tuesday => Some(Weekday::Tuesday),
        pb::Weekday::Wednesday => Some(Weekday::Wednesday),
        pb::Weekday::Thursday => Some(Weekday::Thursday),
        pb::Weekday::Friday => Some(Weekday::Friday),
        pb::Weekday::Saturday => Some(Weekday::Saturday),
        pb::Weekday::Sunday => Some(Weekday::Sunday),
    }
}

fn day_time(wire: &pb::DayTime) -> DayTime {
    DayTime {
        from_minute: wire.from_minute,
        until_minute: wire.until_minute,
    }
}

fn except(wire: &pb::DateRange) -> Result<(Date, Date), Unreadable> {
    let date = |text: &str| text.parse().map_err(|_| Unreadable("schedule.except"));
    let first = date(&wire.first)?;
    let last = if wire.last.is_empty() { first } else { date(&wire.last)? };
    Ok((first, last))
}
