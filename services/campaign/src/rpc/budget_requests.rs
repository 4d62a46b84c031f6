//! Requests about budgets, read.

use common::{ids::ReleaseId, parse, refusal::Violations};
use proto::campaign as pb;

use super::rule_requests::{instant, rule};
use crate::{
    ops::{ApproveReserveRelease, ProposeReserveRelease, PublishBudget},
    store::budget_from_wire,
};

/// A list of the program's budgets.
pub struct ListedBudgets;

impl TryFrom<pb::PublishBudgetRequest> for PublishBudget {
    type Error = Violations;

    fn try_from(request: pb::PublishBudgetRequest) -> Result<PublishBudget, Violations> {
        let mut violations = Violations::default();
        let budget = rule(&mut violations, "budget", request.budget.as_ref(), budget_from_wire);
        violations.finish(budget.map(|budget| PublishBudget { request, budget }))
    }
}

impl TryFrom<pb::ProposeReserveReleaseRequest> for ProposeReserveRelease {
    type Error = Violations;

    fn try_from(request: pb::ProposeReserveReleaseRequest) -> Result<ProposeReserveRelease, Violations> {
        let mut violations = Violations::default();
        let at = instant(&mut violations, "at", request.at.as_ref());
        violations.finish(at.map(|at| ProposeReserveRelease {
            request,
            at,
            operator: String::new(),
        }))
    }
}

impl TryFrom<pb::ApproveReserveReleaseRequest> for ApproveReserveRelease {
    type Error = Violations;

    fn try_from(request: pb::ApproveReserveReleaseRequest) -> Result<ApproveReserveRelease, Violations> {
        let mut violations = Violations::default();
        let release_id: Option<ReleaseId> = parse::id(&mut violations, "release_id", &request.release_id);
        violations.finish(release_id.map(|release_id| ApproveReserveRelease {
            request,
            release_id,
            operator: String::new(),
        }))
    }
}

impl TryFrom<pb::ListBudgetsRequest> for ListedBudgets {
    type Error = Violations;

    fn try_from(_: pb::ListBudgetsRequest) -> Result<ListedBudgets, Violations> {
        Ok(ListedBudgets)
    }
}
