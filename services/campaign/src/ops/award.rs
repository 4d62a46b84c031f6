//! Completes an award: posts it to the points service, and keeps what became of it.
//!
//! The activity's id is the request id there, so that an award is posted once, however often and by whomever it is tried.

use std::collections::{BTreeMap, HashMap};

use common::{auth::Caller, ids::ActivityId, journal::journal_place};
use proto::campaign as pb;

use super::Failure;
use crate::{
    context::Context,
    peers::Posted,
    store::{AwardPlace, AwardStanding, PendingAward, find_activity, find_awards, refuse_award},
};

/// Where an award stands after an attempt to complete it.
pub enum Completed {
    /// There was nothing to award.
    Nothing,
    /// It is posted, and this is what the member has after it.
    Awarded(Vec<pb::WalletBalance>),
    /// It is tried again later.
    Pending,
    /// The points service refused it for good, for this reason.
    Refused(String),
}

impl Completed {
    /// Answers with an activity whose award stands so.
    pub fn answer(self, mut activity: pb::Activity) -> pb::RecordActivityResponse {
        let (state, balances, reason) = match self {
            Completed::Nothing => (pb::AwardState::None, Vec::new(), String::new()),
            Completed::Awarded(balances) => (pb::AwardState::Awarded, balances, String::new()),
            Completed::Pending => (pb::AwardState::Pending, Vec::new(), String::new()),
            Completed::Refused(reason) => (pb::AwardState::Refused, Vec::new(), reason),
        };
        activity.set_state(state);
        activity.refused_reason = reason;
        pb::RecordActivityResponse {
            activity: Some(activity),
            balances,
            parked: None,
        }
    }
}

/// Posts an award, and keeps what became of it. What a return takes back waits for what had been earned.
pub async fn complete_award(cx: &Context, caller: &Caller, award: &PendingAward) -> Result<Completed, Failure> {
    let decision = award.activity.decision.as_ref();
    if decision.is_none_or(|decision| decision.awards.is_empty()) {
        return Ok(Completed::Nothing);
    }
    for earning in pending_earnings(cx, caller, award).await? {
        if let Completed::Pending = post(cx, caller, &earning).await? {
            return Ok(Completed::Pending);
        }
    }
    post(cx, caller, award).await
}

async fn post(cx: &Context, caller: &Caller, award: &PendingAward) -> Result<Completed, Failure> {
    match cx.peers.post_award(caller, award.member_id, &award.activity).await {
        Posted::Done(balances) => {
            // Nobody waits for a third commit: until it is made the award counts as pending here, and posting it again finds it posted.
            cx.posted_awards.strike_off(award.place);
            Ok(Completed::Awarded(balances))
        }
        Posted::Refused(reason) => {
            let (place, kept) = (award.place, reason.clone());
            cx.db
                .run(move |pool| async move { refuse_award(&pool, place, &kept).await })
                .await?;
            Ok(Completed::Refused(reason))
        }
        Posted::Later => Ok(Completed::Pending),
    }
}

/// Finds the awards that a return takes something back of, and those that these do, as far as they are not known to be posted: the oldest first.
async fn pending_earnings(cx: &Context, caller: &Caller, award: &PendingAward) -> Result<Vec<PendingAward>, Failure> {
    let mut found: BTreeMap<AwardPlace, PendingAward> = BTreeMap::new();
    let takes_back = |decision: &&pb::Decision| !decision.reversed.is_empty();
    let mut unseen: Vec<pb::Decision> = award.activity.decision.iter().filter(takes_back).cloned().collect();
    while let Some(decision) = unseen.pop() {
        let standings = standings_of(cx, &decision).await?;
        for (activity_id, place) in decision.reversed.iter().filter_map(place_of) {
            let is_pending = matches!(standings.get(&place), Some(AwardStanding::Pending));
            if !is_pending || found.contains_key(&place) {
                continue;
            }
            let (program, member_id) = (caller.program(), award.member_id);
            let find = cx
                .db
                .run(move |pool| async move { find_activity(&pool, program, member_id, activity_id).await });
            let Some(activity) = find.await? else { continue };
            unseen.extend(activity.decision.clone());
            let earning = PendingAward {
                place,
                program_id: award.program_id,
                member_id,
                activity,
            };
            found.insert(place, earning);
        }
    }
    Ok(found.into_values().collect())
}

/// Tells where the awards stand that a return takes something back of.
async fn standings_of(
    cx: &Context,
    decision: &pb::Decision,
) -> Result<HashMap<AwardPlace, AwardStanding>, sqlx::Error> {
    let places: Vec<AwardPlace> = decision
        .reversed
        .iter()
        .filter_map(place_of)
        .map(|(_, place)| place)
        .collect();
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    cx.db
        .run(move |pool| async move { find_awards(&pool, &places).await })
        .await
}

fn place_of(credit: &pb::Credit) -> Option<(ActivityId, AwardPlace)> {
    let activity_id: ActivityId = credit.activity_id.parse().ok()?;
    let (shard, seq) = journal_place(activity_id.uuid())?;
    Some((activity_id, AwardPlace { shard, seq }))
}
