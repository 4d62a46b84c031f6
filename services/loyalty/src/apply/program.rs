//! `[program]`: the program itself.

use common::{ids::ProgramId, time, zone::Zone};
use proto::member::{LeapDayBirthday, Program};

use super::{
    amounts::{Currency, instant},
    sheet::Table,
    words::{Frame, Words},
};

/// When members who were born on 29 February have their birthday in other years.
pub const LEAP_DAYS: Words<LeapDayBirthday> = &[
    ("28 february", LeapDayBirthday::Feb28),
    ("1 march", LeapDayBirthday::Mar1),
];

/// Reads the program, and with it what the other sections are read in.
pub fn read(table: &Table<'_>) -> (Program, Frame) {
    let zone_name = table.need("zone", "zone", r#""America/New_York""#);
    let zone = zone_name.as_ref().and_then(|item| {
        let found = Zone::find(&item.text());
        if found.is_none() && item.as_text().is_some() {
            item.wrong(r#"is not in the IANA database; it must be a zone such as "America/New_York""#);
        }
        found
    });
    let currency_code = table.text("currency", "currency_code", r#""USD""#);
    let zone = zone.unwrap_or_else(|| Frame::stand_in().zone);
    let frame = Frame {
        currency: Currency::new(&currency_code),
        zone,
    };
    let program = Program {
        program_id: program_id(table),
        name: table.text("name", "name", r#""Our Rewards""#),
        zone: frame.zone.name().to_owned(),
        currency_code,
        sandbox: table.flag("sandbox", "sandbox"),
        clock_at: clock_at(table, &frame.zone),
        etag: String::new(),
        leap_day_birthday: leap_day(table),
    };
    (program, frame)
}

/// On 1 March, unless the file says something else.
fn leap_day(table: &Table<'_>) -> i32 {
    let said = table.find("leap_day_birthday", "leap_day_birthday");
    said.map_or(LeapDayBirthday::Mar1.into(), |item| item.word(LEAP_DAYS))
}

fn program_id(table: &Table<'_>) -> String {
    let Some(item) = table.need("id", "program_id", r#""0190b5a6-7c2e-7d3a-8f10-2b3c4d5e6f70""#) else {
        return String::new();
    };
    let text = item.text();
    if let (Some(_), Err(error)) = (item.as_text(), text.parse::<ProgramId>()) {
        item.wrong(error);
    }
    text
}

/// A sandbox needs a clock to start from, and only a sandbox has one.
fn clock_at(table: &Table<'_>, zone: &Zone) -> Option<prost_types::Timestamp> {
    if table.flag("sandbox", "sandbox") {
        let item = table.need("clock_at", "clock_at", "1997-01-01T00:00:00")?;
        return instant(&item, zone).map(time::to_wire);
    }
    if let Some(item) = table.find("clock_at", "clock_at") {
        item.wrong("is only for a sandbox; leave it out, or write sandbox = true");
    }
    None
}
