//! Decides what an activity would earn now, and keeps nothing of it.

use common::{auth::Caller, ids::ActivityId, writer::WriteError};
use proto::campaign as pb;

use super::{AskedActivity, Failure, judge::Case};
use crate::{
    context::Context,
    store::{MemberKey, OrderKey, WantedOrder, decision_to_wire, load_members, load_orders, load_uses},
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

    let (book, of) = (cx.rules.clone(), program.clone());
    let loaded = cx.db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        let rules = book.of_program(&mut connection, &of).await?;
        let mut members = load_members(&mut connection, &[member]).await?;
        for (of, key, used) in load_uses(&mut connection, &[member]).await? {
            members.entry(of).or_default().uses.put(key, used);
        }
        let wanted: Vec<WantedOrder> = order.into_iter().collect();
        let orders = load_orders(&mut connection, &wanted, |_| rules.clone()).await?;
        Ok::<_, sqlx::Error>((rules, members, orders))
    });
    let (rules, members, orders) = loaded.await?;

    let case = Case {
        program: &program,
        now: program.now_for_reading(),
        member: members.get(&member).filter(|member| member.status.is_some()),
        order: orders.values().next(),
        rules: &rules,
    };
    let judged = asked.judge(&case, ActivityId::nil())?;
    Ok(decision_to_wire(&judged.decision))
}
