//! Takes in the feed of another service.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesOrdered};
use proto::{
    event::{Cursor, Event, FollowRequest, event::Payload, feed_service_client::FeedServiceClient},
    member::member_event,
};
use sqlx::{AssertSqlSafe, Row as _};

use super::{
    Hub, Progress,
    replicas::{BALANCE_EVERY, Share},
};
use crate::{
    db::Db,
    ids::ProgramId,
    peers::Peer,
    shard::Shard,
    writer::{Steps, Writer},
};

/// How many events may wait for their transaction before more are read.
const OUTSTANDING: usize = 4_096;
/// How often it is stored, at most, up to where nothing more is wanted of a feed: where another replica may wait for that, of shards that rest; and the rest every so many times.
const STORE_EVERY: Duration = Duration::from_millis(100);
const STORE_ALL_EVERY: u32 = 10;
/// How often the stored cursors are read while somebody asks what other replicas took in.
const LEARN_EVERY: Duration = Duration::from_millis(100);
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_millis(200);

/// What a service does when a program's clock was advanced: bring everything up to it that falls due, before the event counts as taken in.
type OfClock = Arc<dyn Fn(ProgramId) -> BoxFuture<'static, ()> + Send + Sync>;
/// What it does about an event that is due already when it comes, before that counts as taken in.
type OfEvent = Arc<dyn Fn(&Event) -> Option<BoxFuture<'static, ()>> + Send + Sync>;

/// What a service does before an event counts as taken in.
#[derive(Clone)]
pub struct BringUp {
    of_clock: OfClock,
    of_event: Option<OfEvent>,
}

/// Whose feed is followed, and what to do when a clock moves.
pub struct FollowerSettings {
    /// The service whose feed it is.
    pub source: &'static str,
    /// How to reach it.
    pub peer: Peer,
    /// The kind of event that is wanted of it; nothing for all.
    pub kind: Option<&'static str>,
    /// What to do when a program's clock was advanced.
    pub bring_up: Option<BringUp>,
}

/// Follows another service's feed for as long as the process lives.
pub struct Follower<S: Steps> {
    db: Db,
    writer: Writer<S>,
    settings: FollowerSettings,
    progress: Progress,
    stored: Stored,
}

/// How far the service has taken in the feed, as the record tells.
#[derive(Clone)]
struct Stored {
    db: Db,
    hub: Arc<Hub>,
    cursors: String,
    source: &'static str,
}

/// Why following broke off; it starts again from what is stored.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the database did not answer: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the feed broke off: {0}")]
    Feed(#[from] tonic::Status),
    #[error("an event could not be taken in")]
    NotTaken,
    #[error("the feed sent an event of a shard that does not exist")]
    NoShard,
}

type Outstanding = FuturesOrdered<BoxFuture<'static, Result<(Shard, i64), Broken>>>;

impl<S: Steps> Follower<S> {
    /// Starts following; the returned progress tells how far it is.
    pub fn start(db: &Db, hub: &Arc<Hub>, writer: &Writer<S>, settings: FollowerSettings) -> Progress {
        let progress = Progress::default();
        let stored = Stored {
            db: db.clone(),
            hub: hub.clone(),
            cursors: format!("select shard, seq from {}.cursor where source = $1", S::SCHEMA),
            source: settings.source,
        };
        let follower = Follower {
            db: db.clone(),
            writer: writer.clone(),
            settings,
            progress: progress.clone(),
            stored: stored.clone(),
        };
        tokio::spawn(learn(stored, progress.clone()));
        tokio::spawn(follower.run());
        progress
    }

    async fn run(self) {
        // Until the shares are settled nothing is learned from stored cursors that may yet be this replica's own.
        self.progress.takes_in(|_| true);
        let mut share = Share::of(&self.db, &format!("{}<-{}", S::SCHEMA, self.settings.source));
        loop {
            if let Err(error) = share.balance().await {
                tracing::debug!(schema = S::SCHEMA, source = self.settings.source, %error, "no share of the feed can be had");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            match self.follow(&mut share).await {
                Ok(()) => {}
                Err(error) => {
                    tracing::debug!(schema = S::SCHEMA, source = self.settings.source, %error, "following starts again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Follows the shards of the share until the share changes.
    async fn follow(&self, share: &mut Share) -> Result<(), Broken> {
        let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + BALANCE_EVERY, BALANCE_EVERY);
        if share.held().is_empty() {
            tick.tick().await;
            return Ok(());
        }
        let after = self.read_cursors(share).await?;
        let (mut places, mut turn) = (Places::at(&after), 0);
        let mut store = tokio::time::interval(STORE_EVERY);
        store.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        self.progress.takes_in(|shard| share.held().contains(&shard));
        let mut client = FeedServiceClient::new(self.settings.peer.as_service());
        let request = FollowRequest {
            feed: self.settings.source.to_owned(),
            after,
            kind: self.settings.kind.unwrap_or_default().to_owned(),
        };
        let mut stream = client.follow(request).await?.into_inner();
        let mut outstanding: Outstanding = FuturesOrdered::new();
        loop {
            tokio::select! {
                _ = tick.tick() => if share.balance().await? { return Ok(()) },
                _ = store.tick(), if self.settings.kind.is_some() => {
                    turn = (turn + 1) % STORE_ALL_EVERY;
                    if turn == 0 || self.progress.is_shared() {
                        self.store(places.passed(turn == 0), &mut outstanding).await;
                    }
                }
                Some(taken) = outstanding.next() => self.reached(taken?),
                message = stream.message(), if outstanding.len() < OUTSTANDING => {
                    let Some(message) = message? else { return Ok(()) };
                    for event in message.events {
                        self.hand_over(event, &mut places, &mut outstanding).await?;
                    }
                    for (shard, seq) in message.through.iter().filter_map(place_of) {
                        places.pass(shard, seq);
                        outstanding.push_back(std::future::ready(Ok((shard, seq))).boxed());
                    }
                }
            }
        }
    }

    /// Has it stored up to where nothing more is wanted of the feed, so that other replicas learn it, and so that nothing is read again later. That is no
    /// event's effect and need not be exact: it is done now and then, and not for every event that is passed over.
    async fn store(&self, passed: Vec<(Shard, i64, i64)>, outstanding: &mut Outstanding) {
        for (shard, after, seq) in passed {
            let nothing = Event {
                shard: i32::from(shard.get()),
                seq,
                ..Event::default()
            };
            let stored = self.writer.event_after(self.settings.source, after, nothing).await;
            let stored = stored.map(move |stored| match stored {
                Ok(Ok(_)) => Ok((shard, seq)),
                _ => Err(Broken::NotTaken),
            });
            outstanding.push_back(stored.boxed());
        }
    }

    async fn hand_over(&self, event: Event, places: &mut Places, outstanding: &mut Outstanding) -> Result<(), Broken> {
        let shard = i16::try_from(event.shard)
            .ok()
            .and_then(Shard::new)
            .ok_or(Broken::NoShard)?;
        let seq = event.seq;
        let clock_of = clock_advanced(&event);
        if clock_of.is_some() {
            // What was before the clock moved happened at the time before.
            while let Some(taken) = outstanding.next().await {
                self.reached(taken?);
            }
        }
        let of_event = self
            .settings
            .bring_up
            .as_ref()
            .and_then(|bring_up| bring_up.of_event.as_ref());
        let due = of_event.and_then(|of_event| of_event(&event));
        let taken = match self.settings.kind {
            None => self.writer.event(self.settings.source, event).await,
            Some(_) => {
                let after = places.take(shard, seq);
                self.writer.event_after(self.settings.source, after, event).await
            }
        };
        let taken = async move {
            match taken.await {
                Ok(Ok(_)) => {}
                _ => return Err(Broken::NotTaken),
            }
            if let Some(work) = due {
                work.await;
            }
            Ok((shard, seq))
        };
        match (clock_of, &self.settings.bring_up) {
            (Some(program), Some(bring_up)) => {
                let place = taken.await?;
                (bring_up.of_clock)(program).await;
                self.reached(place);
            }
            _ => outstanding.push_back(taken.boxed()),
        }
        Ok(())
    }

    fn reached(&self, (shard, seq): (Shard, i64)) {
        self.progress.reached(shard, seq);
    }

    async fn read_cursors(&self, share: &Share) -> Result<Vec<Cursor>, Broken> {
        let stored = self.stored.read().await?;
        let mut cursors: Vec<Cursor> = share
            .held()
            .iter()
            .map(|shard| Cursor {
                shard: i32::from(shard.get()),
                seq: 0,
            })
            .collect();
        for (shard, seq) in stored {
            self.progress.reached(shard, seq);
            let number = i32::from(shard.get());
            if let Some(cursor) = cursors.iter_mut().find(|cursor| cursor.shard == number) {
                cursor.seq = seq;
            }
        }
        Ok(cursors)
    }
}

/// Learns from the stored cursors what other replicas took in, while somebody asks for that.
async fn learn(stored: Stored, progress: Progress) {
    loop {
        progress.is_asked().await;
        if progress.is_shared() {
            match stored.read().await {
                Ok(places) => places.iter().for_each(|(shard, seq)| progress.learned(*shard, *seq)),
                Err(error) => tracing::debug!(source = stored.source, %error, "the stored cursors cannot be read"),
            }
        }
        tokio::time::sleep(LEARN_EVERY).await;
    }
}

impl Stored {
    /// Reads how far the feed is taken in, by whichever replica. The heads of the service's own feed are read after it: whoever is told that something was
    /// taken in is told with it where the consequences stand, and another replica's are known here only by a look.
    async fn read(&self) -> Result<Vec<(Shard, i64)>, sqlx::Error> {
        let rows = sqlx::query(AssertSqlSafe(self.cursors.as_str()))
            .bind(self.source)
            .fetch_all(self.db.pool())
            .await?;
        self.hub.read_heads().await?;
        let mut stored = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(shard) = Shard::new(row.try_get("shard")?) {
                stored.push((shard, row.try_get("seq")?));
            }
        }
        Ok(stored)
    }
}

/// Where a stream of one kind of event stands on each shard.
struct Places(BTreeMap<Shard, Place>);

#[derive(Clone, Copy, Default)]
struct Place {
    /// How far it was read.
    read: i64,
    /// How far that is handed over to be stored.
    stored: i64,
    /// How far it was read when that was looked at last.
    looked: i64,
}

impl Place {
    fn at(seq: i64) -> Place {
        Place {
            read: seq,
            stored: seq,
            looked: seq,
        }
    }
}

impl Places {
    fn at(cursors: &[Cursor]) -> Places {
        let places = cursors.iter().filter_map(place_of);
        Places(places.map(|(shard, seq)| (shard, Place::at(seq))).collect())
    }

    /// Notes that an event is handed over, and returns the place after which it comes: the one that is stored, since what was passed in between is not wanted.
    fn take(&mut self, shard: Shard, seq: i64) -> i64 {
        self.0.insert(shard, Place::at(seq)).unwrap_or_default().stored
    }

    /// Notes that nothing more is wanted up to a place.
    fn pass(&mut self, shard: Shard, seq: i64) {
        let place = self.0.entry(shard).or_default();
        place.read = seq.max(place.read);
    }

    /// Takes what was passed and is not stored: from where on each shard, and up to where. Of shards that rest only, or of all.
    fn passed(&mut self, all: bool) -> Vec<(Shard, i64, i64)> {
        let mut passed = Vec::new();
        for (shard, place) in &mut self.0 {
            let rests = std::mem::replace(&mut place.looked, place.read) == place.read;
            if place.read > place.stored && (all || rests) {
                passed.push((*shard, std::mem::replace(&mut place.stored, place.read), place.read));
            }
        }
        passed
    }
}

fn place_of(cursor: &Cursor) -> Option<(Shard, i64)> {
    Some((Shard::new(i16::try_from(cursor.shard).ok()?)?, cursor.seq))
}

/// Returns the program whose clock an event moved, if it did.
fn clock_advanced(event: &Event) -> Option<ProgramId> {
    let Some(Payload::Member(member)) = &event.payload else {
        return None;
    };
    let Some(member_event::Event::ClockAdvanced(_)) = &member.event else {
        return None;
    };
    event.program_id.parse().ok()
}

/// Wraps an async function as what is done when a clock moves.
pub fn bring_up<F, Fut>(work: F) -> BringUp
where
    F: Fn(ProgramId) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    BringUp {
        of_clock: Arc::new(move |program| work(program).boxed()),
        of_event: None,
    }
}

impl BringUp {
    /// Also does something about some events, each of which counts as taken in only then. Many may be under way at once.
    pub fn and_at_once<F>(self, work: F) -> BringUp
    where
        F: Fn(&Event) -> Option<BoxFuture<'static, ()>> + Send + Sync + 'static,
    {
        BringUp {
            of_event: Some(Arc::new(work)),
            ..self
        }
    }
}
