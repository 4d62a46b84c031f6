//! The purchases that the demo replays: a real retailer's. See `data/README.md`.

use jiff::civil::{Date, date};

const DATA: &[u8] = include_bytes!("../../data/cdnow.bin");

/// The day from which the data counts.
pub const FIRST_DAY: Date = date(1997, 1, 1);

/// One purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// The number of the order: its place in the data, from 1.
    pub order: u32,
    /// The customer's number.
    pub customer: u32,
    /// The day, counted from [`FIRST_DAY`].
    pub day: usize,
    /// How many CDs were bought.
    pub cds: i32,
    /// What they cost, in cents.
    pub cents: i64,
}

/// Reads every purchase, in the order of the customers' numbers and of each customer's purchases.
pub fn all() -> Vec<Purchase> {
    let mut bytes = DATA.iter().copied();
    let mut purchases = Vec::new();
    let mut customer = 0;
    while let Some(further) = read_number(&mut bytes) {
        customer += further as u32;
        let mut next = || read_number(&mut bytes).expect("a purchase has four numbers");
        let (day, cds, cents) = (next() as usize, next() as i32, next() as i64);
        purchases.push(Purchase {
            order: purchases.len() as u32 + 1,
            customer,
            day,
            cds,
            cents,
        });
    }
    purchases
}

/// Reads an unsigned LEB128 number.
fn read_number(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut number = 0;
    for place in 0.. {
        let byte = bytes.next()?;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_data_is_whole() {
        let purchases = all();
        assert_eq!(purchases.len(), 69_659);
        assert_eq!(
            purchases
                .iter()
                .map(|purchase| purchase.customer)
                .collect::<BTreeSet<_>>()
                .len(),
            23_570
        );
        assert_eq!(
            purchases.iter().map(|purchase| purchase.cents).sum::<i64>(),
            250_031_563
        );
        assert_eq!(purchases.iter().map(|purchase| purchase.day).max(), Some(545));
        assert_eq!(
            purchases[0],
            Purchase {
                order: 1,
                customer: 1,
                day: 0,
                cds: 1,
                cents: 1177
            }
        );
    }
}
