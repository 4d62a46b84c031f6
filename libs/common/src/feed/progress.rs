//! How far a service has taken in the feed of another.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use tokio::sync::watch;

use crate::shard::{SHARDS, Shard};

/// How far this process knows a feed to be taken in by its service, shard by shard. Only ever grows. Cheap to clone.
#[derive(Clone)]
pub struct Progress {
    taken: Arc<Vec<AtomicI64>>,
    here: Arc<Vec<AtomicBool>>,
    moved: watch::Sender<()>,
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            taken: Arc::new((0..SHARDS).map(|_| AtomicI64::new(0)).collect()),
            here: Arc::new((0..SHARDS).map(|_| AtomicBool::new(false)).collect()),
            moved: watch::Sender::new(()),
        }
    }
}

impl Progress {
    /// Says that a shard is taken in up to a place.
    pub fn reached(&self, shard: Shard, seq: i64) {
        if self.taken[shard.index()].fetch_max(seq, Ordering::AcqRel) < seq {
            self.moved.send_replace(());
        }
    }

    /// Returns how far a shard is taken in.
    pub fn taken(&self, shard: Shard) -> i64 {
        self.taken[shard.index()].load(Ordering::Acquire)
    }

    /// Says which shards this process takes in. Of those it knows better than the stored cursors: a cursor moves before what falls due at a new
    /// time is done.
    pub(crate) fn takes_in(&self, held: impl Fn(Shard) -> bool) {
        for shard in Shard::all() {
            self.here[shard.index()].store(held(shard), Ordering::Release);
        }
    }

    /// Learns from a stored cursor how far another replica is.
    pub(crate) fn learned(&self, shard: Shard, seq: i64) {
        if !self.here[shard.index()].load(Ordering::Acquire) {
            self.reached(shard, seq);
        }
    }

    /// Waits until every shard is taken in up to its place.
    pub async fn wait_for_all(&self, heads: &[i64]) {
        for (shard, &seq) in Shard::all().zip(heads) {
            self.wait_for(shard, seq).await;
        }
    }

    /// Returns a signal that fires when any shard moved.
    pub fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    /// Waits until a shard is taken in up to a place.
    pub async fn wait_for(&self, shard: Shard, seq: i64) {
        let mut moved = self.moved.subscribe();
        while self.taken(shard) < seq {
            if moved.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
}
