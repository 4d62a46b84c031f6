//! Lets a caller wait until the consequences of an event have come about in other services.

use std::{collections::HashMap, sync::Arc, time::Duration};

use proto::event::{WatchProgressRequest, feed_service_client::FeedServiceClient};
use tokio::sync::watch;

use crate::{
    peers::Peer,
    shard::{SHARDS, Shard},
};

/// How long to wait before a broken watch is taken up again.
const PAUSE: Duration = Duration::from_millis(200);

/// How far a service is with a feed it follows, and where its own feed stood when it was.
#[derive(Clone, Debug)]
pub struct Reach {
    /// How far it has taken in the feed, by shard.
    pub taken: Vec<i64>,
    /// Where its own feed stood, by shard.
    pub own: Vec<i64>,
}

/// Watches how far other services are. A service starts to be watched when someone first waits for it.
#[derive(Clone)]
pub struct Effects {
    watched: Arc<HashMap<(&'static str, &'static str), Watched>>,
}

struct Watched {
    peer: Peer,
    reach: std::sync::OnceLock<watch::Receiver<Reach>>,
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
                        reach: std::sync::OnceLock::new(),
                    },
                )
            })
            .collect();
        Effects {
            watched: Arc::new(watched),
        }
    }

    /// Waits until a service has taken in a feed up to a place, and returns where its own feed stood then: the place up to which its answers reach.
    ///
    /// # Panics
    /// When the service was not named to [`Effects::of`] with that feed.
    pub async fn taken_in(&self, service: &'static str, feed: &'static str, shard: Shard, seq: i64) -> Vec<i64> {
        self.wait(service, feed, |reach| reach.taken[shard.index()] >= seq)
            .await
            .own
    }

    /// Waits until a service has taken in a feed up to a place on every shard.
    ///
    /// # Panics
    /// When the service was not named to [`Effects::of`] with that feed.
    pub async fn taken_in_all(&self, service: &'static str, feed: &'static str, heads: &[i64]) -> Vec<i64> {
        self.wait(service, feed, |reach| {
            reach.taken.iter().zip(heads).all(|(taken, head)| taken >= head)
        })
        .await
        .own
    }

    async fn wait(&self, service: &'static str, feed: &'static str, reached: impl FnMut(&Reach) -> bool) -> Reach {
        let watched = self
            .watched
            .get(&(service, feed))
            .expect("the service and its feed are named when the watch is prepared");
        let mut reach = watched
            .reach
            .get_or_init(|| watch_service(service, feed, watched.peer.clone()))
            .clone();
        let reached = reach.wait_for(reached).await.map(|reach| reach.clone());
        match reached {
            Ok(reach) => reach,
            // The watching task never ends before its receivers; if it did, nothing could be waited for any more.
            Err(_) => std::future::pending().await,
        }
    }
}

fn watch_service(service: &'static str, feed: &'static str, peer: Peer) -> watch::Receiver<Reach> {
    let nothing = vec![0; SHARDS as usize];
    let (reach, receiver) = watch::channel(Reach {
        taken: nothing.clone(),
        own: nothing,
    });
    tokio::spawn(async move {
        while !reach.is_closed() {
            if let Err(error) = follow_reach(service, feed, &peer, &reach).await {
                tracing::debug!(service, feed, %error, "the watch on a service's progress broke off");
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    receiver
}

async fn follow_reach(
    service: &str,
    feed: &str,
    peer: &Peer,
    reach: &watch::Sender<Reach>,
) -> Result<(), tonic::Status> {
    let mut client = FeedServiceClient::new(peer.as_service());
    let request = WatchProgressRequest {
        service: service.to_owned(),
        feed: feed.to_owned(),
    };
    let mut stream = client.watch_progress(request).await?.into_inner();
    while let Some(message) = stream.message().await? {
        reach.send_modify(|reach| {
            for (cursors, known) in [(&message.own, &mut reach.own), (&message.taken, &mut reach.taken)] {
                for cursor in cursors {
                    if let Some(seq) = known.get_mut(cursor.shard as usize) {
                        *seq = cursor.seq.max(*seq);
                    }
                }
            }
        });
    }
    Ok(())
}
