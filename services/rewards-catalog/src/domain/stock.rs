//! How many of a reward are left: counted, never below zero.

use thiserror::Error;

/// How many of a reward are left.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Stock(i64);

impl Stock {
    /// No stock.
    pub const NONE: Stock = Stock(0);

    /// Accepts a number that can be a stock.
    pub const fn new(stock: i64) -> Option<Stock> {
        if stock >= 0 { Some(Stock(stock)) } else { None }
    }

    /// Returns the number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Adds what came in, or takes out what a negative number says. Refuses to go below zero, or beyond counting.
    pub fn adjust(self, delta: i64) -> Result<Stock, StockBelowZero> {
        let sum = self.0.checked_add(delta).and_then(Stock::new);
        sum.ok_or(StockBelowZero { stock: self.0, delta })
    }
}

/// Says that a stock does not suffice for what was to be taken from it.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a stock of {stock} cannot change by {delta}")]
pub struct StockBelowZero {
    /// How many there are.
    pub stock: i64,
    /// By how many it was to change.
    pub delta: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stock_is_never_below_zero_and_never_wraps() {
        assert_eq!(Stock::new(-1), None);
        assert_eq!(Stock(3).adjust(-3), Ok(Stock::NONE));
        assert_eq!(Stock(3).adjust(-5), Err(StockBelowZero { stock: 3, delta: -5 }));
        assert!(Stock(i64::MAX).adjust(1).is_err());
    }
}
