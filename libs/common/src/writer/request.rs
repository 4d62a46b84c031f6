//! What is asked of a writer: a call, or an event of another service's feed.

use tokio::sync::oneshot;

use super::{Answer, Event, Key, Steps, WriteError};
use crate::shard::Shard;

pub(crate) struct Item<S: Steps> {
    pub(crate) request: Request<S::Command>,
    pub(crate) reply: oneshot::Sender<Result<Answer, WriteError<S::Refusal>>>,
}

pub(crate) enum Request<C> {
    Call {
        key: Key,
        command: C,
    },
    Event {
        source: &'static str,
        event: Box<Event>,
        /// The place before it on its shard: what lies between is not wanted.
        after: i64,
    },
}

impl<C> Request<C> {
    pub(crate) fn shard(&self) -> Shard {
        match self {
            Request::Call { key, .. } => key.shard(),
            Request::Event { event, .. } => {
                Shard::new(event.shard as i16).expect("followers check the shard of events")
            }
        }
    }
}
