//! Serves feeds: one implementation, whatever the service.

use std::{collections::HashMap, pin::Pin, sync::Arc};

use prost::{Message, Name};
use proto::{
    Validate,
    event::{
        Cursor, FollowRequest, FollowResponse, SubscribeRequest, SubscribeResponse, WatchProgressRequest,
        WatchProgressResponse, feed_service_server::FeedService,
    },
};
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Code, Request, Response, Status};

use super::{Hub, Progress, hub::Run};
use crate::{
    auth::Caller,
    journal::JournalRow,
    parse,
    refusal::{Fault, Refusal},
    shard::Shard,
};

/// How many events one message carries at most of each shard.
const RUN: usize = 64;

/// What a service gives to be served: its feed, and how far it has taken in the feeds of others.
#[derive(Clone)]
pub struct Feed {
    hub: Arc<Hub>,
    follows: HashMap<&'static str, Progress>,
    kinds: HashMap<&'static str, IsOfKind>,
}

/// Tells whether a row of a journal is an event of a kind, without reading more of it than that takes.
type IsOfKind = fn(&JournalRow) -> bool;

impl Feed {
    /// Describes a service's feed and what it follows.
    pub fn new(hub: Arc<Hub>, follows: impl IntoIterator<Item = (&'static str, Progress)>) -> Feed {
        Feed {
            hub,
            follows: follows.into_iter().collect(),
            kinds: HashMap::new(),
        }
    }

    /// Lets a kind of event be followed by itself: one that is so much rarer than the others that whoever wants it should not have to take them all in.
    pub fn with_kind(mut self, kind: &'static str, is_of_kind: IsOfKind) -> Feed {
        self.kinds.insert(kind, is_of_kind);
        self
    }
}

/// Serves the feeds of the services in this process.
#[derive(Clone, Default)]
pub struct FeedServer {
    feeds: HashMap<&'static str, Feed>,
}

impl FeedServer {
    /// Serves a service's feed too.
    pub fn add(&mut self, service: &'static str, feed: Feed) {
        self.feeds.insert(service, feed);
    }

    fn feed(&self, service: &str) -> Result<&Feed, Status> {
        self.feeds.get(service).ok_or_else(|| unknown(service))
    }
}

type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl FeedService for FeedServer {
    type SubscribeStream = Messages<SubscribeResponse>;
    type FollowStream = Messages<FollowResponse>;
    type WatchProgressStream = Messages<WatchProgressResponse>;

    async fn subscribe(&self, request: Request<SubscribeRequest>) -> Result<Response<Self::SubscribeStream>, Status> {
        let program_id = Caller::of(&request)?.program().id().to_string();
        let request = checked(request)?;
        let hub = self.feed(&request.feed)?.hub.clone();
        let cursors = cursors(&request.after);
        let of_program = move |run: Run| SubscribeResponse {
            events: run
                .events
                .into_iter()
                .filter(|event| event.program_id == program_id && event.payload.is_some())
                .collect(),
        };
        Ok(Response::new(stream(
            (hub, |_| true),
            cursors,
            request.until_now,
            of_program,
            |message| message.events.is_empty(),
        )))
    }

    async fn follow(&self, request: Request<FollowRequest>) -> Result<Response<Self::FollowStream>, Status> {
        let request = checked(request)?;
        let feed = self.feed(&request.feed)?;
        let wanted = match request.kind.as_str() {
            "" => None,
            kind => Some(*feed.kinds.get(kind).ok_or_else(|| unknown(kind))?),
        };
        let cursor = |(shard, seq): (Shard, i64)| Cursor {
            shard: i32::from(shard.get()),
            seq,
        };
        let of_kind = wanted.is_some();
        let run = move |run: Run| FollowResponse {
            events: run.events,
            through: run.reached.into_iter().filter(|_| of_kind).map(cursor).collect(),
        };
        Ok(Response::new(stream(
            (feed.hub.clone(), wanted.unwrap_or(|_| true)),
            cursors(&request.after),
            false,
            run,
            |message| message.events.is_empty() && message.through.is_empty(),
        )))
    }

    async fn watch_progress(
        &self,
        request: Request<WatchProgressRequest>,
    ) -> Result<Response<Self::WatchProgressStream>, Status> {
        let request = checked(request)?;
        let feed = self.feed(&request.service)?.clone();
        let progress = feed
            .follows
            .get(request.feed.as_str())
            .ok_or_else(|| unknown(&request.feed))?
            .clone();
        let (messages, receiver) = mpsc::channel(16);
        tokio::spawn(watch(feed, progress, messages));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

fn checked<W: Message + Name + Validate>(request: Request<W>) -> Result<W, Status> {
    let wire = request.into_inner();
    Ok(parse::check(&wire).finish(Some(wire))?)
}

fn unknown(feed: &str) -> Status {
    Refusal::new(Code::NotFound, "FEED_UNKNOWN", "this server does not serve that feed")
        .with("feed", feed)
        .into()
}

/// Returns where to start; without any cursor, every shard from its beginning.
fn cursors(after: &[Cursor]) -> Vec<(Shard, i64)> {
    if after.is_empty() {
        return Shard::all().map(|shard| (shard, 0)).collect();
    }
    after
        .iter()
        .filter_map(|cursor| Some((Shard::new(i16::try_from(cursor.shard).ok()?)?, cursor.seq)))
        .collect()
}

/// Streams what follows some cursors.
fn stream<T: Send + 'static>(
    (hub, wanted): (Arc<Hub>, IsOfKind),
    mut cursors: Vec<(Shard, i64)>,
    until_now: bool,
    message: impl Fn(Run) -> T + Send + Sync + 'static,
    is_empty: impl Fn(&T) -> bool + Send + Sync + 'static,
) -> Messages<T> {
    let (messages, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let mut moved = hub.moved();
        if until_now && let Err(error) = hub.read_heads().await {
            let _ = messages.send(Err(Fault::from(error).into())).await;
            return;
        }
        let end = until_now.then(|| hub.heads());
        loop {
            moved.mark_unchanged();
            let run = match hub.read_after(&cursors, RUN, wanted).await {
                Ok(run) => run,
                Err(error) => {
                    let _ = messages.send(Err(Fault::from(error).into())).await;
                    return;
                }
            };
            let grew = !run.reached.is_empty();
            for (reached, place) in &run.reached {
                if let Some((_, seq)) = cursors.iter_mut().find(|(shard, _)| shard == reached) {
                    *seq = *place;
                }
            }
            let message = message(run);
            if !is_empty(&message) && messages.send(Ok(message)).await.is_err() {
                return;
            }
            if end
                .as_ref()
                .is_some_and(|end| cursors.iter().all(|(shard, seq)| *seq >= end[shard.index()]))
            {
                return;
            }
            if !grew {
                tokio::select! {
                    changed = moved.changed() => if changed.is_err() { return },
                    () = messages.closed() => return,
                }
            }
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

/// Streams how far a service has taken in a feed: what this process takes in at once, what other replicas take in as the stored cursors tell.
async fn watch(feed: Feed, progress: Progress, messages: mpsc::Sender<Result<WatchProgressResponse, Status>>) {
    let _asking = progress.asking();
    let mut moved = progress.moved();
    let mut sent: Vec<(i64, i64)> = Vec::new();
    loop {
        moved.mark_unchanged();
        // The progress first, the own feed after it: what was taken in is committed by then, with its consequences.
        let taken: Vec<i64> = Shard::all().map(|shard| progress.taken(shard)).collect();
        let own = feed.hub.heads();
        let now: Vec<(i64, i64)> = taken.into_iter().zip(own).collect();
        let changed = |pick: fn(&(i64, i64)) -> i64| -> Vec<Cursor> {
            let news = now
                .iter()
                .enumerate()
                .filter(|(shard, reach)| sent.get(*shard).is_none_or(|sent| pick(sent) != pick(reach)));
            news.map(|(shard, reach)| Cursor {
                shard: shard as i32,
                seq: pick(reach),
            })
            .collect()
        };
        let message = WatchProgressResponse {
            taken: changed(|reach| reach.0),
            own: changed(|reach| reach.1),
        };
        if !message.taken.is_empty() && messages.send(Ok(message)).await.is_err() {
            return;
        } else if sent.is_empty() || now.iter().zip(&sent).any(|(now, sent)| now.0 != sent.0) {
            sent = now;
        }
        tokio::select! {
            changed = moved.changed() => if changed.is_err() { return },
            () = messages.closed() => return,
        }
    }
}
