//! Large figures as people read them: `1,234,567.00`.

use crate::apply::amounts::Currency;

/// Writes a number.
pub fn count(number: i64) -> String {
    grouped(&number.to_string())
}

/// Writes an amount of money.
pub fn money(minor_units: i64, currency: &Currency) -> String {
    let sign = if minor_units < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(&currency.spell(minor_units.saturating_abs())))
}

/// Puts a comma before every three digits of the whole part.
fn grouped(number: &str) -> String {
    let (whole, part) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut grouped = String::with_capacity(number.len() + number.len() / 3);
    for (at, digit) in whole.char_indices() {
        let follow = whole.len() - at;
        if at > 0 && follow.is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        let (yuan, yen) = (Currency::new("CNY"), Currency::new("JPY"));
        let amounts = [0, 99_999, 100_000, 123_456_789, -100_000_000];
        let written = amounts.map(|amount| money(amount, &yuan));
        assert_eq!(written, ["0.00", "999.99", "1,000.00", "1,234,567.89", "-1,000,000.00"]);
        assert_eq!(money(1_000_000, &yen), "1,000,000");
        assert_eq!([count(0), count(999), count(-123_456)], ["0", "999", "-123,456"]);
    }
}
