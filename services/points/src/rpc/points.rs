//! `PointsService`.

use common::parse::parse;
use proto::points::{self as pb, points_service_server::PointsService};
use tonic::{Request, Response};

use super::{Change, Reply, get_balance::get_balance, lots, reads};
use crate::context::Context;

/// The ledger's RPCs.
pub struct Points {
    cx: Context,
}

impl Points {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Points {
        Points { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl PointsService for Points {
    async fn earn_points(&self, request: Request<pb::EarnPointsRequest>) -> Reply<pb::EarnPointsResponse> {
        let (caller, change): (_, Change<pb::EarnPointsRequest>) = parse(request)?;
        let (key, command) = change.keyed(caller.program());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn spend_points(&self, request: Request<pb::SpendPointsRequest>) -> Reply<pb::SpendPointsResponse> {
        let (caller, change): (_, Change<pb::SpendPointsRequest>) = parse(request)?;
        let (key, command) = change.keyed(caller.program());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn hold_points(&self, request: Request<pb::HoldPointsRequest>) -> Reply<pb::HoldPointsResponse> {
        let (caller, change): (_, Change<pb::HoldPointsRequest>) = parse(request)?;
        let (key, command) = change.keyed(caller.program());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn capture_hold(&self, request: Request<pb::CaptureHoldRequest>) -> Reply<pb::CaptureHoldResponse> {
        let (caller, change): (_, Change<pb::CaptureHoldRequest>) = parse(request)?;
        let (key, command) = change.keyed(caller.program());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn release_hold(&self, request: Request<pb::ReleaseHoldRequest>) -> Reply<pb::ReleaseHoldResponse> {
        let (caller, change): (_, Change<pb::ReleaseHoldRequest>) = parse(request)?;
        let (key, command) = change.keyed(caller.program());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn reverse_entry(&self, request: Request<pb::ReverseEntryRequest>) -> Reply<pb::ReverseEntryResponse> {
        let (caller, change): (_, Change<pb::ReverseEntryRequest>) = parse(request)?;
        let (key, command) = change.keyed(caller.program());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn restore_spend(&self, request: Request<pb::RestoreSpendRequest>) -> Reply<pb::RestoreSpendResponse> {
        let (caller, change): (_, Change<pb::RestoreSpendRequest>) = parse(request)?;
        let (key, command) = change.keyed(caller.program());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn post_batch(&self, request: Request<pb::PostBatchRequest>) -> Reply<pb::PostBatchResponse> {
        let (caller, change): (_, Change<pb::PostBatchRequest>) = parse(request)?;
        let (key, command) = change.keyed(caller.program());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn get_balance(&self, request: Request<pb::GetBalanceRequest>) -> Reply<pb::GetBalanceResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(get_balance(&self.cx, &caller, asked).await?))
    }

    async fn list_entries(&self, request: Request<pb::ListEntriesRequest>) -> Reply<pb::ListEntriesResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(reads::list_entries(&self.cx, &caller, asked).await?))
    }

    async fn get_entry(&self, request: Request<pb::GetEntryRequest>) -> Reply<pb::GetEntryResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(reads::get_entry(&self.cx, &caller, asked).await?))
    }

    async fn explain_entry(&self, request: Request<pb::ExplainEntryRequest>) -> Reply<pb::ExplainEntryResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(lots::explain_entry(&self.cx, &caller, asked).await?))
    }

    async fn list_lots(&self, request: Request<pb::ListLotsRequest>) -> Reply<pb::ListLotsResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(lots::list_lots(&self.cx, &caller, asked).await?))
    }

    async fn reconcile_requests(
        &self,
        request: Request<pb::ReconcileRequestsRequest>,
    ) -> Reply<pb::ReconcileRequestsResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(
            reads::reconcile_requests(&self.cx, &caller, asked).await?,
        ))
    }
}
