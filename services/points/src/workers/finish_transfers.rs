//! Brings points to rest that left for another member and were left alone: who asked for it died, or the other shard could not be written.

use std::{collections::HashMap, time::Duration};

use common::{
    auth::ProgramScope,
    ids::{EntryId, ProgramId},
};
use tonic::Status;

use crate::{context::Context, ops, store};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);
/// For how many seconds a transfer is left to the one who asked for it.
const LEFT_ALONE_SECONDS: i32 = 5;
/// How many are finished in one round.
const ROUND: i64 = 256;

/// Finishes transfers, for as long as the process lives.
pub async fn finish_transfers(cx: Context) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = finish(&cx).await {
            tracing::warn!(%error, "transfers that were left alone cannot be listed");
        }
    }
}

async fn finish(cx: &Context) -> Result<(), sqlx::Error> {
    let left = cx
        .db
        .run(|pool| async move { store::list_left_alone(&pool, LEFT_ALONE_SECONDS, ROUND).await })
        .await?;
    if left.is_empty() {
        return Ok(());
    }
    let programs = cx.programs.all().await?.into_iter();
    let programs: HashMap<ProgramId, _> = programs.map(|program| (program.program_id, program)).collect();
    for (program_id, entry_id) in left {
        let Some(program) = programs.get(&program_id) else {
            continue;
        };
        if let Err(why) = finish_one(cx, program.scope_of_worker(), entry_id).await {
            tracing::warn!(%entry_id, why, "a transfer could not be finished and is tried again");
        }
    }
    Ok(())
}

async fn finish_one(cx: &Context, scope: ProgramScope, entry_id: EntryId) -> Result<(), String> {
    let entry = cx
        .db
        .run(move |pool| async move { store::find_entry(&pool, scope, entry_id).await });
    let entry = entry.await.map_err(|error| error.to_string())?;
    let entry = entry.ok_or("there is no such entry")?;
    let at_rest = ops::bring_to_rest(cx, scope, entry).await;
    at_rest
        .map(|_| ())
        .map_err(|fault| Status::from(fault).message().to_owned())
}
