//! What of an order is kept.
//!
//! One number a line is all there is to remember: the price before discounts of what is kept. Everything else follows from it.

use super::activity::{Return, ReturnedLine};
use super::decision::DecideError;
use super::purchase::{LineMoney, Purchase, PurchaseLine, share};

/// What of each line is kept, by its price before discounts, in the order of the lines; nothing for a line that came back whole.
///
/// A line that cost nothing is kept too, at a price of zero, until it comes back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept(Vec<Option<i64>>);

/// What is kept of a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeptLine {
    /// The number of the line.
    pub line_id: String,
    /// The money of what is kept.
    pub money: LineMoney,
}

/// What is kept of a line, beside the line itself.
#[derive(Clone, Copy)]
pub(super) struct KeptPart<'a> {
    /// The place of the line in the order.
    pub at: usize,
    /// The line.
    pub line: &'a PurchaseLine,
    /// The price before discounts of what is kept.
    pub gross_minor_units: i64,
}

impl KeptPart<'_> {
    /// Returns the money of what is kept.
    pub fn money(&self) -> LineMoney {
        self.line.money.part(self.gross_minor_units)
    }

    /// Returns the share of an amount of the whole line that what is kept has.
    pub fn share(&self, amount: i64) -> i64 {
        share(amount, self.gross_minor_units, self.line.money.gross_minor_units)
    }

    /// Returns how many pieces are kept whole.
    pub fn pieces(&self) -> i64 {
        self.share(i64::from(self.line.quantity))
    }
}

impl Kept {
    /// Keeps the whole order.
    pub fn everything(purchase: &Purchase) -> Kept {
        Kept(
            purchase
                .lines()
                .iter()
                .map(|line| Some(line.money.gross_minor_units))
                .collect(),
        )
    }

    /// Keeps the lines that are named with the price of what is kept of them, as [`Kept::lines`] tells it.
    ///
    /// Refuses a line that the order has not, and a price that its line has not.
    pub fn of_lines<'a>(purchase: &Purchase, lines: impl IntoIterator<Item = (&'a str, i64)>) -> Option<Kept> {
        let mut kept = vec![None; purchase.lines().len()];
        for (line_id, gross_minor_units) in lines {
            let at = position(purchase, line_id)?;
            let whole = purchase.lines()[at].money.gross_minor_units;
            if !(whole.min(1)..=whole).contains(&gross_minor_units) {
                return None;
            }
            kept[at] = Some(gross_minor_units);
        }
        Some(Kept(kept))
    }

    /// Returns what is kept after a return, or refuses to take back more than is left.
    pub fn without(&self, purchase: &Purchase, returned: &Return) -> Result<Kept, DecideError> {
        let mut kept = self.clone();
        if returned.lines.is_empty() {
            kept.take_everything()?;
        }
        for line in &returned.lines {
            kept.take(purchase, line)?;
        }
        Ok(kept)
    }

    /// Tells whether everything came back.
    pub fn is_nothing(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// Returns the kept lines with their money.
    pub fn lines(&self, purchase: &Purchase) -> Vec<KeptLine> {
        let lines = purchase.lines().iter().zip(&self.0);
        lines
            .filter_map(|(line, gross)| {
                let money = line.money.part((*gross)?);
                Some(KeptLine {
                    line_id: line.line_id.clone(),
                    money,
                })
            })
            .collect()
    }

    /// Returns the price before discounts of what is kept of a line, by its place; nothing for one that came back.
    pub(super) fn of_line(&self, at: usize) -> Option<i64> {
        self.0.get(at).copied().flatten()
    }

    fn take_everything(&mut self) -> Result<(), DecideError> {
        if self.is_nothing() {
            return Err(DecideError::MoreThanLeft {
                line_id: String::new(),
                left_minor_units: 0,
                asked_minor_units: 0,
            });
        }
        self.0.fill(None);
        Ok(())
    }

    fn take(&mut self, purchase: &Purchase, line: &ReturnedLine) -> Result<(), DecideError> {
        let line_id = || line.line_id.clone();
        let at = position(purchase, &line.line_id).ok_or_else(|| DecideError::LineNotFound { line_id: line_id() })?;
        let asked = line.gross_minor_units;
        let refused = |left_minor_units| DecideError::MoreThanLeft {
            line_id: line_id(),
            left_minor_units,
            asked_minor_units: asked.unwrap_or(0),
        };
        let left = self.0[at].ok_or_else(|| refused(0))?;
        let rest = left - asked.unwrap_or(left);
        if rest < 0 {
            return Err(refused(left));
        }
        self.0[at] = (rest > 0).then_some(rest);
        Ok(())
    }
}

fn position(purchase: &Purchase, line_id: &str) -> Option<usize> {
    purchase.lines().iter().position(|line| line.line_id == line_id)
}
