//! The shard writer: the one way in which a service changes anything.
//!
//! It gathers what arrives while the batch before commits (there is no timer: a lone call goes at once) and writes it as one. A service gives
//! it [`Steps`]: load what the calls concern, set-wise; decide one after another, purely, with a result for each; persist, set-wise. What
//! callers ask for and what other services' feeds report go through the same door, so that a shard has one order of everything.
//!
//! What every change needs is done here, once: a batch is decided on what is remembered, one statement writes it all if that still holds, another
//! looks first where it does not or is not known; repeated request ids get their first answer, events of feeds are taken in once, and a commit whose outcome is
//! unknown is asked again with the same keys: what had been committed is found, what had not is decided anew.

mod batch;
mod call;
mod memory;
mod programs;
mod repeats;
mod request;
mod sql;
mod stamp;
mod writes;

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use sqlx::{Connection as _, PgConnection, error::BoxDynError};
use tokio::sync::{mpsc, oneshot};

use crate::{
    config::DatabaseSettings, db::Db, feed::Hub, journal::JournalRow, program_cache::ProgramCache, refusal::Fault,
    shard::Shard,
};

use batch::Way;
pub use batch::Work;
pub use call::{Answer, Key, Queued, WriteError};
pub use memory::{Concerned, Memory};
pub(crate) use request::{Item, Request};
pub(crate) use sql::WriterSql;
pub use stamp::Stamp;
pub use writes::{Part, Writes};

/// An event of another service's feed.
pub use proto::event::Event;

/// How many may wait for each writer before new calls are refused.
const QUEUE: usize = 8_192;
/// How often a batch is tried before its callers are told to ask again.
const TRIES: u32 = 4;

/// What a service does with what it is asked, in three steps.
pub trait Steps: Send + Sync + 'static {
    /// What callers ask for.
    type Command: Send + Sync + 'static;
    /// The state of what a batch concerns: loaded, changed by the decisions, persisted.
    type State: Send + 'static;
    /// What it remembers of a member from one batch to the next, so that it need not be loaded again; nothing, where it is `()`.
    type Remembered: Send + 'static;
    /// The ways it says no.
    type Refusal: Send + 'static;

    /// The schema of the service's tables.
    const SCHEMA: &'static str;
    /// Whether programs are made here; elsewhere a call for a program that is not known is refused.
    const OWNS_PROGRAMS: bool = false;

    /// Tells whether to load what a command concerns means to lock or to claim what is no member's: that takes a transaction from the beginning.
    fn claims(&self, _command: &Self::Command) -> bool {
        false
    }

    /// Loads the state of what the work concerns, with few statements however much work it is. What is remembered may be taken out of the memory.
    fn load(
        &self,
        connection: &mut PgConnection,
        memory: &mut Memory<Self::Remembered>,
        work: &Work<'_, Self::Command>,
    ) -> impl Future<Output = Result<Self::State, sqlx::Error>> + Send;

    /// Decides a command and returns its encoded answer. A refusal leaves the state as it was.
    fn decide(
        &self,
        state: &mut Self::State,
        command: &Self::Command,
        stamp: &mut Stamp<'_>,
    ) -> Result<Vec<u8>, Self::Refusal>;

    /// Takes in an event of a feed that the service follows.
    fn take_in(&self, state: &mut Self::State, event: &Event, stamp: &mut Stamp<'_>);

    /// Says what to write of what changed, set-wise.
    fn persist(&self, state: &mut Self::State, writes: &mut Writes);

    /// Remembers members whose whole record is in the state, as it is committed now. What follows the commit needs them no more.
    fn remember(&self, _state: &mut Self::State, _memory: &mut Memory<Self::Remembered>) {}

    /// Says how an answer is kept on the row that remembers its request: as it is or, where most of it is in the row already, as the rest.
    fn fold_answer(_row: &JournalRow, _method: i16, answer: &Bytes) -> Bytes {
        answer.clone()
    }

    /// Makes of what was kept the answer again, byte for byte.
    fn unfold_answer(_row: &JournalRow, kept: &Bytes) -> Result<Bytes, BoxDynError> {
        Ok(kept.clone())
    }

    /// Follows up on what is committed now: mirrors, caches. Must not fail.
    fn committed(&self, state: Self::State) -> impl Future<Output = ()> + Send;
}

/// The writers of a service. Cheap to clone.
pub struct Writer<S: Steps> {
    queues: Arc<[mpsc::Sender<Item<S>>]>,
}

impl<S: Steps> Clone for Writer<S> {
    fn clone(&self) -> Self {
        Writer {
            queues: self.queues.clone(),
        }
    }
}

impl<S: Steps> Writer<S> {
    /// Starts the writers. They stop when the last clone of the returned handle is dropped.
    pub fn start(
        db: &Db,
        hub: &Arc<Hub>,
        programs: &ProgramCache,
        steps: Arc<S>,
        settings: &DatabaseSettings,
    ) -> Writer<S> {
        let sql = Arc::new(WriterSql::new(S::SCHEMA));
        let queues = (0..settings.writers.max(1))
            .map(|_| {
                let (queue, waiting) = mpsc::channel(QUEUE);
                let (hub, programs) = (hub.clone(), programs.clone());
                let lane = Lane {
                    db: db.clone(),
                    hub,
                    programs,
                    steps: steps.clone(),
                    sql: sql.clone(),
                    batch_size: usize::from(settings.batch_size).max(1),
                    one_shard_at_a_time: settings.single_shard_transactions,
                };
                tokio::spawn(lane.write(waiting));
                queue
            })
            .collect();
        Writer { queues }
    }

    /// Asks for a change and waits until it is durable, refused, or found to have been answered before.
    pub async fn call(&self, key: Key, command: S::Command) -> Result<Answer, WriteError<S::Refusal>> {
        let (reply, answer) = oneshot::channel();
        let item = Item {
            request: Request::Call { key, command },
            reply,
        };
        self.queue(item.request.shard())
            .try_send(item)
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => WriteError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => WriteError::Unavailable,
            })?;
        answer.await.unwrap_or(Err(WriteError::Unavailable))
    }

    /// Asks for a change like [`Writer::call`], but waits for room in the queue instead of being refused, and for nothing else: for callers that bound by
    /// themselves how much they ask for at once. What is queued one after another is decided in that order.
    pub async fn enqueue(&self, key: Key, command: S::Command) -> Queued<S::Refusal> {
        let (reply, answer) = oneshot::channel();
        let item = Item {
            request: Request::Call { key, command },
            reply,
        };
        // A closed queue drops the item and with it the reply, which is how the one who waits learns.
        let _ = self.queue(item.request.shard()).send(item).await;
        Queued(answer)
    }

    /// Hands over an event of a feed that is taken in whole; the receiver resolves when it is taken in. Waits while the queue is full.
    pub async fn event(
        &self,
        source: &'static str,
        event: Event,
    ) -> oneshot::Receiver<Result<Answer, WriteError<S::Refusal>>> {
        let after = event.seq - 1;
        self.event_after(source, after, event).await
    }

    /// Hands over an event like [`Writer::event`], of a feed of which not all is wanted: nothing that is lies between it and a place before it. One without
    /// a payload says that nothing does up to there.
    pub async fn event_after(
        &self,
        source: &'static str,
        after: i64,
        event: Event,
    ) -> oneshot::Receiver<Result<Answer, WriteError<S::Refusal>>> {
        let (reply, answer) = oneshot::channel();
        let item = Item {
            request: Request::Event {
                source,
                event: Box::new(event),
                after,
            },
            reply,
        };
        // A closed queue drops the item and with it the reply, which is how the receiver learns.
        let _ = self.queue(item.request.shard()).send(item).await;
        answer
    }

    fn queue(&self, shard: Shard) -> &mpsc::Sender<Item<S>> {
        &self.queues[shard.index() % self.queues.len()]
    }
}

/// One writer: a queue and a connection of its own.
pub(crate) struct Lane<S: Steps> {
    pub(crate) db: Db,
    pub(crate) hub: Arc<Hub>,
    pub(crate) programs: ProgramCache,
    pub(crate) steps: Arc<S>,
    pub(crate) sql: Arc<WriterSql>,
    batch_size: usize,
    one_shard_at_a_time: bool,
}

impl<S: Steps> Lane<S> {
    async fn write(self, mut waiting: mpsc::Receiver<Item<S>>) {
        let lane = Arc::new(self);
        let mut session = None;
        while let Some(first) = waiting.recv().await {
            let mut items = vec![first];
            let mut waited = 0;
            // Whoever is about to ask is let go first, as long as that brings more: on a busy machine batches grow, on an idle one nothing waits.
            loop {
                tokio::task::yield_now().await;
                if waiting.len() == waited || waiting.len() + 1 >= lane.batch_size {
                    break;
                }
                waited = waiting.len();
            }
            while items.len() < lane.batch_size
                && let Ok(next) = waiting.try_recv()
            {
                items.push(next);
            }
            for items in lane.transactions(items) {
                session = lane.clone().write_batch(session, items).await;
            }
        }
    }

    /// Splits what was gathered into what each transaction takes.
    fn transactions(&self, items: Vec<Item<S>>) -> Vec<Vec<Item<S>>> {
        if !self.one_shard_at_a_time {
            return vec![items];
        }
        let mut of_shards: BTreeMap<Shard, Vec<Item<S>>> = BTreeMap::new();
        for item in items {
            of_shards.entry(item.request.shard()).or_default().push(item);
        }
        of_shards.into_values().collect()
    }

    /// Writes a batch and answers each of its items. A batch that fails is tried again as a whole while the failure may pass; one that fails for
    /// a reason of its own is split, so that a single poisonous item fails alone.
    async fn write_batch(self: Arc<Self>, mut session: Option<Session<S>>, items: Vec<Item<S>>) -> Option<Session<S>> {
        // A caller that is gone before its call is decided does not want it any more.
        let mut items: Vec<Item<S>> = items.into_iter().filter(|item| !item.reply.is_closed()).collect();
        let mut way = Way::Recalled;
        for attempt in 0..TRIES {
            if items.is_empty() {
                return session;
            }
            let (kept, failed) = self.clone().attempt(session.take(), items, way).await;
            session = kept;
            let Some(failed) = failed else { return session };
            items = failed.items;
            match failed.why {
                Why::Disturbed => {
                    way = session.as_ref().map_or(way, |session| session.way).surer();
                    continue;
                }
                // What was loaded may have been half of what somebody else just wrote.
                Why::Own if way != Way::Locked => {
                    way = Way::Locked;
                    continue;
                }
                Why::Passing => {}
                Why::Own if items.len() > 1 => {
                    let later = items.split_off(items.len() / 2);
                    for half in [items, later] {
                        session = Box::pin(self.clone().write_batch(session, half)).await;
                    }
                    return session;
                }
                Why::Own => break,
            }
            tokio::time::sleep(Duration::from_millis(10 << (2 * attempt))).await;
        }
        for item in items {
            let _ = item.reply.send(Err(WriteError::Unavailable));
        }
        session
    }

    /// Tries a batch once, in a task of its own. The answers go out when the mirrors know too; the next batch does not wait for that.
    async fn attempt(
        self: Arc<Self>,
        session: Option<Session<S>>,
        items: Vec<Item<S>>,
        way: Way,
    ) -> (Option<Session<S>>, Option<Failed<S>>) {
        let items = Arc::new(items);
        let (lane, shared) = (self.clone(), items.clone());
        let task = tokio::spawn(async move {
            let mut session = match session {
                Some(session) => session,
                None => Session {
                    connection: PgConnection::connect_with(&lane.db.options()).await?,
                    memory: Memory::default(),
                    way: Way::Recalled,
                },
            };
            match batch::write(&lane, &mut session, &shared, way).await {
                Err(error) if !sql::is_disturbed(&error) => Err(error),
                done => Ok((session, done.ok())),
            }
        });
        let outcome = task.await;
        let items = Arc::into_inner(items).expect("the task has ended and with it its share of the items");
        match outcome {
            Ok(Ok((session, Some(done)))) => {
                tokio::spawn(async move {
                    self.steps.committed(done.state).await;
                    for (item, answer) in items.into_iter().zip(done.answers) {
                        let _ = item.reply.send(answer);
                    }
                });
                (Some(session), None)
            }
            Ok(Ok((session, None))) => {
                tracing::debug!(schema = S::SCHEMA, items = items.len(), "a batch is decided again");
                (
                    Some(session),
                    Some(Failed {
                        items,
                        why: Why::Disturbed,
                    }),
                )
            }
            Ok(Err(error)) => {
                tracing::warn!(schema = S::SCHEMA, items = items.len(), %error, "a batch failed");
                let why = if Fault::is_passing(&error) {
                    Why::Passing
                } else {
                    Why::Own
                };
                (None, Some(Failed { items, why }))
            }
            Err(panic) => {
                tracing::error!(schema = S::SCHEMA, items = items.len(), %panic, "a batch panicked");
                (None, Some(Failed { items, why: Why::Own }))
            }
        }
    }
}

/// A writer's connection, and what it remembers. Both are given up when a batch fails.
pub(crate) struct Session<S: Steps> {
    pub(crate) connection: PgConnection,
    pub(crate) memory: Memory<S::Remembered>,
    /// On what its latest batch was decided.
    pub(crate) way: Way,
}

/// What is left of a batch that failed.
struct Failed<S: Steps> {
    items: Vec<Item<S>>,
    why: Why,
}

/// Why a batch failed.
enum Why {
    /// What it was decided on did not hold, or somebody else wrote to its shards: it is decided again at once, on what is surer.
    Disturbed,
    /// For a reason that may pass.
    Passing,
    /// For a reason of its own.
    Own,
}
