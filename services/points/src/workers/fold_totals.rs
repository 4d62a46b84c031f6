//! Adds the journal up, day by day, behind the writers. Reports read what it has not counted yet by themselves: it only makes them fast.

use std::time::Duration;

use common::shard::Shard;
use opentelemetry::{global, metrics::Gauge};

use crate::{context::Context, store};

/// How often it is looked whether there is something to add up.
const EVERY: Duration = Duration::from_secs(2);

/// Adds the journal up, for as long as the process lives.
pub async fn fold_totals(cx: Context) {
    let uncounted = global::meter("loyalty")
        .u64_gauge("points.totals.uncounted")
        .with_description("Rows of the journal that are not in the totals of days yet")
        .build();
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = fold_all(&cx, &uncounted).await {
            tracing::warn!(%error, "the journal cannot be added up now");
        }
    }
}

async fn fold_all(cx: &Context, uncounted: &Gauge<u64>) -> Result<(), sqlx::Error> {
    let behind = cx
        .db
        .run(|pool| async move { store::find_uncounted(&pool).await })
        .await?;
    let rows: i64 = behind.iter().map(|(_, rows)| rows).sum();
    uncounted.record(rows.try_into().unwrap_or(0), &[]);
    for (shard, _) in behind {
        // A shard that cannot be added up does not keep the others from it.
        if let Err(error) = fold_shard(cx, shard).await {
            tracing::warn!(%shard, %error, "the journal of a shard cannot be added up now");
        }
    }
    Ok(())
}

async fn fold_shard(cx: &Context, shard: Shard) -> Result<(), sqlx::Error> {
    while cx
        .db
        .run(move |pool| async move { store::fold_some(&pool, shard).await })
        .await?
    {}
    Ok(())
}
