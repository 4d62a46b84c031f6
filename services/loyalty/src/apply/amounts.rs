//! Amounts and factors as people write them: decimals in quotation marks, read exactly and written back the same. No floating point.

pub use common::currency::Currency;
use common::{ratio::Ratio, zone::Zone};
use jiff::{Timestamp, civil};
use proto::value;
use toml::value::{Date, Datetime, Offset, Time};

use super::sheet::Item;

/// The most money that a rule may speak of, in minor units: that of the contracts.
const MOST_MINOR_UNITS: i64 = 1_000_000_000_000;
/// The largest numerator and denominator of a contract's ratio.
const LARGEST_TERM: i64 = 1_000_000_000;

/// Reads an amount of money of at least so many minor units.
pub fn money(item: &Item<'_>, currency: &Currency, at_least: i64) -> i64 {
    let allowed = at_least..=MOST_MINOR_UNITS;
    let amount = item
        .as_text()
        .and_then(|text| minor_units(text, currency))
        .filter(|amount| allowed.contains(amount));
    amount.unwrap_or_else(|| {
        let (least, most) = (currency.spell(at_least), currency.spell(MOST_MINOR_UNITS));
        item.wrong(format_args!(
            "must be an amount of {} in quotation marks, from {least:?} to {most:?}",
            currency.code()
        ));
        0
    })
}

fn minor_units(text: &str, currency: &Currency) -> Option<i64> {
    let (digits, places) = decimal(text)?;
    digits.checked_mul(10_i64.checked_pow(currency.places().checked_sub(places)?)?)
}

/// Reads a factor: a decimal or a fraction in quotation marks, or a whole number.
pub fn factor(item: &Item<'_>) -> Option<value::Ratio> {
    let text = item.value.as_integer().map(|number| number.as_str()).or(item.as_text());
    let ratio = text.and_then(exact).and_then(wire);
    if ratio.is_none() {
        item.wrong(r#"must be a decimal or a fraction in quotation marks, such as "1.2" or "4/3""#);
    }
    ratio
}

/// Writes a factor: as a decimal where it is one.
pub fn spell_factor(ratio: &value::Ratio) -> String {
    let reduced = Ratio::new(ratio.num, ratio.den).and_then(wire).unwrap_or(*ratio);
    let decimal = (0..=9).find_map(|places| {
        let unit = 10_i64.pow(places);
        let digits = reduced.num.checked_mul(unit)?;
        (reduced.den > 0 && digits % reduced.den == 0).then(|| (digits / reduced.den, unit, places as usize))
    });
    match decimal {
        Some((digits, _, 0)) => digits.to_string(),
        Some((digits, unit, places)) => format!("{}.{:0places$}", digits / unit, digits % unit),
        None => format!("{}/{}", reduced.num, reduced.den),
    }
}

/// Reads an amount of money that may be a part of a minor unit, as a ratio of minor units.
pub fn unit_cost(item: &Item<'_>, currency: &Currency) -> Option<value::Ratio> {
    let unit = Ratio::whole(10_i64.pow(currency.places()));
    let cost = item
        .as_text()
        .and_then(exact)
        .and_then(|amount| amount.checked_mul(unit));
    let cost = cost.filter(|cost| *cost >= Ratio::ZERO).and_then(wire);
    if cost.is_none() {
        item.wrong(format_args!(
            r#"must be an amount of {} in quotation marks, such as "0.01" or "1/300""#,
            currency.code()
        ));
    }
    cost
}

/// Writes an amount of money that may be a part of a minor unit.
pub fn spell_unit_cost(cost: value::Ratio, currency: &Currency) -> String {
    let unit = Ratio::whole(10_i64.pow(currency.places()));
    let amount = Ratio::new(cost.num, cost.den).and_then(|cost| cost.checked_div(unit));
    let amount = amount.and_then(wire).map(|amount| spell_factor(&amount));
    amount.unwrap_or_else(|| format!("{}/{} of a minor unit", cost.num, cost.den))
}

/// Reads an instant. Without an offset it is meant in the program's zone, and a day alone means its beginning.
pub fn instant(item: &Item<'_>, zone: &Zone) -> Option<Timestamp> {
    let at = item
        .value
        .as_datetime()
        .and_then(|written| place_in_time(written, zone));
    if at.is_none() {
        item.wrong("must be a day or a time without quotation marks, such as 1997-01-31 or 1997-01-31T18:00:00");
    }
    at
}

/// Reads a day.
pub fn day(item: &Item<'_>) -> Option<civil::Date> {
    let written = item.value.as_datetime().filter(|written| written.time.is_none());
    let day = written.and_then(|written| civil_date(written.date?));
    if day.is_none() {
        item.wrong("must be a day without quotation marks, such as 1997-01-31");
    }
    day
}

/// Writes an instant as the program's zone shows it.
pub fn spell_instant(at: prost_types::Timestamp, zone: &Zone) -> String {
    let at = common::time::from_wire(at).unwrap_or_default();
    let local = zone.tz().to_datetime(at);
    let offset = zone.tz().to_offset(at);
    if local.time() == civil::Time::midnight() {
        local.date().to_string()
    } else {
        at.display_with_offset(offset).to_string()
    }
}

fn place_in_time(written: &Datetime, zone: &Zone) -> Option<Timestamp> {
    let date = civil_date(written.date?)?;
    let Time {
        hour,
        minute,
        second,
        nanosecond,
    } = written.time.unwrap_or(Time {
        hour: 0,
        minute: 0,
        second: None,
        nanosecond: None,
    });
    // A leap second, which TOML allows, is the last one of its minute.
    let second = i8::try_from(second.unwrap_or(0).min(59)).ok()?;
    let nanosecond = i32::try_from(nanosecond.unwrap_or(0)).ok()?;
    let time = civil::Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, second, nanosecond).ok()?;
    let local = date.to_datetime(time);
    let tz = match written.offset {
        None => zone.tz().clone(),
        Some(Offset::Z) => jiff::tz::TimeZone::UTC,
        Some(Offset::Custom { minutes }) => jiff::tz::Offset::from_seconds(i32::from(minutes) * 60)
            .ok()?
            .to_time_zone(),
    };
    tz.to_timestamp(local).ok()
}

fn civil_date(Date { year, month, day }: Date) -> Option<civil::Date> {
    let (year, month, day) = (year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    civil::Date::new(year, month, day).ok()
}

fn exact(text: &str) -> Option<Ratio> {
    match text.split_once('/') {
        Some((num, den)) => Ratio::new(whole(num)?, whole(den)?),
        None => {
            let (digits, places) = decimal(text)?;
            Ratio::new(digits, 10_i64.checked_pow(places)?)
        }
    }
}

fn wire(ratio: Ratio) -> Option<value::Ratio> {
    let (num, den) = (ratio.num()?, ratio.den()?);
    (num <= LARGEST_TERM && den <= LARGEST_TERM).then_some(value::Ratio { num, den })
}

/// Reads `12.50` as 1250 with 2 places.
fn decimal(text: &str) -> Option<(i64, u32)> {
    match text.split_once('.') {
        None => Some((whole(text)?, 0)),
        Some((units, part)) => {
            whole(units)?;
            whole(part)?;
            Some((whole(&format!("{units}{part}"))?, u32::try_from(part.len()).ok()?))
        }
    }
}

/// Reads digits and nothing else: no sign, no space.
fn whole(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_exactly_and_written_back_the_same() {
        let (dollar, yen, dinar) = (Currency::new("USD"), Currency::new("JPY"), Currency::new("KWD"));
        assert_eq!(minor_units("12.50", &dollar), Some(1250));
        assert_eq!(minor_units("12", &dollar), Some(1200));
        assert_eq!(minor_units("12", &yen), Some(12));
        assert_eq!(minor_units("0.005", &dinar), Some(5));
        assert_eq!(
            [dollar.spell(1205), yen.spell(12), dinar.spell(5)],
            ["12.05", "12", "0.005"]
        );
        for nonsense in [
            "",
            ".",
            "1.",
            ".5",
            "1.005",
            "-1",
            "+1",
            " 1",
            "1e3",
            "1,50",
            "99999999999999999999",
        ] {
            assert_eq!(minor_units(nonsense, &dollar), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_factor_is_read_exactly_and_written_back_the_same() {
        for text in ["1.2", "1", "0.125", "4/3", "2.5"] {
            let ratio = exact(text).and_then(wire).unwrap();
            assert_eq!(spell_factor(&ratio), text);
        }
        assert_eq!(exact("1.20").and_then(wire), Some(value::Ratio { num: 6, den: 5 }));
        for nonsense in ["", "1/0", "1/", "a", "-1", "1.2.3", "0.0000000001"] {
            assert_eq!(exact(nonsense).and_then(wire), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_time_without_an_offset_is_meant_in_the_zone_of_the_program() {
        let zone = Zone::find("America/New_York").unwrap();
        let read = |text: &str| place_in_time(&text.parse().unwrap(), &zone).map(|at| at.to_string());
        assert_eq!(read("1997-01-01").as_deref(), Some("1997-01-01T05:00:00Z"));
        assert_eq!(read("1997-07-01T12:30:00").as_deref(), Some("1997-07-01T16:30:00Z"));
        assert_eq!(
            read("1997-07-01T12:30:00+02:00").as_deref(),
            Some("1997-07-01T10:30:00Z")
        );
        assert_eq!(read("12:30:00"), None);
        let at = common::time::to_wire("1997-01-01T05:00:00Z".parse().unwrap());
        assert_eq!(spell_instant(at, &zone), "1997-01-01");
    }
}
