//! Decides what an activity would earn now, and keeps nothing of it.

use std::sync::Arc;

use common::{auth::Caller, ids::ActivityId, program::Program, writer::WriteError};
use proto::campaign as pb;

use super::{AskedActivity, Failure, judge::Case};
use crate::{
    context::Context,
    store::{FoundCase, MemberKey, OrderKey, WantedCase, WantedOrder, decision_to_wire, remembered_case},
};

/// Decides what an activity would earn, by the same function that records one.
pub async fn preview_activity(cx: &Context, caller: &Caller, asked: AskedActivity) -> Result<pb::Decision, Failure> {
    let found = Found::for_activity(cx, caller, &asked).await?;
    let judged = found.judged_by(|case| asked.judge(case, ActivityId::nil()))?;
    Ok(decision_to_wire(&judged.decision))
}

/// What an activity is judged from, as it was found.
pub(super) struct Found {
    program: Arc<Program>,
    case: FoundCase,
}

impl Found {
    /// Finds it.
    pub async fn for_activity(cx: &Context, caller: &Caller, asked: &AskedActivity) -> Result<Found, Failure> {
        let scope = caller.program();
        let not_found = || WriteError::ProgramNotFound(scope.id());
        let mut program = cx.programs.find(scope).await?.ok_or_else(not_found)?;
        let member = MemberKey {
            program_id: scope.id(),
            member_id: asked.member_id,
        };
        let order = asked.order().map(|(order_id, whole)| WantedOrder {
            key: OrderKey {
                member,
                order_id: order_id.to_owned(),
            },
            whole,
        });
        let wanted = |program: &Arc<Program>| WantedCase {
            program: program.clone(),
            member,
            order: order.clone(),
            at: asked.occurred_at,
        };
        let first = wanted(&program);
        if let Some(case) = remembered_case(&cx.rules, &cx.nearby, &first) {
            return Ok(Found { program, case });
        }
        let mut case = cx.cases.ask(first).await?;
        if let (Some(known), true) = (&case.order, order.as_ref().is_some_and(|order| order.whole)) {
            if known.order.is_none() {
                // It was bought under rules that are newer than what is believed of the program here.
                program = cx.programs.read(scope).await?.ok_or_else(not_found)?;
                case = cx.cases.ask(wanted(&program)).await?;
            }
            if let Some(known) = &case.order {
                known.looked_into()?;
            }
        }
        Ok(Found { program, case })
    }

    /// Has it judged.
    pub fn judged_by<T>(&self, judge: impl FnOnce(&Case<'_>) -> T) -> T {
        let found = &self.case;
        judge(&Case {
            program: &self.program,
            now: self.program.now_for_reading(),
            member: found.member.as_deref(),
            order: found.order.as_ref(),
            rules: &found.rules,
            money: &|budget, starts_on| found.money.get(&(budget.to_owned(), starts_on)).copied().unwrap_or(0),
            is_all: &|_, _| true,
        })
    }
}
