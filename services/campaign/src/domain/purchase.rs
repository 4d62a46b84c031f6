//! An order that was paid, and the money of its lines.

use std::{collections::BTreeSet, sync::Arc};

use super::allocate::allocate;
use super::contradiction::Contradiction;
use super::names::Names;

/// An order that was paid. It has at least one line, every line once, and no discount above its price. Cheap to clone: nothing of it ever changes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Purchase(Arc<Paid>);

#[derive(Debug, Eq, PartialEq)]
struct Paid {
    order_id: String,
    lines: Vec<PurchaseLine>,
    freight_minor_units: i64,
    payments: Vec<Payment>,
    paid_for_lines: Vec<Vec<i64>>,
}

/// What of an order was paid by a method.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Payment {
    /// The method.
    pub method: String,
    /// How much.
    pub minor_units: i64,
}

/// A line of an order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PurchaseLine {
    /// The number of the line.
    pub line_id: String,
    /// What was bought.
    pub sku: String,
    /// How many.
    pub quantity: i32,
    /// What it cost.
    pub money: LineMoney,
    /// What it is listed under.
    pub categories: Vec<String>,
    /// The brand; empty for none.
    pub brand: String,
}

/// The money of a line, or of a part of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LineMoney {
    /// The price before discounts and without tax.
    pub gross_minor_units: i64,
    /// What of it was discounted.
    pub discount_minor_units: i64,
    /// The tax.
    pub tax_minor_units: i64,
}

impl Purchase {
    /// The most that one amount of an order may be: what the contract allows, and small enough that the sums of an order always fit.
    pub const MAX_AMOUNT_MINOR_UNITS: i64 = 1_000_000_000_000;
    /// The most lines that an order may have.
    pub const MAX_LINES: usize = 500;
    /// The most methods that it may be paid by.
    pub const MAX_PAYMENTS: usize = 20;

    /// Accepts an order that does not contradict itself, or tells everything that is wrong with it.
    pub fn new(
        order_id: String,
        lines: Vec<PurchaseLine>,
        freight_minor_units: i64,
        payments: Vec<Payment>,
    ) -> Result<Purchase, Vec<Contradiction>> {
        let mut contradictions = contradictions(&lines, freight_minor_units);
        if contradictions.is_empty() {
            contradictions = payment_contradictions(&lines, freight_minor_units, &payments);
        }
        if !contradictions.is_empty() {
            return Err(contradictions);
        }
        // Each payment is shared out over what those before it left, so that all of them together are the prices and no line is paid twice.
        let mut unpaid: Vec<i64> = lines.iter().map(|line| line.money.price_minor_units()).collect();
        let mut paid_for_lines = Vec::with_capacity(payments.len());
        for payment in &payments {
            let shares = allocate(payment.minor_units.min(unpaid.iter().sum()), &unpaid);
            for (unpaid, share) in unpaid.iter_mut().zip(&shares) {
                *unpaid -= share;
            }
            paid_for_lines.push(shares);
        }
        Ok(Purchase(Arc::new(Paid {
            order_id,
            lines,
            freight_minor_units,
            payments,
            paid_for_lines,
        })))
    }

    /// Returns what was paid by which method.
    pub fn payments(&self) -> &[Payment] {
        &self.0.payments
    }

    /// Returns what of the price of a line, by its place, was paid by some methods: never more than the price.
    pub(super) fn paid_for_line(&self, at: usize, methods: &Names) -> i64 {
        if methods.is_empty() {
            return 0;
        }
        let paid = self.0.payments.iter().zip(&self.0.paid_for_lines);
        let by_them: i64 = paid
            .filter(|(payment, _)| methods.contains(&payment.method))
            .map(|(_, of_lines)| of_lines[at])
            .sum();
        by_them.min(self.0.lines[at].money.price_minor_units())
    }

    /// Returns the order number.
    pub fn order_id(&self) -> &str {
        &self.0.order_id
    }

    /// Returns the lines.
    pub fn lines(&self) -> &[PurchaseLine] {
        &self.0.lines
    }

    /// Returns what was paid for delivery.
    pub fn freight_minor_units(&self) -> i64 {
        self.0.freight_minor_units
    }
}

impl LineMoney {
    /// Returns the price after discounts.
    pub fn price_minor_units(&self) -> i64 {
        self.gross_minor_units - self.discount_minor_units
    }

    /// Returns the money of the part whose price before discounts is given: discount and tax in proportion, a part of a minor unit left out.
    ///
    /// It depends on nothing but that price, which is why the order of returns cannot matter. All of a line is all of its money.
    pub fn part(&self, gross_minor_units: i64) -> LineMoney {
        LineMoney {
            gross_minor_units,
            discount_minor_units: share(self.discount_minor_units, gross_minor_units, self.gross_minor_units),
            tax_minor_units: share(self.tax_minor_units, gross_minor_units, self.gross_minor_units),
        }
    }
}

/// Returns the share of an amount that a part of a whole has. A whole of nothing has no parts: it is kept, with all that belongs to it.
pub(super) fn share(amount: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return amount;
    }
    let share = i128::from(amount) * i128::from(part) / i128::from(whole);
    i64::try_from(share).expect("a share is at most the amount")
}

fn contradictions(lines: &[PurchaseLine], freight_minor_units: i64) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    if lines.is_empty() || lines.len() > Purchase::MAX_LINES {
        found.push(Contradiction::new(
            "lines",
            format!("must be between 1 and {} lines", Purchase::MAX_LINES),
        ));
    }
    for (at, line) in lines.iter().enumerate() {
        if !known.insert(&line.line_id) {
            found.push(Contradiction::new(
                format!("lines[{at}].line_id"),
                "names a line that came before",
            ));
        }
        let LineMoney {
            gross_minor_units,
            discount_minor_units,
            tax_minor_units,
        } = line.money;
        let amounts = [
            ("gross", gross_minor_units),
            ("discount", discount_minor_units),
            ("tax", tax_minor_units),
        ];
        for (name, _) in amounts.into_iter().filter(|(_, amount)| !is_amount(*amount)) {
            found.push(Contradiction::new(
                format!("lines[{at}].{name}_minor_units"),
                "is not an amount that an order can have",
            ));
        }
        if discount_minor_units > gross_minor_units {
            found.push(Contradiction::new(
                format!("lines[{at}].discount_minor_units"),
                "is above the price of the line",
            ));
        }
    }
    if !is_amount(freight_minor_units) {
        found.push(Contradiction::new(
            "freight_minor_units",
            "is not an amount that an order can have",
        ));
    }
    found
}

fn payment_contradictions(
    lines: &[PurchaseLine],
    freight_minor_units: i64,
    payments: &[Payment],
) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    if payments.len() > Purchase::MAX_PAYMENTS {
        found.push(Contradiction::new(
            "payments",
            format!("must be at most {}", Purchase::MAX_PAYMENTS),
        ));
    }
    for (at, payment) in payments.iter().enumerate() {
        if !known.insert(&payment.method) {
            found.push(Contradiction::new(
                format!("payments[{at}].method"),
                "names a method that came before",
            ));
        }
        if !is_amount(payment.minor_units) {
            found.push(Contradiction::new(
                format!("payments[{at}].minor_units"),
                "is not an amount that an order can have",
            ));
        }
    }
    let due = |line: &PurchaseLine| line.money.price_minor_units() + line.money.tax_minor_units;
    let due = lines.iter().map(due).sum::<i64>() + freight_minor_units;
    if found.is_empty() && payments.iter().map(|payment| payment.minor_units).sum::<i64>() > due {
        found.push(Contradiction::new("payments", "are more than the order comes to"));
    }
    found
}

fn is_amount(minor_units: i64) -> bool {
    (0..=Purchase::MAX_AMOUNT_MINOR_UNITS).contains(&minor_units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line_id: &str, gross_minor_units: i64, discount_minor_units: i64) -> PurchaseLine {
        let money = LineMoney {
            gross_minor_units,
            discount_minor_units,
            tax_minor_units: 0,
        };
        PurchaseLine {
            line_id: line_id.into(),
            sku: String::new(),
            quantity: 1,
            money,
            categories: Vec::new(),
            brand: String::new(),
        }
    }

    #[test]
    fn an_order_that_contradicts_itself_is_told_everything_at_once() {
        let refused = Purchase::new("17".into(), vec![line("1", 100, 101), line("1", -1, -1)], -5, vec![]).unwrap_err();
        let fields: Vec<_> = refused
            .iter()
            .map(|contradiction| contradiction.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "lines[0].discount_minor_units",
                "lines[1].line_id",
                "lines[1].gross_minor_units",
                "lines[1].discount_minor_units",
                "freight_minor_units"
            ]
        );
    }

    #[test]
    fn an_order_without_lines_is_none() {
        assert_eq!(
            Purchase::new("17".into(), Vec::new(), 0, vec![]).unwrap_err()[0].field,
            "lines"
        );
    }

    #[test]
    fn a_part_takes_its_share_and_the_whole_takes_everything() {
        let money = LineMoney {
            gross_minor_units: 100,
            discount_minor_units: 33,
            tax_minor_units: 7,
        };
        assert_eq!(money.part(100), money);
        assert_eq!(
            money.part(50),
            LineMoney {
                gross_minor_units: 50,
                discount_minor_units: 16,
                tax_minor_units: 3
            }
        );
        assert_eq!(money.part(0), LineMoney::default());
    }

    #[test]
    fn payments_are_shared_out_over_the_lines_and_never_exceed_the_order() {
        let payment = |method: &str, minor_units| Payment {
            method: method.into(),
            minor_units,
        };
        let bought = |payments| Purchase::new("17".into(), vec![line("1", 100, 0), line("2", 250, 50)], 10, payments);
        let mixed = bought(vec![payment("points", 100), payment("card", 210)]).unwrap();
        let points = Names::new(["points"]);
        assert_eq!(
            [mixed.paid_for_line(0, &points), mixed.paid_for_line(1, &points)],
            [33, 67]
        );
        assert_eq!(mixed.paid_for_line(1, &Names::new(["points", "card"])), 200);
        let both = Purchase::new(
            "17".into(),
            vec![line("1", 1, 0), line("2", 1, 0)],
            0,
            vec![payment("points", 1), payment("gift", 1)],
        )
        .unwrap();
        let all = Names::new(["points", "gift"]);
        assert_eq!([both.paid_for_line(0, &all), both.paid_for_line(1, &all)], [1, 1]);
        let refused = |payments| bought(payments).unwrap_err()[0].field.clone();
        assert_eq!(refused(vec![payment("card", 311)]), "payments");
        assert_eq!(
            refused(vec![payment("card", 1), payment("card", 1)]),
            "payments[1].method"
        );
        assert_eq!(refused(vec![payment("card", -1)]), "payments[0].minor_units");
    }
}
