//! How far a service has taken in the feed of another.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::watch;

use crate::shard::{SHARDS, Shard};

/// How far this process knows a feed to be taken in by its service, shard by shard. Only ever grows. Cheap to clone.
#[derive(Clone)]
pub struct Progress {
    taken: Arc<[watch::Sender<i64>]>,
    here: Arc<[AtomicBool]>,
    asked: watch::Sender<usize>,
    moved: watch::Sender<()>,
}

/// Somebody asks how far other replicas are, until this is dropped.
pub(crate) struct Asking(watch::Sender<usize>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.send_modify(|asked| *asked -= 1);
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            taken: (0..SHARDS).map(|_| watch::Sender::new(0)).collect(),
            here: (0..SHARDS).map(|_| AtomicBool::new(false)).collect(),
            asked: watch::Sender::new(0),
            moved: watch::Sender::new(()),
        }
    }
}

impl Progress {
    /// Says that a shard is taken in up to a place.
    pub fn reached(&self, shard: Shard, seq: i64) {
        if grow(&self.taken[shard.index()], seq) {
            self.moved.send_replace(());
        }
    }

    /// Returns how far a shard is taken in.
    pub fn taken(&self, shard: Shard) -> i64 {
        *self.taken[shard.index()].borrow()
    }

    /// Says which shards this process takes in. Of those it knows better than the stored cursors: a cursor moves before what falls due at a new
    /// time is done.
    pub(crate) fn takes_in(&self, held: impl Fn(Shard) -> bool) {
        for shard in Shard::all() {
            self.here[shard.index()].store(held(shard), Ordering::Release);
        }
    }

    /// Tells whether other replicas take in any shard: only of those do the stored cursors tell anything.
    pub(crate) fn is_shared(&self) -> bool {
        !self.here.iter().all(|here| here.load(Ordering::Acquire))
    }

    /// Has the stored cursors read for as long as what is returned is held: they tell how far other replicas are.
    pub(crate) fn asking(&self) -> Asking {
        self.asked.send_modify(|asked| *asked += 1);
        Asking(self.asked.clone())
    }

    /// Waits until somebody asks how far other replicas are.
    pub(crate) async fn is_asked(&self) {
        // The sender is ours.
        let _ = self.asked.subscribe().wait_for(|asked| *asked > 0).await;
    }

    /// Learns from a stored cursor how far another replica is.
    pub(crate) fn learned(&self, shard: Shard, seq: i64) {
        if !self.here[shard.index()].load(Ordering::Acquire) {
            self.reached(shard, seq);
        }
    }

    /// Returns a signal that fires when any shard moved.
    pub fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Waits until a shard is taken in up to a place, by whichever replica.
    pub async fn wait_for(&self, shard: Shard, seq: i64) {
        let _asking = (self.taken(shard) < seq).then(|| self.asking());
        // The sender is ours, so that the wait ends only when the place is reached.
        let mut taken = self.taken[shard.index()].subscribe();
        let _ = taken.wait_for(|taken| *taken >= seq).await;
    }
}

/// Raises what is watched, and tells whether that was news.
fn grow(watched: &watch::Sender<i64>, to: i64) -> bool {
    watched.send_if_modified(|value| {
        let grows = *value < to;
        *value = to.max(*value);
        grows
    })
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn waiting_ends_when_the_place_is_reached_and_progress_never_falls() {
        let progress = Progress::default();
        let shard = Shard::new(3).unwrap();
        let waiting = tokio::spawn({
            let progress = progress.clone();
            async move { progress.wait_for(shard, 5).await }
        });
        progress.reached(shard, 7);
        progress.reached(shard, 4);
        waiting.await.unwrap();
        assert_eq!(progress.taken(shard), 7);
    }

    #[tokio::test]
    async fn stored_cursors_are_asked_for_only_while_somebody_waits() {
        let progress = Progress::default();
        let shard = Shard::new(3).unwrap();
        progress.reached(shard, 5);
        progress.wait_for(shard, 5).await;
        assert!(progress.is_asked().now_or_never().is_none());
        let mut waiting = Box::pin(progress.wait_for(shard, 6));
        assert!(waiting.as_mut().now_or_never().is_none());
        progress.is_asked().await;
        drop(waiting);
        assert!(progress.is_asked().now_or_never().is_none());
    }
}
