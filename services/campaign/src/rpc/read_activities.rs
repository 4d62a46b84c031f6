//! Reads activities. Where their awards are not known to be posted yet, the points service is asked: it knows, and the answer is the same on every
//! replica.

use common::{auth::Caller, ids::MemberId, refusal::Fault, time, writer::WriteError};
use jiff::Timestamp;
use proto::campaign::{self as pb, AwardState};
use tonic::Status;
use uuid::Uuid;

use super::{
    activity_requests::{ListedActivities, ListedParkedReturns, NamedActivity},
    rules::rules_of,
};
use crate::{
    context::Context,
    domain::{self, Language},
    error::Error,
    ops::Failure,
    store::{
        decision_from_wire, find_activity, list_activities, list_parked_returns, member_is_known, recorded_activity,
    },
};

/// Finds an activity.
pub async fn find(cx: &Context, caller: &Caller, named: NamedActivity) -> Result<pb::Activity, Failure> {
    let NamedActivity { member_id, activity_id } = named;
    let program = caller.program();
    let found = cx
        .db
        .run(move |pool| async move { find_activity(&pool, program, member_id, activity_id).await })
        .await?;
    let mut found = vec![found.ok_or(Error::ActivityNotFound { activity_id })?];
    confirm_awards(cx, caller, member_id, &mut found).await;
    Ok(found.swap_remove(0))
}

/// Lists a page of a member's activities.
pub async fn list(
    cx: &Context,
    caller: &Caller,
    listed: ListedActivities,
) -> Result<pb::ListActivitiesResponse, Status> {
    let ListedActivities {
        member_id,
        page_size,
        page_token,
        filter,
    } = listed;
    let program = caller.program();
    let before: Option<i64> = cx.page_tokens.open(program, filter, &page_token)?;
    let page = cx.db.run(move |pool| async move {
        if !member_is_known(&pool, program, member_id).await? {
            return Ok(None);
        }
        list_activities(&pool, program, member_id, before.unwrap_or(i64::MAX), page_size + 1)
            .await
            .map(Some)
    });
    let page = page.await.map_err(Fault::from)?;
    let mut page = page.ok_or(Failure::from(Error::MemberNotFound { member_id }))?;

    let more = page.len() as i64 > page_size;
    page.truncate(page_size as usize);
    let last = page.last().map(|(seq, _)| *seq);
    let next_page_token = last
        .filter(|_| more)
        .map(|seq| cx.page_tokens.seal(program, filter, &seq))
        .unwrap_or_default();
    let mut activities: Vec<pb::Activity> = page.into_iter().map(|(_, activity)| activity).collect();
    confirm_awards(cx, caller, member_id, &mut activities).await;
    Ok(pb::ListActivitiesResponse {
        activities,
        next_page_token,
    })
}

/// Where a page of returns ends that came before their orders.
type ParkedPlace = (i64, Uuid, String);

/// Lists a page of returns that came before their orders.
pub async fn list_parked(
    cx: &Context,
    caller: &Caller,
    listed: ListedParkedReturns,
) -> Result<pb::ListParkedReturnsResponse, Status> {
    let ListedParkedReturns {
        state,
        page_size,
        page_token,
        filter,
    } = listed;
    let (program, tokens) = (caller.program(), &cx.page_tokens);
    let found = cx.programs.find(program).await.map_err(Fault::from)?;
    found.ok_or(Failure::from(WriteError::ProgramNotFound(program.id())))?;
    let after: Option<ParkedPlace> = tokens.open(program, filter, &page_token)?;
    let after = after.and_then(|(micros, member_id, request_id)| {
        Some((Timestamp::from_microsecond(micros).ok()?, member_id.into(), request_id))
    });
    let after = after.unwrap_or((Timestamp::UNIX_EPOCH, MemberId::nil(), String::new()));
    let list = move |pool| async move { list_parked_returns(&pool, program, state, after, page_size + 1).await };
    let mut page = cx.db.run(list).await.map_err(Fault::from)?;
    let more = page.len() as i64 > page_size;
    page.truncate(page_size as usize);
    let last = page.last().filter(|_| more).and_then(|last| {
        let at = time::from_wire(last.parked_at?)?;
        let place: ParkedPlace = (
            at.as_microsecond(),
            last.member_id.parse().ok()?,
            last.request_id.clone(),
        );
        Some(tokens.seal(program, filter, &place))
    });
    Ok(pb::ListParkedReturnsResponse {
        parked_returns: page,
        next_page_token: last.unwrap_or_default(),
    })
}

/// Tells an activity in sentences. What was not considered is told by the rules that are known now for the time of the activity.
pub async fn explain(
    cx: &Context,
    caller: &Caller,
    activity: &pb::Activity,
    language: Language,
) -> Result<Vec<String>, Status> {
    let decision = activity.decision.as_ref().and_then(decision_from_wire);
    let ((occasion, done), decision) = recorded_activity(activity)
        .zip(decision)
        .ok_or_else(|| Fault::internal("a receipt makes no sense"))?;
    let rules = rules_of(cx, caller.program())
        .await?
        .1
        .in_force_at(occasion.occurred_at);
    let left_out = domain::left_out(&rules, &occasion, &done, &decision);
    Ok(domain::explain(&done, &decision, &left_out, language))
}

/// Asks the points service about awards that are not known to be posted. Where it cannot be reached they stay pending, which is no lie.
async fn confirm_awards(cx: &Context, caller: &Caller, member_id: MemberId, activities: &mut [pb::Activity]) {
    let pending = activities
        .iter()
        .filter(|activity| activity.state() == AwardState::Pending);
    let pending: Vec<String> = pending.map(|activity| activity.activity_id.clone()).collect();
    for chunk in pending.chunks(500) {
        let Ok(posted) = cx.peers.posted_awards(caller, member_id, chunk).await else {
            return;
        };
        for activity in activities
            .iter_mut()
            .filter(|activity| posted.contains(&activity.activity_id))
        {
            activity.set_state(AwardState::Awarded);
        }
    }
}
