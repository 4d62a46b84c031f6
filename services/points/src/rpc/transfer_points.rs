//! `TransferPoints`: the one change that concerns two members.

use common::{
    auth::{Caller, ProgramScope},
    parse::id,
    refusal::Violations,
};
use proto::points as pb;
use tonic::{Request, Response, Status};

use super::{
    Reply,
    change::{Asks, Change},
    fields::{some_or_all, wallet},
};
use crate::{
    context::Context,
    ops::{self, Command, TransferPoints},
};

impl Asks for pb::TransferPointsRequest {
    type Answer = pb::TransferPointsResponse;

    const METHOD: i16 = ops::method::TRANSFER_POINTS;

    fn command(&self, violations: &mut Violations) -> Option<Command> {
        let wallet = wallet(violations, "wallet", &self.wallet);
        let to = id(violations, "to_member_id", &self.to_member_id);
        let points = some_or_all(violations, "points", self.points);
        violations.check(
            self.member_id != self.to_member_id,
            "to_member_id",
            "is the member whose points they are",
        );
        Some(Command::TransferPoints(TransferPoints {
            wallet: wallet?,
            to: to?,
            points: points?,
            reference: self.reference.clone(),
        }))
    }
}

/// Gives points of a member to another, and answers when they have arrived.
pub async fn transfer_points(
    cx: &Context,
    request: Request<pb::TransferPointsRequest>,
) -> Reply<pb::TransferPointsResponse> {
    let scope = Caller::of(&request)?.program();
    let asked = Change::read(request.into_inner())?;
    Ok(Response::new(transfer_one(cx, scope, asked).await?))
}

/// Does what a request asks for that was read.
pub(super) async fn transfer_one(
    cx: &Context,
    scope: ProgramScope,
    asked: Change<pb::TransferPointsRequest>,
) -> Result<pb::TransferPointsResponse, Status> {
    let (key, command) = asked.keyed(scope);
    let Command::TransferPoints(command) = command else {
        unreachable!("the request asks for nothing else")
    };
    ops::transfer(cx, scope, key, command).await
}
