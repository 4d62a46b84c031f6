//! `ListScheduledChanges`: what will happen to points by itself.

use common::{
    auth::Caller,
    ids::MemberId,
    page::Filter,
    parse::{id, page_size},
    refusal::{Fault, Violations},
    time,
};
use jiff::Timestamp;
use proto::points as pb;
use tonic::Status;

use super::{
    fields::{optional_time, wallet},
    get_balance::{find_program, found},
};
use crate::{
    context::Context,
    domain::{self, EntryDraft, WalletCode},
    store::{amounts_to_wire, kind_to_wire},
};

/// Asks what will happen by itself.
pub struct ListScheduledChanges {
    member_id: MemberId,
    wallet: WalletCode,
    until: Option<Timestamp>,
    page_size: i64,
    page_token: String,
    filter: Filter,
}

impl TryFrom<pb::ListScheduledChangesRequest> for ListScheduledChanges {
    type Error = Violations;

    fn try_from(wire: pb::ListScheduledChangesRequest) -> Result<ListScheduledChanges, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let wallet = wallet(&mut violations, "wallet", &wire.wallet);
        let until = optional_time(&mut violations, "until", wire.until.as_ref());
        let page_size = page_size(&mut violations, "page_size", wire.page_size);
        let filter = Filter::of(&pb::ListScheduledChangesRequest {
            page_size: 0,
            page_token: String::new(),
            ..wire.clone()
        });
        let read = member_id.zip(wallet).zip(until.zip(page_size));
        violations.finish(
            read.map(|((member_id, wallet), (until, page_size))| ListScheduledChanges {
                member_id,
                wallet,
                until,
                page_size,
                page_token: wire.page_token,
                filter,
            }),
        )
    }
}

/// Lists what will happen by itself. A page holds whole instants.
pub async fn list_scheduled_changes(
    cx: &Context,
    caller: &Caller,
    asked: ListScheduledChanges,
) -> Result<pb::ListScheduledChangesResponse, Status> {
    let (scope, member_id) = (caller.program(), asked.member_id);
    let after: Option<i64> = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
    let program = find_program(cx, caller, member_id).await?;
    let read = cx.balances.read_account(&program, member_id, &asked.wallet).await;
    let mut account = found(read.map_err(Fault::from)?, member_id, &asked.wallet)?;
    domain::foresee(&mut account, program.now_for_reading());
    let scheduled = domain::foresee(&mut account, asked.until.unwrap_or(Timestamp::MAX));
    let mut changes: Vec<pb::ScheduledChange> = Vec::new();
    let (mut last, mut instants) = (None, 0);
    for draft in scheduled {
        let at = draft.occurred_at.as_microsecond();
        if after.is_some_and(|after| at <= after) {
            continue;
        }
        if last != Some(at) && instants == asked.page_size {
            return Ok(pb::ListScheduledChangesResponse {
                changes,
                next_page_token: cx.page_tokens.seal(scope, asked.filter, &last),
            });
        }
        instants += i64::from(last != Some(at));
        last = Some(at);
        changes.push(change(&draft));
    }
    Ok(pb::ListScheduledChangesResponse {
        changes,
        next_page_token: String::new(),
    })
}

fn change(draft: &EntryDraft) -> pb::ScheduledChange {
    pb::ScheduledChange {
        at: Some(time::to_wire(draft.occurred_at)),
        kind: kind_to_wire(draft.kind).into(),
        points: draft.points.get(),
        lost_points: draft.lost_points.get(),
        after: Some(amounts_to_wire(draft.after)),
    }
}
