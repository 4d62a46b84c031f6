//! Delivers the messages that campaigns give, and counts what became of them.
//!
//! Every replica does it: each message is held by one of them at a time, and what a replica left behind when it died is taken by another.

use std::time::Duration;

use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram},
};

use crate::{
    context::Context,
    domain::MessageState,
    messenger::Messenger,
    ops::{Delivered, deliver_messages},
};

/// How often to look.
const EVERY: Duration = Duration::from_millis(500);

/// Delivers messages for ever.
pub async fn run(cx: Context, messenger: Messenger) {
    let meter = Meter::new();
    loop {
        match deliver_messages(&cx, &messenger).await {
            Ok(delivered) if !delivered.is_empty() => {
                delivered.iter().for_each(|delivered| meter.count(delivered));
                continue;
            }
            Ok(_) => {}
            Err(failure) => tracing::debug!(?failure, "messages cannot be delivered now"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

struct Meter {
    settled: Counter<u64>,
    delay: Histogram<u64>,
}

impl Meter {
    fn new() -> Meter {
        let meter = global::meter("loyalty");
        Meter {
            settled: meter
                .u64_counter("campaign.messages.settled")
                .with_description("Messages of which it is clear what became of them, by their state: SENT, DEAD, CAPPED, UNREACHABLE, EXPIRED")
                .build(),
            delay: meter
                .u64_histogram("campaign.messages.delay")
                .with_unit("ms")
                .with_description("The time from the record of an activity to the delivery of its message, by whether that has a deadline")
                .build(),
        }
    }

    fn count(&self, delivered: &Delivered) {
        let state = match delivered.state {
            MessageState::Sent => "SENT",
            MessageState::Dead => "DEAD",
            MessageState::Capped => "CAPPED",
            MessageState::Unreachable => "UNREACHABLE",
            MessageState::Expired => "EXPIRED",
            MessageState::Pending | MessageState::Cancelled => return,
        };
        let deadline = KeyValue::new("deadline", delivered.has_deadline);
        self.settled.add(1, &[KeyValue::new("state", state), deadline.clone()]);
        if delivered.state == MessageState::Sent {
            self.delay.record(delivered.after_millis.unsigned_abs(), &[deadline]);
        }
    }
}
