//! What members do, as it travels and as receipts keep it.

use common::time;
use proto::campaign as pb;

use crate::domain::{
    Activity, Contradiction, Custom, LineMoney, Occasion, Payment, Purchase, PurchaseLine, Return, ReturnedLine,
};

/// Reads an activity, or tells what is contradictory in its order.
pub fn activity_from_wire(wire: &pb::activity_input::Activity) -> Result<Activity, Vec<Contradiction>> {
    match wire {
        pb::activity_input::Activity::Purchase(purchase) => purchase_from_wire(purchase).map(Activity::Purchase),
        pb::activity_input::Activity::Return(returned) => Ok(Activity::Return(return_from_wire(returned))),
        pb::activity_input::Activity::Custom(custom) => Ok(Activity::Custom(Custom {
            kind: custom.kind.clone(),
            reference: custom.reference.clone(),
            attributes: custom.attributes.clone(),
        })),
    }
}

fn purchase_from_wire(wire: &pb::Purchase) -> Result<Purchase, Vec<Contradiction>> {
    let line = |line: &pb::PurchaseLine| PurchaseLine {
        line_id: line.line_id.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
        money: LineMoney {
            gross_minor_units: line.gross_minor_units,
            discount_minor_units: line.discount_minor_units,
            tax_minor_units: line.tax_minor_units,
        },
        categories: line.categories.clone(),
        brand: line.brand.clone(),
    };
    let payment = |payment: &pb::Payment| Payment {
        method: payment.method.clone(),
        minor_units: payment.minor_units,
    };
    Purchase::new(
        wire.order_id.clone(),
        wire.lines.iter().map(line).collect(),
        wire.freight_minor_units,
        wire.payments.iter().map(payment).collect(),
    )
}

fn return_from_wire(wire: &pb::Return) -> Return {
    let line = |line: &pb::ReturnedLine| ReturnedLine {
        line_id: line.line_id.clone(),
        gross_minor_units: (line.gross_minor_units > 0).then_some(line.gross_minor_units),
    };
    Return {
        order_id: wire.order_id.clone(),
        lines: wire.lines.iter().map(line).collect(),
    }
}

/// Reads back what an activity was, and when and where, from its record.
pub fn recorded_activity(activity: &pb::Activity) -> Option<(Occasion, Activity)> {
    let input = activity.input.as_ref()?;
    let occasion = Occasion {
        occurred_at: time::from_wire(input.occurred_at?)?,
        channel: input.channel.clone(),
        store: input.store.clone(),
    };
    Some((occasion, activity_from_wire(input.activity.as_ref()?).ok()?))
}
