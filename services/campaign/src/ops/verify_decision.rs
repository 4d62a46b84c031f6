//! Decides a recorded activity once more, and compares.

use std::sync::Arc;

use common::{
    auth::ProgramScope,
    ids::{ActivityId, MemberId},
    journal::journal_place,
    refusal::Fault,
    writer::WriteError,
};
use prost::Message as _;
use proto::campaign as pb;

use super::Failure;
use crate::{
    context::Context,
    domain::{
        Activity, DecideError, Decided, Decision, ENGINE_VERSION, Kept, Order, Return, decide_custom, decide_purchase,
        decide_return,
    },
    store::{
        ProgramRules, decision_from_wire, decision_to_wire, find_activity, list_activities, order_of, recorded_activity,
    },
};

/// How many activities are read at a time to find the last one about an order.
const PAGE: i64 = 100;

/// What comes of deciding once more.
pub enum Verified {
    /// The same, to the byte.
    Same(pb::Decision),
    /// Something else.
    Different(pb::Decision),
    /// It was decided by another version of the engine.
    OtherEngine,
}

/// Decides a recorded activity once more, from the facts and by the rules that its receipt names.
pub async fn verify_decision(
    cx: &Context,
    scope: ProgramScope,
    member_id: MemberId,
    activity: &pb::Activity,
) -> Result<Verified, Failure> {
    let stored = activity.decision.clone().unwrap_or_default();
    if stored.engine_version != ENGINE_VERSION {
        return Ok(Verified::OtherEngine);
    }
    let program = cx.programs.find(scope).await?;
    let program = program.ok_or(WriteError::ProgramNotFound(scope.id()))?;
    let book = cx.rules.clone();
    let rules = cx.db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        book.of_program(&mut connection, &program).await
    });
    let rules: ProgramRules = rules.await?;
    let decided = decide_again(cx, scope, member_id, activity, &stored, &rules).await?;
    let again = decision_to_wire(&decided.decision);
    Ok(if again.encode_to_vec() == stored.encode_to_vec() {
        Verified::Same(again)
    } else {
        Verified::Different(again)
    })
}

async fn decide_again(
    cx: &Context,
    scope: ProgramScope,
    member_id: MemberId,
    activity: &pb::Activity,
    stored: &pb::Decision,
    rules: &ProgramRules,
) -> Result<Decided, Failure> {
    let decision = decision_from_wire(stored).ok_or_else(senseless)?;
    let activity_id: ActivityId = activity.activity_id.parse().map_err(|_| senseless())?;
    let (occasion, done) = recorded_activity(activity).ok_or_else(senseless)?;
    let of_decision = |decision: &Decision| rules.of_decision(decision).map(Arc::new).ok_or_else(senseless);
    let decided = match done {
        Activity::Custom(custom) => decide_custom(&occasion, &custom, &decision.facts, &*of_decision(&decision)?),
        Activity::Purchase(purchase) => decide_purchase(&mut Order {
            activity_id,
            occasion,
            kept: Kept::everything(&purchase),
            purchase,
            rules: of_decision(&decision)?,
            facts: decision.facts,
            standing: Vec::new(),
        }),
        Activity::Return(returned) => {
            let purchase_id = decision.returned.ok_or_else(senseless)?.purchase_activity_id;
            let order = order_before(cx, scope, member_id, (purchase_id, &returned), activity_id, rules).await?;
            decide_return(&order, activity_id, &returned).map(|(_, decided)| decided)
        }
    };
    decided.map_err(|_: DecideError| senseless().into())
}

/// Reads an order as it was before a return.
async fn order_before(
    cx: &Context,
    scope: ProgramScope,
    member_id: MemberId,
    (purchase_id, returned): (ActivityId, &Return),
    before: ActivityId,
    rules: &ProgramRules,
) -> Result<Order, Failure> {
    let found = cx
        .db
        .run(move |pool| async move { find_activity(&pool, scope, member_id, purchase_id).await });
    let bought = found.await?.ok_or_else(senseless)?;
    let (_, mut before) = journal_place(before.uuid()).ok_or_else(senseless)?;
    loop {
        let page = cx
            .db
            .run(move |pool| async move { list_activities(&pool, scope, member_id, before, PAGE).await });
        let page: Vec<(i64, pb::Activity)> = page.await?;
        before = page.last().map(|(seq, _)| *seq).ok_or_else(senseless)?;
        let about = |activity: &pb::Activity| {
            recorded_activity(activity).is_some_and(|(_, done)| done.order_id() == Some(returned.order_id.as_str()))
        };
        if let Some((_, latest)) = page.iter().find(|(_, activity)| about(activity)) {
            return order_of(bought, latest, rules).ok_or_else(|| senseless().into());
        }
    }
}

fn senseless() -> Fault {
    Fault::internal("a receipt makes no sense")
}
