//! `PointsService`.

use common::{auth::Caller, parse::parse};
use futures::{StreamExt as _, stream::BoxStream};
use proto::points::{self as pb, points_service_server::PointsService};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::{
    Reply, change::change, check_ledger::check_ledger, get_balance::get_balance, lots, pool_points::pool_points,
    post_bulk::post_bulk, reads, rebuild_mirror::rebuild_mirror, transfer_points::transfer_points,
};
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
    type CheckLedgerStream = ReceiverStream<Result<pb::CheckLedgerResponse, Status>>;
    type RebuildMirrorStream = ReceiverStream<Result<pb::RebuildMirrorResponse, Status>>;
    type PostBulkStream = BoxStream<'static, Result<pb::PostBulkResponse, Status>>;

    async fn earn_points(&self, request: Request<pb::EarnPointsRequest>) -> Reply<pb::EarnPointsResponse> {
        change(&self.cx, request).await
    }

    async fn spend_points(&self, request: Request<pb::SpendPointsRequest>) -> Reply<pb::SpendPointsResponse> {
        change(&self.cx, request).await
    }

    async fn hold_points(&self, request: Request<pb::HoldPointsRequest>) -> Reply<pb::HoldPointsResponse> {
        change(&self.cx, request).await
    }

    async fn capture_hold(&self, request: Request<pb::CaptureHoldRequest>) -> Reply<pb::CaptureHoldResponse> {
        change(&self.cx, request).await
    }

    async fn release_hold(&self, request: Request<pb::ReleaseHoldRequest>) -> Reply<pb::ReleaseHoldResponse> {
        change(&self.cx, request).await
    }

    async fn reverse_entry(&self, request: Request<pb::ReverseEntryRequest>) -> Reply<pb::ReverseEntryResponse> {
        change(&self.cx, request).await
    }

    async fn restore_spend(&self, request: Request<pb::RestoreSpendRequest>) -> Reply<pb::RestoreSpendResponse> {
        change(&self.cx, request).await
    }

    async fn activate_points(&self, request: Request<pb::ActivatePointsRequest>) -> Reply<pb::ActivatePointsResponse> {
        change(&self.cx, request).await
    }

    async fn extend_points(&self, request: Request<pb::ExtendPointsRequest>) -> Reply<pb::ExtendPointsResponse> {
        change(&self.cx, request).await
    }

    async fn extend_hold(&self, request: Request<pb::ExtendHoldRequest>) -> Reply<pb::ExtendHoldResponse> {
        change(&self.cx, request).await
    }

    async fn write_off_debt(&self, request: Request<pb::WriteOffDebtRequest>) -> Reply<pb::WriteOffDebtResponse> {
        change(&self.cx, request).await
    }

    async fn transfer_points(&self, request: Request<pb::TransferPointsRequest>) -> Reply<pb::TransferPointsResponse> {
        transfer_points(&self.cx, request).await
    }

    async fn pool_points(&self, request: Request<pb::PoolPointsRequest>) -> Reply<pb::PoolPointsResponse> {
        pool_points(&self.cx, request).await
    }

    async fn post_batch(&self, request: Request<pb::PostBatchRequest>) -> Reply<pb::PostBatchResponse> {
        change(&self.cx, request).await
    }

    async fn post_bulk(&self, request: Request<Streaming<pb::PostBulkRequest>>) -> Reply<Self::PostBulkStream> {
        let scope = Caller::of(&request)?.program();
        Ok(Response::new(post_bulk(&self.cx, scope, request.into_inner()).boxed()))
    }

    async fn check_ledger(&self, request: Request<pb::CheckLedgerRequest>) -> Reply<Self::CheckLedgerStream> {
        let (caller, asked) = parse(request)?;
        let telling = check_ledger(&self.cx, &caller, asked).await?;
        Ok(Response::new(ReceiverStream::new(telling)))
    }

    async fn rebuild_mirror(&self, request: Request<pb::RebuildMirrorRequest>) -> Reply<Self::RebuildMirrorStream> {
        let (caller, asked) = parse(request)?;
        let telling = rebuild_mirror(&self.cx, &caller, asked).await?;
        Ok(Response::new(ReceiverStream::new(telling)))
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
