//! From a request that changes something to its answer: the same way for all of them.

use common::{
    auth::{Caller, ProgramScope},
    ids::MemberId,
    parse,
    refusal::Violations,
    writer::Key,
};
use prost::{Message, Name};
use proto::{Validate, points as pb};
use tonic::{Request, Response};

use super::Reply;
use crate::{context::Context, ops::Command};

/// A request with a key of its caller's.
pub trait Keyed {
    /// Returns the caller's key for it.
    fn request_id(&self) -> &str;

    /// Returns whom it concerns; nothing when the whole program.
    fn member_id(&self) -> Option<&str>;
}

macro_rules! of_a_member {
    ($($request:ty),+ $(,)?) => {
        $(impl Keyed for $request {
            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn member_id(&self) -> Option<&str> {
                Some(&self.member_id)
            }
        })+
    };
}

of_a_member!(
    pb::EarnPointsRequest,
    pb::SpendPointsRequest,
    pb::HoldPointsRequest,
    pb::CaptureHoldRequest,
    pb::ReleaseHoldRequest,
    pb::ReverseEntryRequest,
    pb::RestoreSpendRequest,
    pb::PostBatchRequest,
    pb::ActivatePointsRequest,
    pb::ExtendPointsRequest,
    pb::ExtendHoldRequest,
    pb::WriteOffDebtRequest,
    pb::TransferPointsRequest,
    pb::ProposeAdjustmentRequest,
    pb::ApproveAdjustmentRequest,
    pb::RejectAdjustmentRequest,
    pb::TopUpRequest,
    pb::SpendStoredValueRequest,
    pb::HoldStoredValueRequest,
    pb::CaptureStoredValueRequest,
    pb::ReleaseStoredValueRequest,
    pb::RefundStoredValueRequest,
    pb::CashOutRequest,
);

impl Keyed for pb::PublishWalletRequest {
    fn request_id(&self) -> &str {
        &self.request_id
    }

    fn member_id(&self) -> Option<&str> {
        None
    }
}

/// A request that changes something.
pub trait Asks: Keyed + Message + Name + Validate {
    /// What it is answered with.
    type Answer: Message + Default;

    /// By which number it is remembered.
    const METHOD: i16;

    /// Reads what is to be done, or notes all that is wrong.
    fn command(&self, violations: &mut Violations) -> Option<Command>;
}

/// A request that changes something, as it was read: the command, and what its key is made of.
pub struct Change<W> {
    member_id: MemberId,
    command: Command,
    wire: W,
}

impl<W: Asks> Change<W> {
    /// Reads a request, or tells all that is wrong with it.
    pub fn read(wire: W) -> Result<Change<W>, Violations> {
        parse::read(wire, |wire| {
            let mut violations = Violations::default();
            let command = wire.command(&mut violations);
            let member_id = match wire.member_id() {
                Some(member_id) => parse::id(&mut violations, "member_id", member_id),
                None => Some(MemberId::nil()),
            };
            let read = member_id.zip(command);
            violations.finish(read.map(|(member_id, command)| Change {
                member_id,
                command,
                wire,
            }))
        })
    }

    /// Parts the key by which the request is remembered from what it asks for.
    pub fn keyed(self, scope: ProgramScope) -> (Key, Command) {
        let key = Key::of_member(scope, self.member_id, W::METHOD, self.wire.request_id(), &self.wire);
        (key, self.command)
    }
}

/// Reads a request, has it decided, and answers when that is durable.
pub async fn change<W: Asks>(cx: &Context, request: Request<W>) -> Reply<W::Answer> {
    let caller = Caller::of(&request)?;
    let (key, command) = Change::read(request.into_inner())?.keyed(caller.program());
    Ok(Response::new(cx.writer.call(key, command).await?.decode()?))
}
