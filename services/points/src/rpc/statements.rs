//! `StatementService`.

use std::sync::Arc;

use common::{feed::Hub, parse::parse};
use proto::points::{self as pb, statement_service_server::StatementService};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{
    Reply, batch_get_balances::batch_get_balances, scheduled_changes::list_scheduled_changes,
    watch_account::watch_account,
};
use crate::context::Context;

/// The RPCs on what members are shown.
pub struct Statements {
    cx: Context,
    hub: Arc<Hub>,
}

impl Statements {
    /// Prepares to serve.
    pub fn new(cx: &Context, hub: &Arc<Hub>) -> Statements {
        Statements {
            cx: cx.clone(),
            hub: hub.clone(),
        }
    }
}

#[tonic::async_trait]
impl StatementService for Statements {
    type WatchAccountStream = ReceiverStream<Result<pb::WatchAccountResponse, Status>>;

    async fn batch_get_balances(
        &self,
        request: Request<pb::BatchGetBalancesRequest>,
    ) -> Reply<pb::BatchGetBalancesResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(batch_get_balances(&self.cx, &caller, asked).await?))
    }

    async fn list_scheduled_changes(
        &self,
        request: Request<pb::ListScheduledChangesRequest>,
    ) -> Reply<pb::ListScheduledChangesResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(list_scheduled_changes(&self.cx, &caller, asked).await?))
    }

    async fn watch_account(&self, request: Request<pb::WatchAccountRequest>) -> Reply<Self::WatchAccountStream> {
        let (caller, asked) = parse(request)?;
        let telling = watch_account(&self.cx, &self.hub, &caller, asked).await?;
        Ok(Response::new(ReceiverStream::new(telling)))
    }
}
