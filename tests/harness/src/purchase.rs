//! What members buy in tests.

use proto::campaign::{Purchase, PurchaseLine};

/// A purchase of one thing, in dollars.
pub fn purchase(order_id: &str, cents: i64) -> Purchase {
    let line = PurchaseLine {
        line_id: "1".to_owned(),
        quantity: 1,
        gross_minor_units: cents,
        ..PurchaseLine::default()
    };
    Purchase {
        order_id: order_id.to_owned(),
        currency_code: "USD".to_owned(),
        lines: vec![line],
        ..Purchase::default()
    }
}
