//! Decides a recorded activity once more, and compares.

use std::sync::Arc;

use common::{
    auth::ProgramScope,
    ids::{ActivityId, MemberId},
    journal::journal_place,
};
use prost::Message as _;
use proto::campaign as pb;

use super::{Failure, rules_now::rules_now};
use crate::{
    context::Context,
    domain::{
        Activity, Charge, Decided, ENGINE_VERSION, Kept, Order, Return, decide_custom, decide_purchase, decide_return,
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
    /// Something else; nothing where it cannot be decided, because the receipt names what there is not.
    Different(Option<pb::Decision>),
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
    // The receipt may name rules that are newer than what is believed of the program here.
    let (_, rules) = rules_now(cx, scope).await?;
    let again = decide_again(cx, scope, member_id, activity, &stored, &rules).await?;
    let Some(again) = again.map(|decided| decision_to_wire(&decided.decision)) else {
        return Ok(Verified::Different(None));
    };
    Ok(if again.encode_to_vec() == stored.encode_to_vec() {
        Verified::Same(again)
    } else {
        Verified::Different(Some(again))
    })
}

/// Decides it once more; nothing where its receipts make no sense.
async fn decide_again(
    cx: &Context,
    scope: ProgramScope,
    member_id: MemberId,
    activity: &pb::Activity,
    stored: &pb::Decision,
    rules: &ProgramRules,
) -> Result<Option<Decided>, Failure> {
    let read = decision_from_wire(stored).zip(activity.activity_id.parse().ok());
    let Some(((decision, activity_id), (occasion, done))) = read.zip(recorded_activity(activity)) else {
        return Ok(None);
    };
    let activity_id: ActivityId = activity_id;
    let decided = match done {
        Activity::Return(returned) => {
            let purchase_id = decision.returned.map(|returned| returned.purchase_activity_id);
            let Some(purchase_id) = purchase_id else {
                return Ok(None);
            };
            let order = order_before(cx, scope, member_id, (purchase_id, &returned), activity_id, rules).await?;
            // What budgets had to spare was at least what the return was judged by, beyond what the order had cost.
            let had = |charge: &Charge| decision.facts.money_of(&charge.budget).left;
            order.map(|order| {
                let spare = |charge: &Charge| had(charge) - order.costs(&charge.budget).minor_units;
                decide_return(&order, activity_id, &returned, spare).map(|(_, decided)| decided)
            })
        }
        Activity::Custom(custom) => {
            let rules = rules.of_decision(&decision);
            rules.map(|rules| decide_custom(&occasion, &custom, &decision.facts, &rules))
        }
        Activity::Purchase(purchase) => rules.of_decision(&decision).map(|rules| {
            decide_purchase(&mut Order {
                activity_id,
                occasion,
                kept: Kept::everything(&purchase),
                purchase,
                rules: Arc::new(rules),
                facts: decision.facts,
                standing: Vec::new(),
                given: Vec::new(),
                money: Vec::new(),
                bought: Vec::new(),
                charges: Vec::new(),
            })
        }),
    };
    Ok(decided.and_then(Result::ok))
}

/// Reads an order as it was before a return; nothing where its receipts make no sense.
async fn order_before(
    cx: &Context,
    scope: ProgramScope,
    member_id: MemberId,
    (purchase_id, returned): (ActivityId, &Return),
    before: ActivityId,
    rules: &ProgramRules,
) -> Result<Option<Order>, Failure> {
    let found = cx
        .db
        .run(move |pool| async move { find_activity(&pool, scope, member_id, purchase_id).await });
    let Some((bought, (_, mut before))) = found.await?.zip(journal_place(before.uuid())) else {
        return Ok(None);
    };
    loop {
        let page = cx
            .db
            .run(move |pool| async move { list_activities(&pool, scope, member_id, before, PAGE).await });
        let page: Vec<(i64, pb::Activity)> = page.await?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        before = *last;
        let about = |activity: &pb::Activity| {
            recorded_activity(activity).is_some_and(|(_, done)| done.order_id() == Some(returned.order_id.as_str()))
        };
        if let Some((_, latest)) = page.iter().find(|(_, activity)| about(activity)) {
            return Ok(order_of(bought, latest, rules));
        }
    }
}
