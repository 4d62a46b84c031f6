//! Counts what campaigns bring about, from the journal: a moment later, many activities at once, and beside the way that activities take.
//!
//! Every replica does it. A shard is counted by one at a time, and how far it is counted changes with what is counted.

use std::time::Duration;

use crate::{
    context::Context,
    store::{count_some, list_uncounted},
};

/// How often to look. Whoever asks for figures has everything counted first: this only keeps that short.
const EVERY: Duration = Duration::from_secs(2);

/// Counts for ever.
pub async fn run(cx: Context) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = count(&cx).await {
            tracing::debug!(%error, "what campaigns brought about could not be counted");
        }
    }
}

async fn count(cx: &Context) -> Result<(), sqlx::Error> {
    let shards = cx.db.run(|pool| async move { list_uncounted(&pool).await }).await?;
    for shard in shards {
        while cx
            .db
            .run(move |pool| async move { count_some(&pool, shard).await })
            .await?
        {}
    }
    Ok(())
}
