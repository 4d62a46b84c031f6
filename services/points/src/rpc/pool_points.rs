//! `PoolPoints`: many transfers to one member, each by itself.

use std::collections::BTreeSet;

use common::{
    auth::{Caller, ProgramScope},
    ids::MemberId,
    parse::{id, parse},
    refusal::{Fault, Violations},
};
use futures::{StreamExt as _, stream};
use proto::points::{self as pb, pool_result};
use tonic::{Request, Response, Status};

use super::{
    Reply,
    change::Change,
    fields::{points, wallet},
    post_bulk::refusal,
    transfer_points::transfer_one,
};
use crate::{context::Context, error::Error, store};

/// How many transfers are under way at once.
const AT_ONCE: usize = 16;

/// Asks to gather points.
struct PoolPoints {
    to: MemberId,
    transfers: Vec<pb::TransferPointsRequest>,
}

impl TryFrom<pb::PoolPointsRequest> for PoolPoints {
    type Error = Violations;

    fn try_from(wire: pb::PoolPointsRequest) -> Result<PoolPoints, Violations> {
        let mut violations = Violations::default();
        let to = id(&mut violations, "member_id", &wire.member_id);
        wallet(&mut violations, "wallet", &wire.wallet);
        let mut givers = BTreeSet::new();
        let mut transfers = Vec::with_capacity(wire.shares.len());
        for (number, share) in wire.shares.iter().enumerate() {
            let field = format!("shares[{number}].member_id");
            let giver: Option<MemberId> = id(&mut violations, &field, &share.member_id);
            violations.check(giver.is_none() || giver != to, &field, "is the member who gets them");
            violations.check(giver.is_none_or(|giver| givers.insert(giver)), &field, "is there twice");
            points(&mut violations, &format!("shares[{number}].points"), share.points);
            transfers.push(pb::TransferPointsRequest {
                request_id: wire.request_id.clone(),
                member_id: share.member_id.clone(),
                wallet: wire.wallet.clone(),
                to_member_id: wire.member_id.clone(),
                points: share.points,
                reference: wire.reference.clone(),
            });
        }
        violations.finish(to.map(|to| PoolPoints { to, transfers }))
    }
}

/// Gathers points, and answers when each transfer has arrived or is refused.
pub async fn pool_points(cx: &Context, request: Request<pb::PoolPointsRequest>) -> Reply<pb::PoolPointsResponse> {
    let (caller, PoolPoints { to, transfers }): (Caller, PoolPoints) = parse(request)?;
    let scope = caller.program();
    let known = cx
        .db
        .run(move |pool| async move { store::find_member(&pool, scope, to).await });
    if !known.await.map_err(Fault::from)? {
        return Err(Error::AccountNotFound { member_id: to }.into());
    }
    let transfers = stream::iter(transfers).map(|transfer| give(cx, scope, transfer));
    let given: Vec<_> = transfers.buffered(AT_ONCE).collect().await;
    let arrived = given
        .iter()
        .filter_map(|given| given.as_ref().ok()?.received_entry.as_ref());
    let points = arrived.map(|entry| entry.points).sum();
    let results = given.into_iter().map(|given| pb::PoolResult {
        result: Some(match given {
            Ok(done) => pool_result::Result::Done(done),
            Err(status) => pool_result::Result::Refusal(refusal(&status)),
        }),
    });
    Ok(Response::new(pb::PoolPointsResponse {
        results: results.collect(),
        points,
    }))
}

async fn give(
    cx: &Context,
    scope: ProgramScope,
    transfer: pb::TransferPointsRequest,
) -> Result<pb::TransferPointsResponse, Status> {
    transfer_one(cx, scope, Change::read(transfer)?).await
}
