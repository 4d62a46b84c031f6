//! How much a process takes on at once. What is more is refused at the door, while it is still cheap to refuse.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tonic::{Code, Status};

use crate::refusal::Refusal;

/// Counts what is under way against a limit, for the whole process.
#[derive(Clone, Debug)]
pub(super) struct Admission(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    under_way: AtomicUsize,
    limit: usize,
}

/// A place among what is under way, given back when dropped.
#[derive(Debug)]
pub(super) struct Admitted(Arc<Counter>);

impl Admission {
    pub(super) fn new(limit: usize) -> Self {
        Self(Arc::new(Counter {
            under_way: AtomicUsize::new(0),
            limit,
        }))
    }

    /// Takes a place, or refuses when there is none. Nobody waits: a queue would only make the answers late.
    pub(super) fn enter(&self) -> Result<Admitted, Status> {
        if self.0.under_way.fetch_add(1, Ordering::Relaxed) >= self.0.limit {
            self.0.under_way.fetch_sub(1, Ordering::Relaxed);
            return Err(overloaded());
        }
        Ok(Admitted(Arc::clone(&self.0)))
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

fn overloaded() -> Status {
    Refusal::new(
        Code::ResourceExhausted,
        "OVERLOADED",
        "more work than the service can take; try again shortly",
    )
    .retry_after(Duration::from_millis(200))
    .into()
}
