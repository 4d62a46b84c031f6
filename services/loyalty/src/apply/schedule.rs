//! Schedules: when campaigns run, in the words of the file.

use common::time;
use proto::campaign::{
    DateRange, DayTime, Days, LastWeekend, LastWeekendReading, MonthlyDays, NthWeekday, Schedule, Weekday, WeeklyDays,
    YearDay, YearlyDays, days,
};

use super::{
    amounts::{instant, spell_instant},
    sheet::{Item, Table},
    words::{Frame, Words, spell},
};

const SCHEDULE: &str = r#""always", "last weekend", "last full weekend", "monday" or { start = 1997-06-01, end = 1997-07-01, on = ["saturday", "sunday"] }"#;
const ON: &str = r#""monday" (or another day of the week), "last weekend", "last full weekend", { month_days = [1, -1] }, { nth = 2, weekday = "tuesday" } or { year_days = ["11-11"] }"#;
const WEEKDAYS: Words<Weekday> = &[
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Reads a schedule; nothing for always.
pub fn read(item: &Item<'_>, frame: &Frame) -> Option<Schedule> {
    match item.as_text() {
        Some("always") => None,
        Some(_) => Some(Schedule {
            days: vec![read_days(item, SCHEDULE)],
            ..Schedule::default()
        }),
        None => item.table(SCHEDULE, |table| read_table(table, frame)),
    }
}

fn read_table(table: &Table<'_>, frame: &Frame) -> Schedule {
    let at = |key, field| {
        table
            .find(key, field)
            .and_then(|item| instant(&item, &frame.zone))
            .map(time::to_wire)
    };
    let list = |key: &'static str, field: &str| {
        table
            .find(key, field)
            .map(|item| item.one_or_more())
            .unwrap_or_default()
    };
    if !["start", "end", "on", "times", "except"]
        .iter()
        .any(|key| table.has(key))
    {
        table.wrong(format_args!("must be {SCHEDULE}"));
    }
    if table.has("lasts_days") && !table.has("on") {
        table.wrong("has lasts_days, which needs the days in on that it begins on");
    }
    let lasts_days = table.find("lasts_days", "days").map_or(0, |item| item.small());
    Schedule {
        start: at("start", "start"),
        end: at("end", "end"),
        days: list("on", "days")
            .iter()
            .map(|item| Days {
                lasts_days,
                ..read_days(item, ON)
            })
            .collect(),
        times: list("times", "times").iter().map(read_times).collect(),
        except: list("except", "except").iter().map(read_range).collect(),
    }
}

fn read_days(item: &Item<'_>, forms: &str) -> Days {
    let last = |reading: LastWeekendReading| {
        days::Days::LastWeekend(LastWeekend {
            reading: reading.into(),
        })
    };
    let weekday = |text: &str| {
        WEEKDAYS
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, weekday)| *weekday)
    };
    let days = match item.as_text() {
        Some("last weekend") => Some(last(LastWeekendReading::LastSaturdayAndNextDay)),
        Some("last full weekend") => Some(last(LastWeekendReading::LastFullWeekendInsideMonth)),
        Some(text) => weekday(text).map(|weekday| {
            days::Days::Weekly(WeeklyDays {
                weekdays: vec![weekday.into()],
            })
        }),
        None => {
            return Days {
                days: item.table(forms, read_days_of_table).flatten(),
                lasts_days: 0,
            };
        }
    };
    if days.is_none() {
        item.wrong(format_args!("must be {forms}"));
    }
    Days { days, lasts_days: 0 }
}

fn read_days_of_table(table: &Table<'_>) -> Option<days::Days> {
    if let Some(days) = table.find("month_days", "monthly.days") {
        let days = days.one_or_more().iter().map(Item::small).collect();
        return Some(days::Days::Monthly(MonthlyDays { days }));
    }
    if let Some(days) = table.find("year_days", "yearly.days") {
        let days = days.one_or_more().iter().map(read_year_day).collect();
        return Some(days::Days::Yearly(YearlyDays { days }));
    }
    let Some(nth) = table.find("nth", "nth_weekday.nth") else {
        table.wrong(format_args!("must be {ON}"));
        return None;
    };
    Some(days::Days::NthWeekday(NthWeekday {
        nth: nth.small(),
        weekday: table.word("weekday", "nth_weekday.weekday", WEEKDAYS),
    }))
}

fn read_year_day(item: &Item<'_>) -> YearDay {
    let day = |text: &str| {
        let (month, day) = text.split_once('-')?;
        Some(YearDay {
            month: month.parse().ok()?,
            day: day.parse().ok()?,
        })
    };
    item.as_text().and_then(day).unwrap_or_else(|| {
        item.wrong(r#"must be a month and a day in quotation marks, such as "11-11""#);
        YearDay { month: 1, day: 1 }
    })
}

pub(super) fn read_times(item: &Item<'_>) -> DayTime {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute): (i32, i32) = (hour.parse().ok()?, minute.parse().ok()?);
        ((0..=24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
    };
    let time = |text: &str| {
        let (from, until) = text.split_once('-')?;
        Some(DayTime {
            from_minute: minute(from)?,
            until_minute: minute(until)?,
        })
    };
    item.as_text().and_then(time).unwrap_or_else(|| {
        item.wrong(r#"must be times of day in quotation marks, such as "18:00-20:00" or "22:00-02:00""#);
        DayTime::default()
    })
}

fn read_range(item: &Item<'_>) -> DateRange {
    let text = item.text();
    let (first, last) = text.split_once("..").unwrap_or((&text, ""));
    DateRange {
        first: first.to_owned(),
        last: last.to_owned(),
    }
}

/// Describes a schedule.
pub fn words(schedule: Option<&Schedule>, frame: &Frame) -> String {
    let Some(Schedule {
        start,
        end,
        days,
        times,
        except,
    }) = schedule
    else {
        return "always".to_owned();
    };
    let at = |word: &str, at: &Option<prost_types::Timestamp>| {
        at.map(|at| format!("{word} {}", spell_instant(at, &frame.zone)))
    };
    let mut parts: Vec<String> = [at("from", start), at("until", end)].into_iter().flatten().collect();
    parts.extend(joined("on", days.iter().map(words_of_days)));
    parts.extend(joined(
        "at",
        times
            .iter()
            .map(|time| words_of_time(time.from_minute, time.until_minute)),
    ));
    parts.extend(joined("except", except.iter().map(words_of_range)));
    if parts.is_empty() {
        "always".to_owned()
    } else {
        parts.join(" ")
    }
}

fn joined(word: &str, parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| format!("{word} {}", parts.join(", ")))
}

fn words_of_days(days: &Days) -> String {
    let on = match &days.days {
        None => "no day".to_owned(),
        Some(days::Days::Weekly(weekly)) => {
            let words: Vec<String> = weekly
                .weekdays
                .iter()
                .map(|weekday| spell(*weekday, WEEKDAYS))
                .collect();
            words.join(" and ")
        }
        Some(days::Days::Monthly(monthly)) => format!("days {:?} of the month", monthly.days),
        Some(days::Days::NthWeekday(nth)) => format!("{} no. {} of the month", spell(nth.weekday, WEEKDAYS), nth.nth),
        Some(days::Days::Yearly(yearly)) => {
            let words: Vec<String> = yearly
                .days
                .iter()
                .map(|day| format!("{:02}-{:02}", day.month, day.day))
                .collect();
            words.join(" and ")
        }
        Some(days::Days::LastWeekend(last)) => match last.reading() {
            LastWeekendReading::LastFullWeekendInsideMonth => "last full weekend".to_owned(),
            _ => "last weekend".to_owned(),
        },
    };
    match days.lasts_days {
        0 | 1 => on,
        more => format!("{on} for {more} days"),
    }
}

pub(super) fn words_of_time(from_minute: i32, until_minute: i32) -> String {
    let minute = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
    format!("{}-{}", minute(from_minute), minute(until_minute))
}

fn words_of_range(range: &DateRange) -> String {
    match range.last.as_str() {
        "" => range.first.clone(),
        last => format!("{}..{last}", range.first),
    }
}
