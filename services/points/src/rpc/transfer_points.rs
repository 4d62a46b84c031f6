//! `TransferPoints`: the one change that concerns two members.

use common::{auth::Caller, parse::id, refusal::Violations};
use proto::points as pb;
use tonic::{Request, Response};

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
    let (key, command) = Change::read(request.into_inner())?.keyed(scope);
    let Command::TransferPoints(command) = command else {
        unreachable!("the request asks for nothing else")
    };
    Ok(Response::new(ops::transfer(cx, scope, key, command).await?))
}
