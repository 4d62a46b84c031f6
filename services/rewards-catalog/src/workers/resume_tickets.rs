//! Resumes the payment of tickets that were left alone, as redemptions are resumed: their process died, or the points service could not be reached.
//!
//! Whatever was done is done again with the same keys and gets the same answers, so it does no harm when the one who began
//! is merely slow, or when several replicas resume the same ticket.

use std::{collections::HashMap, time::Duration};

use common::{auth::Caller, ids::ProgramId, program::Program, refusal::Fault, server::Deadline, writer::WriteError};
use futures::{StreamExt as _, stream};

use crate::{NAME, context::Context, domain::Ticket, error::Failure, ops, store};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);
/// For how many seconds a payment is left to the one who began it.
const LEFT_ALONE_SECONDS: i32 = 5;
/// How many are resumed in one round, and how many at once.
const ROUND: i64 = 256;
const AT_ONCE: usize = 16;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts to resume payments, for as long as the process lives.
pub fn start(cx: &Context) {
    let cx = cx.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = resume(&cx).await {
                tracing::warn!(%error, "tickets that were left alone cannot be listed");
            }
        }
    });
}

async fn resume(cx: &Context) -> Result<(), sqlx::Error> {
    let left_alone = store::ticket::list_left_alone(&cx.db, LEFT_ALONE_SECONDS, ROUND).await?;
    if left_alone.is_empty() {
        return Ok(());
    }
    let programs: HashMap<ProgramId, Program> = cx
        .programs
        .all()
        .await?
        .into_iter()
        .map(|program| (program.program_id, program))
        .collect();
    let work = left_alone
        .into_iter()
        .filter_map(|(program_id, ticket)| Some((programs.get(&program_id)?, ticket)));
    stream::iter(work)
        .for_each_concurrent(AT_ONCE, |(program, ticket)| resume_one(cx, program, ticket))
        .await;
    Ok(())
}

async fn resume_one(cx: &Context, program: &Program, ticket: Ticket) {
    let caller = Caller::worker(NAME, program.scope_of_worker()).within(Deadline::after(PATIENCE));
    let Err(failure) = ops::bring_ticket_to_rest(cx, &caller, ticket.clone()).await else {
        return;
    };
    tell(&ticket, &failure);
    // Only what has not set points aside can be given up; the decision looks at what is stored.
    if let Err(failure) = ops::give_ticket_up(cx, &caller, &ticket).await {
        tell(&ticket, &failure);
    }
}

/// An outage is told by those who see it; here it would be told once for every ticket and round.
fn tell(ticket: &Ticket, failure: &Failure) {
    let ticket_id = ticket.ticket_id;
    match failure {
        Failure::Fault(Fault::Unavailable(_)) | Failure::Write(WriteError::Unavailable | WriteError::Overloaded) => {
            tracing::debug!(%ticket_id, ?failure, "a ticket has to wait");
        }
        _ => tracing::error!(%ticket_id, ?failure, "a ticket cannot go on"),
    }
}
