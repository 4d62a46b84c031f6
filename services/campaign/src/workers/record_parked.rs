//! Records returns that came before their orders once these are there, and gives up those whose orders did not come in time.
//!
//! Every replica does it. That is harmless, because a return is recorded once however often it is tried, and cheap, because hardly any return comes before its order.

use std::{collections::HashMap, time::Duration};

use common::{
    auth::{Caller, ProgramScope},
    ids::ProgramId,
};
use futures::{StreamExt as _, stream};
use opentelemetry::{global, metrics::Counter};

use crate::{
    NAME,
    context::Context,
    ops::{Failure, Unparked, record_parked_return},
    store::{ParkedReturn, give_up_parked_returns, list_waiting_returns},
};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);
/// How many to look at at once, and how often in a round: where more wait than that, the next round goes on there.
const CHUNK: i64 = 256;
const CHUNKS: usize = 16;
/// How many to record at once.
const CONCURRENCY: usize = 16;

/// Records parked returns for ever.
pub async fn run(cx: Context) {
    let meter = global::meter("loyalty");
    let counter = |name, description| meter.u64_counter(name).with_description(description).build();
    let given_up = counter("campaign.returns.given_up", "Returns whose orders did not come in time");
    let refused = counter(
        "campaign.returns.refused",
        "Parked returns that their orders do not allow for",
    );
    let mut after: Option<ParkedReturn> = None;
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(failure) = go_on(&cx, &mut after, &refused).await {
            tracing::debug!(?failure, "parked returns could not be looked at");
        }
        let late = cx
            .db
            .run(|pool| async move { give_up_parked_returns(&pool, CHUNK).await })
            .await;
        match late {
            Ok(0) => {}
            Ok(returns) => {
                given_up.add(returns, &[]);
                tracing::warn!(returns, "returns are given up: their orders did not come in time");
            }
            Err(error) => tracing::debug!(%error, "parked returns could not be given up"),
        }
    }
}

/// Looks at those after the one that was looked at last, and records those whose orders came.
async fn go_on(cx: &Context, after: &mut Option<ParkedReturn>, refused: &Counter<u64>) -> Result<(), Failure> {
    for _ in 0..CHUNKS {
        let from = after.take();
        let list = move |pool| async move { list_waiting_returns(&pool, from.as_ref(), CHUNK).await };
        let waiting = cx.db.run::<_, _, _, sqlx::Error>(list).await?;
        let is_last = (waiting.len() as i64) < CHUNK;
        let last = waiting
            .last()
            .filter(|_| !is_last)
            .map(|waiting| waiting.parked.clone());
        let came = waiting.into_iter().filter(|waiting| waiting.has_order);
        let came: Vec<ParkedReturn> = came.map(|waiting| waiting.parked).collect();
        if !came.is_empty() {
            record_some(cx, came, refused).await?;
        }
        *after = last;
        if is_last {
            break;
        }
    }
    Ok(())
}

async fn record_some(cx: &Context, came: Vec<ParkedReturn>, refused: &Counter<u64>) -> Result<(), Failure> {
    let programs = cx.programs.all().await?;
    let scopes: HashMap<ProgramId, ProgramScope> = programs
        .iter()
        .map(|program| (program.program_id, program.scope_of_worker()))
        .collect();
    stream::iter(came)
        .for_each_concurrent(CONCURRENCY, |parked| {
            record_one(cx, scopes.get(&parked.member.program_id).copied(), parked, refused)
        })
        .await;
    Ok(())
}

async fn record_one(cx: &Context, scope: Option<ProgramScope>, parked: ParkedReturn, counter: &Counter<u64>) {
    let Some(scope) = scope else { return };
    let (member_id, order_id) = (parked.member.member_id, parked.order_id.clone());
    match record_parked_return(cx, &Caller::worker(NAME, scope), parked).await {
        Ok(Unparked::Recorded | Unparked::Later) => {}
        Ok(Unparked::Refused) => {
            counter.add(1, &[]);
            tracing::warn!(%member_id, order_id, "a parked return is refused: its order does not allow for it");
        }
        Err(failure) => tracing::debug!(%member_id, order_id, ?failure, "a parked return is recorded later"),
    }
}
