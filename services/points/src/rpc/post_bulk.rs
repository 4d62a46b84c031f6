//! `PostBulk`: many commands through one stream. They queue like single calls and are written together with them; what a stream has under way at once is
//! bounded by the messages that are answered in order.

use common::{
    auth::ProgramScope,
    refusal::{Fault, Refusal, Violations},
    writer::Queued,
};
use futures::{Stream, StreamExt as _};
use proto::points::{self as pb, bulk_command::Command, bulk_result};
use tonic::{Status, Streaming};

use super::change::{Asks, Change};
use crate::{context::Context, error::Error, ops::made_by};

/// How many commands a message may have.
const MOST: usize = 1_000;
/// How many messages of a stream are under way at once.
const MESSAGES: usize = 4;

/// Posts what a stream brings, and answers message by message. All commands are queued one after another, so that those of one member keep their order;
/// only then are their answers waited for.
pub fn post_bulk(
    cx: &Context,
    scope: ProgramScope,
    messages: Streaming<pb::PostBulkRequest>,
) -> impl Stream<Item = Result<pb::PostBulkResponse, Status>> + use<> {
    let cx = cx.clone();
    messages
        .then(move |message| queue(cx.clone(), scope, message))
        .map(answer)
        .buffered(MESSAGES)
}

/// A command that is queued: by which number its method is remembered, and its answer to come; or why it is not.
type Asked = Result<(i16, Queued<Error>), Status>;

async fn queue(
    cx: Context,
    scope: ProgramScope,
    message: Result<pb::PostBulkRequest, Status>,
) -> Result<Vec<Asked>, Status> {
    let commands = message?.commands;
    let mut violations = Violations::default();
    violations.check(
        (1..=MOST).contains(&commands.len()),
        "commands",
        format_args!("must be 1 to {MOST}"),
    );
    violations.finish(Some(()))?;
    let mut asked = Vec::with_capacity(commands.len());
    for command in commands {
        asked.push(queue_one(&cx, scope, command).await);
    }
    Ok(asked)
}

async fn queue_one(cx: &Context, scope: ProgramScope, command: pb::BulkCommand) -> Asked {
    match command.command {
        Some(Command::Earn(request)) => ask(cx, scope, request).await,
        Some(Command::Spend(request)) => ask(cx, scope, request).await,
        Some(Command::Hold(request)) => ask(cx, scope, request).await,
        Some(Command::Capture(request)) => ask(cx, scope, request).await,
        Some(Command::Release(request)) => ask(cx, scope, request).await,
        Some(Command::Reverse(request)) => ask(cx, scope, request).await,
        Some(Command::Restore(request)) => ask(cx, scope, request).await,
        Some(Command::Batch(request)) => ask(cx, scope, request).await,
        None => {
            let mut violations = Violations::default();
            violations.add("command", "is missing");
            Err(violations.into())
        }
    }
}

async fn ask<W: Asks>(cx: &Context, scope: ProgramScope, request: W) -> Asked {
    let (key, command) = Change::read(request)?.keyed(scope);
    Ok((W::METHOD, cx.writer.enqueue(key, command).await))
}

async fn answer(asked: Result<Vec<Asked>, Status>) -> Result<pb::PostBulkResponse, Status> {
    let mut results = Vec::new();
    for asked in asked? {
        let result = match done(asked).await {
            Ok(done) => bulk_result::Result::Done(done),
            Err(status) => bulk_result::Result::Refusal(refusal(&status)),
        };
        results.push(pb::BulkResult { result: Some(result) });
    }
    Ok(pb::PostBulkResponse { results })
}

async fn done(asked: Asked) -> Result<pb::BulkDone, Status> {
    let (method, queued) = asked?;
    let made = made_by(method, &queued.answer().await?.bytes).map_err(Fault::internal)?;
    Ok(pb::BulkDone {
        entry_ids: made.entry_ids,
        balance_token: made.balance_token,
    })
}

/// Tells of a refusal as a result.
pub(super) fn refusal(status: &Status) -> pb::BulkRefusal {
    let told = Refusal::told_by(status);
    pb::BulkRefusal {
        code: status.code().into(),
        reason: told.reason,
        message: status.message().to_owned(),
        metadata: told.metadata,
        violations: told.violations,
    }
}
