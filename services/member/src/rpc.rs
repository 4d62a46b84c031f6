//! The contracts, as spoken: parse, do, answer.
//!
//! Everything that can be wrong with a request by itself is found here; everything it takes state to know is decided in `ops`.

mod contacts;
mod enroll_member;
mod get_member;
mod lookup_member;
mod member_life;
mod members;
mod own_reason;
mod person;
mod programs;
mod status;
mod update_member;

use common::{
    auth::Caller,
    ids::MemberId,
    parse::{self, parse},
    refusal::{Fault, Violations},
    time::to_micros,
    writer::{Answer, Key},
};
use jiff::Timestamp;
use prost::{Message, Name};
use proto::Validate;
use tonic::{Request, Response, Status};

use crate::{context::Context, error::Error, ops::Command, store::read_heads, workers::tell_birthdays};

pub use members::Members;
pub use programs::Programs;

/// What an RPC answers.
type Reply<T> = Result<Response<T>, Status>;

/// A request that changes something, as it was read: what its key is made of, and the command, unless it is refused for a reason of its own.
struct Change<W> {
    /// Nil for what concerns the whole program.
    member_id: MemberId,
    method: i16,
    request_id: String,
    awaited: Option<Awaited>,
    wire: W,
    command: Result<Command, Error>,
}

/// What a caller wants to wait for.
#[derive(Clone, Copy)]
enum Awaited {
    /// That every service knows.
    Change,
    /// That everything due by a clock has happened.
    Clock,
}

impl<W: Message + Name + Validate> Change<W>
where
    Change<W>: TryFrom<W, Error = Violations>,
{
    /// Reads a request, makes the change and waits for what it brings about, if the caller wants to.
    async fn make<A: Message + Default>(cx: &Context, request: Request<W>) -> Reply<A> {
        let (caller, change): (Caller, Change<W>) = parse(request)?;
        let key = Key::of_member(
            caller.program(),
            change.member_id,
            change.method,
            &change.request_id,
            &change.wire,
        );
        let answer = cx.writer.call(key, change.command?).await?;
        match change.awaited {
            Some(Awaited::Change) => cx.consequences.of_change(&answer).await,
            Some(Awaited::Clock) => {
                tell_birthdays(cx, caller.program().id()).await;
                let told = found(read_heads(&cx.db).await)?;
                cx.consequences.of_clock(&answer, &told).await;
            }
            None => {}
        }
        reply(&answer)
    }
}

/// Gives the answer that was recorded.
fn reply<A: Message + Default>(answer: &Answer) -> Reply<A> {
    Ok(Response::new(answer.decode()?))
}

/// Gives what a read found: what keeps the database from telling is our trouble.
fn found<T>(read: Result<T, impl Into<Fault>>) -> Result<T, Status> {
    Ok(read.map_err(Into::into)?)
}

/// Reads a time that may be left out. The outer option is empty when it is there but wrong.
fn optional_time(
    violations: &mut Violations,
    field: &str,
    time: Option<&prost_types::Timestamp>,
) -> Option<Option<Timestamp>> {
    match time {
        None => Some(None),
        Some(_) => parse::business_time(violations, field, time).map(|at| Some(to_micros(at))),
    }
}
