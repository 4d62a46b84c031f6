//! Settles what falls due: points become available, holds end, points lapse, and members are told of points that are going to.
//!
//! No answer depends on it, because every decision and every read applies what is due first. It makes the entries timely, and the feed. Only notices are told
//! by it alone.

use std::time::Duration;

use common::{
    ids::{MemberId, ProgramId},
    writer::Key,
};
use futures::future::join_all;

use super::plan_notices::plan_notices;
use crate::{context::Context, ops::Command, store};

/// How often what is due is looked for.
const EVERY: Duration = Duration::from_secs(1);
/// How long to wait when the database does not take it.
const PAUSE: Duration = Duration::from_millis(200);
/// How many members are settled at once.
const CHUNK: i64 = 500;

/// Settles what falls due in every program, for as long as the process lives.
pub async fn settle_forever(cx: Context) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        settle_due(&cx, None).await;
    }
}

/// Settles everything that is due in a program up to its clock.
pub async fn settle_program(cx: Context, program_id: ProgramId) {
    settle_due(&cx, Some(program_id)).await;
}

async fn settle_due(cx: &Context, program_id: Option<ProgramId>) {
    while !plan_notices(cx, program_id).await {
        tokio::time::sleep(PAUSE).await;
        if program_id.is_none() {
            break;
        }
    }
    loop {
        let due = match cx
            .db
            .run(move |pool| async move { store::find_due(&pool, program_id, CHUNK).await })
            .await
        {
            Ok(due) => due,
            Err(error) => {
                tracing::debug!(%error, "what is due cannot be read");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let settled = due
            .members
            .into_iter()
            .map(|(program_id, member_id)| settle_member(cx, program_id, member_id));
        let settled = join_all(settled).await;
        if settled.iter().any(|settled| !settled) {
            tokio::time::sleep(PAUSE).await;
        } else if due.all {
            return;
        }
    }
}

async fn settle_member(cx: &Context, program_id: ProgramId, member_id: MemberId) -> bool {
    let settled = cx
        .writer
        .call(Key::of_worker(program_id, member_id), Command::Settle)
        .await;
    if let Err(error) = &settled {
        tracing::debug!(?error, "what is due could not be settled and is tried again");
    }
    settled.is_ok()
}
