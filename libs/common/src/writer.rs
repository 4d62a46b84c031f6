//! The shard writer: the one way in which a service changes anything.
//!
//! It gathers what arrives while the transaction before commits (there is no timer: a lone call goes at once) and writes it as one. A service gives
//! it [`Steps`]: load what the calls concern, set-wise; decide one after another, purely, with a result for each; persist, set-wise. What
//! callers ask for and what other services' feeds report go through the same door, so that a shard has one order of everything.
//!
//! What every change needs is done here, once: the shard heads are locked first and in one order, repeated request ids get their first answer,
//! events of feeds are taken in once, the journal and the cursors are written in the transaction of their effect, and a commit
//! whose outcome is unknown is asked again with the same keys: what had been committed is found, what had not is decided anew.

mod batch;
mod call;
mod sql;
mod stamp;

use std::{future::Future, sync::Arc, time::Duration};

use sqlx::{Connection as _, PgConnection};
use tokio::sync::{mpsc, oneshot};

use crate::{db::Db, feed::Hub, program_cache::ProgramCache, refusal::Fault, shard::Shard};

pub use batch::Work;
pub use call::{Answer, Key, WriteError};
pub(crate) use sql::WriterSql;
pub use stamp::Stamp;

/// An event of another service's feed.
pub use proto::event::Event;

/// How many calls and events one transaction takes at most.
const BATCH: usize = 512;
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
    /// The ways it says no.
    type Refusal: Send + 'static;

    /// The schema of the service's tables.
    const SCHEMA: &'static str;
    /// Whether programs are made here; elsewhere a call for a program that is not known is refused.
    const OWNS_PROGRAMS: bool = false;

    /// Loads the state of what the work concerns, with few statements however much work it is.
    fn load(
        &self,
        tx: &mut PgConnection,
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

    /// Persists what changed, with few statements however much changed.
    fn persist(
        &self,
        tx: &mut PgConnection,
        state: &mut Self::State,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

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

pub(crate) struct Item<S: Steps> {
    pub(crate) request: Request<S::Command>,
    pub(crate) reply: oneshot::Sender<Result<Answer, WriteError<S::Refusal>>>,
}

pub(crate) enum Request<C> {
    Call { key: Key, command: C },
    Event { source: &'static str, event: Box<Event> },
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

impl<S: Steps> Writer<S> {
    /// Starts the writers. They stop when the last clone of the returned handle is dropped.
    pub fn start(db: &Db, hub: &Arc<Hub>, programs: &ProgramCache, steps: Arc<S>, writers: u16) -> Writer<S> {
        let sql = Arc::new(WriterSql::new(S::SCHEMA));
        let queues = (0..writers.max(1))
            .map(|_| {
                let (queue, waiting) = mpsc::channel(QUEUE);
                let (hub, programs) = (hub.clone(), programs.clone());
                let lane = Lane {
                    db: db.clone(),
                    hub,
                    programs,
                    steps: steps.clone(),
                    sql: sql.clone(),
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

    /// Hands over an event of a feed; the receiver resolves when it is taken in. Waits while the queue is full.
    pub async fn event(
        &self,
        source: &'static str,
        event: Event,
    ) -> oneshot::Receiver<Result<Answer, WriteError<S::Refusal>>> {
        let (reply, answer) = oneshot::channel();
        let item = Item {
            request: Request::Event {
                source,
                event: Box::new(event),
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
}

impl<S: Steps> Lane<S> {
    async fn write(self, mut waiting: mpsc::Receiver<Item<S>>) {
        let lane = Arc::new(self);
        let mut connection = None;
        while let Some(first) = waiting.recv().await {
            let mut items = vec![first];
            while items.len() < BATCH
                && let Ok(next) = waiting.try_recv()
            {
                items.push(next);
            }
            connection = lane.clone().write_batch(connection, items).await;
        }
    }

    /// Writes a batch and answers each of its items. A batch that fails is tried again as a whole while the failure may pass; one that fails for
    /// a reason of its own is split, so that a single poisonous item fails alone.
    async fn write_batch(
        self: Arc<Self>,
        mut connection: Option<PgConnection>,
        items: Vec<Item<S>>,
    ) -> Option<PgConnection> {
        // A caller that is gone before its call is decided does not want it any more.
        let mut items: Vec<Item<S>> = items.into_iter().filter(|item| !item.reply.is_closed()).collect();
        for attempt in 0..TRIES {
            if items.is_empty() {
                return connection;
            }
            let (kept, failed) = self.clone().attempt(connection.take(), items).await;
            connection = kept;
            match failed {
                None => return connection,
                Some(Failed {
                    items: rest,
                    transient: true,
                }) => items = rest,
                Some(Failed {
                    items: mut rest,
                    transient: false,
                }) if rest.len() > 1 => {
                    let later = rest.split_off(rest.len() / 2);
                    for half in [rest, later] {
                        connection = Box::pin(self.clone().write_batch(connection, half)).await;
                    }
                    return connection;
                }
                Some(Failed {
                    items: rest,
                    transient: false,
                }) => {
                    items = rest;
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(10 << (2 * attempt))).await;
        }
        for item in items {
            let _ = item.reply.send(Err(WriteError::Unavailable));
        }
        connection
    }

    /// Tries a batch once, in a task of its own. The answers go out when the mirrors know too; the next batch does not wait for that.
    async fn attempt(
        self: Arc<Self>,
        connection: Option<PgConnection>,
        items: Vec<Item<S>>,
    ) -> (Option<PgConnection>, Option<Failed<S>>) {
        let items = Arc::new(items);
        let (lane, shared) = (self.clone(), items.clone());
        let task = tokio::spawn(async move {
            let mut connection = match connection {
                Some(connection) => connection,
                None => PgConnection::connect_with(lane.db.options()).await?,
            };
            let done = batch::write(&lane, &mut connection, &shared).await;
            done.map(|done| (connection, done))
        });
        let outcome = task.await;
        let items = Arc::into_inner(items).expect("the task has ended and with it its share of the items");
        match outcome {
            Ok(Ok((connection, done))) => {
                tokio::spawn(async move {
                    self.steps.committed(done.state).await;
                    for (item, answer) in items.into_iter().zip(done.answers) {
                        let _ = item.reply.send(answer);
                    }
                });
                (Some(connection), None)
            }
            Ok(Err(error)) => {
                tracing::warn!(schema = S::SCHEMA, items = items.len(), %error, "a batch failed");
                (
                    None,
                    Some(Failed {
                        items,
                        transient: Fault::is_passing(&error),
                    }),
                )
            }
            Err(panic) => {
                tracing::error!(schema = S::SCHEMA, items = items.len(), %panic, "a batch panicked");
                (
                    None,
                    Some(Failed {
                        items,
                        transient: false,
                    }),
                )
            }
        }
    }
}

/// What is left of a batch that failed.
struct Failed<S: Steps> {
    items: Vec<Item<S>>,
    /// Whether trying again can help.
    transient: bool,
}
