//! Records what other services report: enrolments, activations and changes of level that campaigns are for.
//!
//! Every replica does it. That is harmless, because each is recorded once however often it is tried, and cheap, because there is a list of what is to be recorded: it is written when
//! the report is taken in, and what is recorded is gone from it with the same commit.

use std::{collections::HashMap, sync::Arc, time::Duration};

use common::{
    auth::{Caller, ProgramScope},
    ids::ProgramId,
    writer::WriteError,
};
use futures::{StreamExt as _, stream};
use tokio::sync::Notify;

use crate::{
    NAME,
    context::Context,
    error::Error,
    ops::{Failure, record_report},
    store::{Report, drop_report, list_reports},
};

/// How often to look, unless this replica knows that there is something.
const EVERY: Duration = Duration::from_secs(1);
/// How many to take at once.
const CHUNK: i64 = 256;
/// How many to record at once.
const CONCURRENCY: usize = 16;

/// Records reports for ever.
pub async fn run(cx: Context, there_are_some: Arc<Notify>) {
    loop {
        let _ = tokio::time::timeout(EVERY, there_are_some.notified()).await;
        if let Err(error) = record_all(&cx).await {
            tracing::debug!(%error, "reports could not be recorded");
        }
    }
}

/// Goes on while any can be recorded.
async fn record_all(cx: &Context) -> Result<(), sqlx::Error> {
    loop {
        let reports = cx
            .db
            .run(move |pool| async move { list_reports(&pool, CHUNK).await })
            .await?;
        if reports.is_empty() {
            return Ok(());
        }
        let programs = cx.programs.all().await?;
        let scopes: HashMap<ProgramId, ProgramScope> = programs
            .iter()
            .map(|program| (program.program_id, program.scope_of_worker()))
            .collect();
        let recorded: Vec<bool> = stream::iter(reports)
            .map(|report| record(cx, scopes.get(&report.program_id).copied(), report))
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        if !recorded.contains(&true) {
            return Ok(());
        }
    }
}

/// Records one; tells whether it is done with. What is refused for good is struck off: a member who is frozen earns nothing.
async fn record(cx: &Context, scope: Option<ProgramScope>, report: Report) -> bool {
    let Some(scope) = scope else { return false };
    let key = report.key.clone();
    match record_report(cx, &Caller::worker(NAME, scope), report).await {
        Ok(()) => true,
        // The clock here is behind that of the service that reported it.
        Err(Failure::Write(WriteError::Refused(Error::OccurredInFuture { .. } | Error::MemberNotFound { .. }))) => {
            false
        }
        Err(Failure::Write(WriteError::Refused(refused))) => {
            tracing::info!(?key, %refused, "what another service reported is not recorded");
            cx.db
                .run(move |pool| async move { drop_report(&pool, &key).await })
                .await
                .is_ok()
        }
        Err(failure) => {
            tracing::debug!(?key, ?failure, "what another service reported is recorded later");
            false
        }
    }
}
