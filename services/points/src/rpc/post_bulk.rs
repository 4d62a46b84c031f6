//! `PostBulk`: many commands through one stream. They queue like single calls and are written together with them; what a stream has under way at once is
//! bounded by the messages that are answered in order.

use common::{
    auth::ProgramScope,
    refusal::{Fault, Refusal, Violations},
};
use futures::{Stream, StreamExt as _, future::join_all};
use proto::points::{self as pb, bulk_command::Command, bulk_result};
use tonic::{Status, Streaming};

use super::change::{Asks, Change};
use crate::{context::Context, ops::made_by};

/// How many commands a message may have.
const MOST: usize = 1_000;
/// How many messages of a stream are under way at once.
const MESSAGES: usize = 4;

/// Posts what a stream brings, and answers message by message.
pub fn post_bulk(
    cx: &Context,
    scope: ProgramScope,
    messages: Streaming<pb::PostBulkRequest>,
) -> impl Stream<Item = Result<pb::PostBulkResponse, Status>> + use<> {
    let cx = cx.clone();
    messages
        .map(move |message| post(cx.clone(), scope, message))
        .buffered(MESSAGES)
}

async fn post(
    cx: Context,
    scope: ProgramScope,
    message: Result<pb::PostBulkRequest, Status>,
) -> Result<pb::PostBulkResponse, Status> {
    let commands = message?.commands;
    let mut violations = Violations::default();
    violations.check(
        (1..=MOST).contains(&commands.len()),
        "commands",
        format_args!("must be 1 to {MOST}"),
    );
    violations.finish(Some(()))?;
    let results = join_all(commands.into_iter().map(|command| post_one(&cx, scope, command))).await;
    Ok(pb::PostBulkResponse { results })
}

async fn post_one(cx: &Context, scope: ProgramScope, command: pb::BulkCommand) -> pb::BulkResult {
    let done = match command.command {
        Some(Command::Earn(request)) => call(cx, scope, request).await,
        Some(Command::Spend(request)) => call(cx, scope, request).await,
        Some(Command::Hold(request)) => call(cx, scope, request).await,
        Some(Command::Capture(request)) => call(cx, scope, request).await,
        Some(Command::Release(request)) => call(cx, scope, request).await,
        Some(Command::Reverse(request)) => call(cx, scope, request).await,
        Some(Command::Restore(request)) => call(cx, scope, request).await,
        Some(Command::Batch(request)) => call(cx, scope, request).await,
        None => {
            let mut violations = Violations::default();
            violations.add("command", "is missing");
            Err(violations.into())
        }
    };
    let result = match done {
        Ok(done) => bulk_result::Result::Done(done),
        Err(status) => bulk_result::Result::Refusal(refusal(&status)),
    };
    pb::BulkResult { result: Some(result) }
}

async fn call<W: Asks>(cx: &Context, scope: ProgramScope, request: W) -> Result<pb::BulkDone, Status> {
    let (key, command) = Change::read(request)?.keyed(scope);
    let answer = cx.writer.call_in_turn(key, command).await?;
    let made = made_by(W::METHOD, &answer.bytes).map_err(Fault::internal)?;
    Ok(pb::BulkDone {
        entry_ids: made.entry_ids,
        balance_token: made.balance_token,
    })
}

fn refusal(status: &Status) -> pb::BulkRefusal {
    let told = Refusal::told_by(status);
    pb::BulkRefusal {
        code: status.code().into(),
        reason: told.reason,
        message: status.message().to_owned(),
        metadata: told.metadata,
        violations: told.violations,
    }
}
