//! Decides what an activity would earn now, and keeps nothing of it.

use common::{auth::Caller, ids::ActivityId, writer::WriteError};
use proto::campaign as pb;

use super::{AskedActivity, Failure, judge::Case};
use crate::{
    context::Context,
    store::{MemberKey, OrderKey, WantedCase, WantedOrder, decision_to_wire},
};

/// Decides what an activity would earn, by the same function that records one.
pub async fn preview_activity(cx: &Context, caller: &Caller, asked: AskedActivity) -> Result<pb::Decision, Failure> {
    let scope = caller.program();
    let program = cx
        .programs
        .find(scope)
        .await?
        .ok_or(WriteError::ProgramNotFound(scope.id()))?;
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

    let wanted = WantedCase {
        program: program.clone(),
        member,
        order,
    };
    let found = cx.cases.ask(wanted).await?;
    let case = Case {
        program: &program,
        now: program.now_for_reading(),
        member: found.member.as_ref(),
        order: found.order.as_ref(),
        rules: &found.rules,
    };
    let judged = asked.judge(&case, ActivityId::nil())?;
    Ok(decision_to_wire(&judged.decision))
}
