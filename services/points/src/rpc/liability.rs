//! `LiabilityService`.

use common::parse::parse;
use proto::points::{self as pb, liability_service_server::LiabilityService};
use tonic::{Request, Response};

use super::{Reply, funded_points::list_funded_points, get_liability::get_liability, roll_forward::list_roll_forward};
use crate::context::Context;

/// The RPCs on money's view of the ledger.
pub struct Liabilities {
    cx: Context,
}

impl Liabilities {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Liabilities {
        Liabilities { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl LiabilityService for Liabilities {
    async fn get_liability(&self, request: Request<pb::GetLiabilityRequest>) -> Reply<pb::GetLiabilityResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(get_liability(&self.cx, &caller, asked).await?))
    }

    async fn list_roll_forward(
        &self,
        request: Request<pb::ListRollForwardRequest>,
    ) -> Reply<pb::ListRollForwardResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(list_roll_forward(&self.cx, &caller, asked).await?))
    }

    async fn list_funded_points(
        &self,
        request: Request<pb::ListFundedPointsRequest>,
    ) -> Reply<pb::ListFundedPointsResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(list_funded_points(&self.cx, &caller, asked).await?))
    }
}
