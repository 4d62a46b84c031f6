//! What members do.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::purchase::Purchase;

/// The kind of activity that a purchase is.
pub const PURCHASE: &str = "purchase";

/// The kinds of activity that are about an order.
pub const OF_ORDERS: [&str; 2] = [PURCHASE, "return"];

/// What a member did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Activity {
    /// Bought something.
    Purchase(Purchase),
    /// Brought something back.
    Return(Return),
    /// Did anything else.
    Custom(Custom),
}

/// When and by which channel something was done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Occasion {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// By which channel; empty where it was not said.
    pub channel: String,
    /// In which store; empty for none.
    pub store: String,
}

/// Goods that came back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Return {
    /// The order they were bought with.
    pub order_id: String,
    /// What came back; empty for everything that is left.
    pub lines: Vec<ReturnedLine>,
}

/// What came back of a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReturnedLine {
    /// The number of the line.
    pub line_id: String,
    /// How much of its price before discounts; without it, all that is left.
    pub gross_minor_units: Option<i64>,
}

/// Anything else that a member does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Custom {
    /// The kind, for example "check-in".
    pub kind: String,
    /// What it is about.
    pub reference: String,
    /// What rules may ask for.
    pub attributes: BTreeMap<String, String>,
}

impl Activity {
    /// Returns the kind, as feeds name it.
    pub fn kind(&self) -> &str {
        match self {
            Activity::Purchase(_) => PURCHASE,
            Activity::Return(_) => "return",
            Activity::Custom(custom) => &custom.kind,
        }
    }

    /// Returns the order that it is about, if it is about one.
    pub fn order_id(&self) -> Option<&str> {
        match self {
            Activity::Purchase(purchase) => Some(purchase.order_id()),
            Activity::Return(returned) => Some(&returned.order_id),
            Activity::Custom(_) => None,
        }
    }
}
