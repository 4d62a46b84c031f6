//! Strikes off awards that are posted: many at once, a moment later, because nobody waits for it.
//!
//! What is lost on the way, with the process or because there is too much of it, is not lost: the award is still on the list, and
//! whoever posts it again finds it posted.

use std::time::Duration;

use common::db::Db;
use tokio::sync::mpsc;

use crate::store::{AwardPlace, strike_off_awards};

/// For how long awards are gathered.
const GATHERED_FOR: Duration = Duration::from_millis(100);
/// How many may wait to be struck off.
const QUEUE: usize = 8_192;

/// Takes note of awards that are posted. Cheap to clone.
#[derive(Clone)]
pub struct PostedAwards {
    queue: mpsc::Sender<AwardPlace>,
}

impl PostedAwards {
    /// Starts striking off, for as long as the returned handle is held.
    pub fn start(db: &Db) -> PostedAwards {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(strike_off(db.clone(), waiting));
        PostedAwards { queue }
    }

    /// Has an award struck off soon.
    pub fn strike_off(&self, place: AwardPlace) {
        // A full queue drops it: then it is on the list until the worker has posted it again.
        let _ = self.queue.try_send(place);
    }
}

async fn strike_off(db: Db, mut waiting: mpsc::Receiver<AwardPlace>) {
    while let Some(first) = waiting.recv().await {
        tokio::time::sleep(GATHERED_FOR).await;
        let mut posted = vec![first];
        while let Ok(next) = waiting.try_recv() {
            posted.push(next);
        }
        let struck = db.run(move |pool| async move { strike_off_awards(&pool, &posted).await });
        if let Err(error) = struck.await {
            tracing::debug!(%error, "posted awards could not be struck off");
        }
    }
}
