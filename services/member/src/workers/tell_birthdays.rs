//! Tells whose birthday is near.
//!
//! Every replica does it, whichever comes first: what is told is not due any more, with the same commit.

use std::time::Duration;

use common::{ids::ProgramId, refusal::Fault, writer::Key};
use futures::{StreamExt as _, stream::FuturesUnordered};
use tonic::Status;

use crate::{
    context::Context,
    ops::{Command, TellBirthdays},
    store::{list_due_birthdays, programs_with_due_birthdays},
};

/// How often the worker looks for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// How many members are told of at once.
const AT_ONCE: i64 = 500;
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_millis(200);

/// Tells birthdays as time goes by, for as long as the process lives.
pub async fn run(cx: Context) {
    loop {
        tokio::time::sleep(EVERY).await;
        match programs_with_due_birthdays(&cx.db).await {
            Ok(programs) => {
                for program_id in programs {
                    tell_birthdays(&cx, program_id).await;
                }
            }
            Err(error) => tracing::debug!(%error, "whose birthday is near cannot be read"),
        }
    }
}

/// Tells every birthday of a program that is near by its clock. Returns when there is none any more, however long that takes: who advanced a clock waits
/// for it.
pub async fn tell_birthdays(cx: &Context, program_id: ProgramId) {
    loop {
        match tell_some(cx, program_id).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%program_id, %error, "birthdays could not be told and will be again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Tells of as many members as one batch holds, and returns how many.
async fn tell_some(cx: &Context, program_id: ProgramId) -> Result<usize, Status> {
    let due = list_due_birthdays(&cx.db, program_id, AT_ONCE)
        .await
        .map_err(Fault::from)?;
    let tell = |member_id| {
        let key = Key::of_worker(program_id, member_id);
        cx.writer.call(key, Command::TellBirthdays(TellBirthdays))
    };
    let mut told: FuturesUnordered<_> = due.iter().copied().map(tell).collect();
    while let Some(outcome) = told.next().await {
        outcome?;
    }
    Ok(due.len())
}
