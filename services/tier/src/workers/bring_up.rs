//! Judges members for whom something is due although they do nothing.

use std::{sync::Arc, time::Duration};

use common::{ids::ProgramId, refusal::Fault, writer::Key};
use futures::{StreamExt as _, stream::FuturesUnordered};
use tonic::Status;

use crate::{
    context::Context,
    ops::{Command, Judge},
    store,
};

/// How often the worker looks for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// How many members are judged at once.
const AT_ONCE: i64 = 500;
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_millis(200);

/// Brings members up for as long as the process lives: as time goes by, and when a ladder is published.
pub async fn bring_up_forever(cx: Context, judge: Arc<Judge>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = judge.ladder_published() => {}
        }
        match cx
            .db
            .run(|pool| async move { store::programs_with_due(&pool).await })
            .await
        {
            Ok(programs) => {
                for program_id in programs {
                    bring_up_program(cx.clone(), program_id).await;
                }
            }
            Err(error) => tracing::debug!(%error, "what is due cannot be read"),
        }
    }
}

/// Judges every member of a program for whom something is due by its clock. Returns when nothing is due any more, however long that takes: who
/// advanced a clock waits for it.
pub async fn bring_up_program(cx: Context, program_id: ProgramId) {
    loop {
        match bring_up_some(&cx, program_id).await {
            Ok(judged) if judged < AT_ONCE as usize => return,
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%program_id, %error, "members could not be brought up and will be again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Judges as many as one batch holds, and tells how many.
async fn bring_up_some(cx: &Context, program_id: ProgramId) -> Result<usize, Status> {
    let due = cx
        .db
        .run(move |pool| async move { store::list_due(&pool, program_id, AT_ONCE).await });
    let due = due.await.map_err(Fault::from)?;
    let judge = |member_id| cx.writer.call(Key::of_worker(program_id, member_id), Command::BringUp);
    let mut judged: FuturesUnordered<_> = due.iter().copied().map(judge).collect();
    while let Some(outcome) = judged.next().await {
        outcome?;
    }
    Ok(due.len())
}
