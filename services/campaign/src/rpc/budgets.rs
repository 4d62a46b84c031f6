//! `BudgetService`.

use common::parse::parse;
use proto::campaign::{self as pb, budget_service_server::BudgetService};
use tonic::{Request, Response};

use super::{Reply, budget_requests::ListedBudgets};
use crate::{
    context::Context,
    ops::{self, ApproveReserveRelease, Command, ProposeReserveRelease, PublishBudget},
};

/// The RPCs about budgets.
pub struct Budgets {
    cx: Context,
}

impl Budgets {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Budgets {
        Budgets { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl BudgetService for Budgets {
    async fn publish_budget(&self, request: Request<pb::PublishBudgetRequest>) -> Reply<pb::PublishBudgetResponse> {
        let (caller, command) = parse::<_, PublishBudget>(request)?;
        Ok(Response::new(ops::publish_budget(&self.cx, &caller, command).await?))
    }

    async fn propose_reserve_release(
        &self,
        request: Request<pb::ProposeReserveReleaseRequest>,
    ) -> Reply<pb::ProposeReserveReleaseResponse> {
        let (caller, mut command) = parse::<_, ProposeReserveRelease>(request)?;
        command.operator = caller.actor().subject().to_owned();
        let key = command.key(&caller);
        let command = Command::ProposeReserveRelease(command.into());
        Ok(Response::new(self.cx.writer.call(key, command).await?.decode()?))
    }

    async fn approve_reserve_release(
        &self,
        request: Request<pb::ApproveReserveReleaseRequest>,
    ) -> Reply<pb::ApproveReserveReleaseResponse> {
        let (caller, mut command) = parse::<_, ApproveReserveRelease>(request)?;
        command.operator = caller.actor().subject().to_owned();
        let key = command.key(&caller);
        let command = Command::ApproveReserveRelease(command.into());
        let answer = self.cx.writer.call(key, command).await?;
        self.cx.exhausted.forget(caller.program().id());
        Ok(Response::new(answer.decode()?))
    }

    async fn list_budgets(&self, request: Request<pb::ListBudgetsRequest>) -> Reply<pb::ListBudgetsResponse> {
        let (caller, ListedBudgets) = parse(request)?;
        let budgets = ops::list_budgets(&self.cx, caller.program()).await?;
        Ok(Response::new(pb::ListBudgetsResponse { budgets }))
    }
}
