//! Lets a caller wait until the consequences of an event have come about in other services.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use proto::event::{Cursor, WatchProgressRequest, WatchProgressResponse, feed_service_client::FeedServiceClient};
use tokio::sync::watch;

use crate::{
    peers::Peer,
    shard::{SHARDS, Shard},
};

/// How long to wait before a broken watch is taken up again.
const PAUSE: Duration = Duration::from_millis(200);

/// How far a service is with a shard of a feed that it follows, and where its own feed stood there when it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Reach {
    taken: i64,
    own: i64,
}

/// How far a service is, by shard: whoever waits for a shard is woken by that one only.
type Reaches = [watch::Sender<Reach>];

/// Watches how far other services are. A service starts to be watched when someone first waits for it.
#[derive(Clone)]
pub struct Effects {
    watched: Arc<HashMap<(&'static str, &'static str), Watched>>,
}

struct Watched {
    peer: Peer,
    reaches: OnceLock<Arc<Reaches>>,
}

impl Effects {
    /// Prepares to watch services, each with a feed that it follows.
    pub fn of(links: impl IntoIterator<Item = (&'static str, &'static str, Peer)>) -> Effects {
        let watched = links
            .into_iter()
            .map(|(service, feed, peer)| {
                (
                    (service, feed),
                    Watched {
                        peer,
                        reaches: OnceLock::new(),
                    },
                )
            })
            .collect();
        Effects {
            watched: Arc::new(watched),
        }
    }

    /// Waits until a service has taken in a feed up to a place, and returns where its own feed stood then on the same shard: the place up to which
    /// its answers reach.
    ///
    /// # Panics
    /// When the service was not named to [`Effects::of`] with that feed.
    pub async fn taken_in(&self, service: &'static str, feed: &'static str, shard: Shard, seq: i64) -> i64 {
        let mut reach = self.watched(service, feed)[shard.index()].subscribe();
        let reached = reach.wait_for(|reach| reach.taken >= seq).await.map(|reach| reach.own);
        match reached {
            Ok(own) => own,
            // The senders live as long as `self`; if they did not, nothing could be waited for any more.
            Err(_) => std::future::pending().await,
        }
    }

    /// Waits until a service has taken in a feed up to a place on every shard.
    ///
    /// # Panics
    /// When the service was not named to [`Effects::of`] with that feed.
    pub async fn taken_in_all(&self, service: &'static str, feed: &'static str, heads: &[i64]) {
        for (shard, seq) in Shard::all().zip(heads) {
            self.taken_in(service, feed, shard, *seq).await;
        }
    }

    /// Returns where a service's own feed is known to stand, by shard.
    ///
    /// # Panics
    /// When the service was not named to [`Effects::of`] with that feed.
    pub fn known_heads(&self, service: &'static str, feed: &'static str) -> Vec<i64> {
        let reaches = self.watched(service, feed);
        reaches.iter().map(|reach| reach.borrow().own).collect()
    }

    fn watched(&self, service: &'static str, feed: &'static str) -> &Reaches {
        let watched = self
            .watched
            .get(&(service, feed))
            .expect("the service and its feed are named when the watch is prepared");
        watched
            .reaches
            .get_or_init(|| watch_service(service, feed, watched.peer.clone()))
    }
}

fn watch_service(service: &'static str, feed: &'static str, peer: Peer) -> Arc<Reaches> {
    let reaches: Arc<Reaches> = (0..SHARDS).map(|_| watch::Sender::default()).collect();
    let watched = Arc::downgrade(&reaches);
    tokio::spawn(async move {
        while watched.strong_count() > 0 {
            if let Err(error) = follow_reach(service, feed, &peer, &watched).await {
                tracing::debug!(service, feed, %error, "the watch on a service's progress broke off");
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    reaches
}

async fn follow_reach(service: &str, feed: &str, peer: &Peer, watched: &Weak<Reaches>) -> Result<(), tonic::Status> {
    let mut client = FeedServiceClient::new(peer.as_service());
    let request = WatchProgressRequest {
        service: service.to_owned(),
        feed: feed.to_owned(),
    };
    let mut stream = client.watch_progress(request).await?.into_inner();
    while let Some(message) = stream.message().await? {
        let Some(reaches) = watched.upgrade() else { break };
        note(&reaches, &message);
    }
    Ok(())
}

/// Notes how far a service says that it is. What was taken in is noted last on every shard: by then its consequences are.
fn note(reaches: &Reaches, message: &WatchProgressResponse) {
    let raise = |cursor: &Cursor, field: fn(&mut Reach) -> &mut i64| {
        if let Some(reach) = reaches.get(cursor.shard as usize) {
            reach.send_if_modified(|reach| {
                let known = field(reach);
                let grows = *known < cursor.seq;
                *known = cursor.seq.max(*known);
                grows
            });
        }
    };
    message
        .own
        .iter()
        .for_each(|cursor| raise(cursor, |reach| &mut reach.own));
    message
        .taken
        .iter()
        .for_each(|cursor| raise(cursor, |reach| &mut reach.taken));
}
