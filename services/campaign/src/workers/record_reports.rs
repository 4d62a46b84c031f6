//! Records what other services report: enrolments, activations, changes of level, birthdays and points that lapse soon, and referrals that qualify, where
//! campaigns are for them.
//!
//! Every replica does it. That is harmless, because each is recorded once however often it is tried, and cheap, because there is a list of what is to be recorded: it is written when
//! the report is taken in, and what is recorded is gone from it with the same commit.

use std::{collections::HashMap, sync::Arc, time::Duration};

use common::{
    auth::{Caller, ProgramScope},
    feed::{BringUp, bring_up},
    ids::ProgramId,
    shard::Shard,
    writer::{Event, WriteError},
};
use futures::{FutureExt as _, StreamExt as _, stream};
use proto::{event::event::Payload, member::member_event};
use tokio::sync::{Notify, Semaphore};

use super::look_at_referrals::look_at_all;
use crate::{
    NAME,
    context::Context,
    error::Error,
    ops::{Failure, Recorded, record_report},
    store::{Report, ReportKey, drop_report, find_due_report, list_reports},
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
        if let Err(error) = record_all(&cx, None).await {
            tracing::debug!(%error, "reports could not be recorded");
        }
    }
}

/// Records what falls due when a program's clock is advanced, and what a clock brought about that is due already when it is told, before that counts as taken in.
pub fn reports_due(cx: &Context) -> BringUp {
    let (of_clock, of_event) = (cx.clone(), cx.clone());
    let turns = Arc::new(Semaphore::new(CONCURRENCY));
    bring_up(move |program_id| record_due(of_clock.clone(), program_id)).and_at_once(move |event| {
        let key = of_clock_only(event)?;
        let (cx, turns) = (of_event.clone(), turns.clone());
        let work = async move {
            let _turn = turns.acquire().await;
            record_at_once(cx, key).await;
        };
        Some(work.boxed())
    })
}

/// Returns what the report is told apart by of an event that a clock brings about: a birthday, or points that lapse soon; nothing for any other event.
fn of_clock_only(event: &Event) -> Option<ReportKey> {
    let source = match event.payload.as_ref()? {
        Payload::Member(member) => match &member.event {
            Some(member_event::Event::BirthdayAhead(_)) => "member",
            _ => return None,
        },
        Payload::Points(_) => "points",
        _ => return None,
    };
    Some(ReportKey {
        shard: Shard::new(i16::try_from(event.shard).ok()?)?,
        source,
        seq: event.seq,
    })
}

/// Records what falls due in a program whose clock was advanced, with what comes of referrals then. What cannot be recorded now is later.
async fn record_due(cx: Context, program_id: ProgramId) {
    if let Err(error) = look_at_all(&cx, Some(program_id)).await {
        tracing::debug!(%program_id, %error, "referrals could not be looked at");
    }
    if let Err(error) = record_all(&cx, Some(program_id)).await {
        tracing::debug!(%program_id, %error, "reports could not be recorded");
    }
}

/// Records what an event reported, if it is due already: then the event counts as taken in when that is recorded.
async fn record_at_once(cx: Context, key: ReportKey) {
    let found = cx
        .db
        .run(move |pool| async move { find_due_report(&pool, &key).await })
        .await;
    match found {
        Ok(None) => {}
        Ok(Some(report)) => drop(record_some(&cx, vec![report]).await),
        Err(error) => tracing::debug!(%error, "a report could not be read"),
    }
}

/// Goes on while any can be recorded.
async fn record_all(cx: &Context, program_id: Option<ProgramId>) -> Result<(), sqlx::Error> {
    loop {
        let reports = cx
            .db
            .run(move |pool| async move { list_reports(&pool, program_id, CHUNK).await })
            .await?;
        if reports.is_empty() {
            return Ok(());
        }
        if !record_some(cx, reports).await? {
            return Ok(());
        }
    }
}

/// Records some, and tells whether any is done with.
async fn record_some(cx: &Context, reports: Vec<Report>) -> Result<bool, sqlx::Error> {
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
    Ok(recorded.contains(&true))
}

/// Records one; tells whether it is done with. What is refused for good is struck off: a member who is frozen earns nothing.
async fn record(cx: &Context, scope: Option<ProgramScope>, report: Report) -> bool {
    let Some(scope) = scope else { return false };
    let key = report.key.clone();
    match record_report(cx, &Caller::worker(NAME, scope), report).await {
        Ok(Recorded::Done) => true,
        Ok(Recorded::NoCampaign) => strike_off(cx, key).await,
        // The clock here is behind that of the service that reported it.
        Err(Failure::Write(WriteError::Refused(Error::OccurredInFuture { .. } | Error::MemberNotFound { .. }))) => {
            false
        }
        Err(Failure::Write(WriteError::Refused(refused))) => {
            tracing::info!(?key, %refused, "what another service reported is not recorded");
            strike_off(cx, key).await
        }
        Err(failure) => {
            tracing::debug!(?key, ?failure, "what another service reported is recorded later");
            false
        }
    }
}

/// Strikes off what is never to be recorded.
async fn strike_off(cx: &Context, key: ReportKey) -> bool {
    let dropped = cx.db.run(move |pool| async move { drop_report(&pool, &key).await });
    dropped.await.is_ok()
}
