//! The reads of the ledger besides the balance: the requests as questions, and the answers.

use std::collections::{BTreeSet, HashMap};

use common::{
    auth::Caller,
    ids::{EntryId, MemberId, ProgramId},
    page::Filter,
    parse::{id, page_size},
    refusal::{Fault, Violations},
    time,
};
use jiff::Timestamp;
use proto::points as pb;
use tonic::Status;

use super::fields::wallet;
use crate::{
    context::Context,
    domain::WalletCode,
    error::Error,
    ops::{entries_of_request, was_refused},
    store::{self, MemberKey},
};

/// Asks for a page of a member's entries.
pub struct ListEntries {
    member_id: MemberId,
    wallet: Option<WalletCode>,
    page_size: i64,
    page_token: String,
    filter: Filter,
}

impl TryFrom<pb::ListEntriesRequest> for ListEntries {
    type Error = Violations;

    fn try_from(wire: pb::ListEntriesRequest) -> Result<ListEntries, Violations> {
        let mut violations = Violations::default();
        let member_id = id(&mut violations, "member_id", &wire.member_id);
        let code = if wire.wallet.is_empty() {
            Some(None)
        } else {
            wallet(&mut violations, "wallet", &wire.wallet).map(Some)
        };
        let page_size = page_size(&mut violations, "page_size", wire.page_size);
        let question = pb::ListEntriesRequest {
            page_size: 0,
            page_token: String::new(),
            ..wire.clone()
        };
        let filter = Filter::of(&question);
        let read = member_id
            .zip(code)
            .zip(page_size)
            .map(|((member_id, wallet), page_size)| ListEntries {
                member_id,
                wallet,
                page_size,
                page_token: wire.page_token,
                filter,
            });
        violations.finish(read)
    }
}

/// Lists a member's entries, the newest first.
pub async fn list_entries(
    cx: &Context,
    caller: &Caller,
    asked: ListEntries,
) -> Result<pb::ListEntriesResponse, Status> {
    let scope = caller.program();
    let before: Option<i64> = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
    let ListEntries {
        member_id,
        wallet,
        page_size,
        filter,
        ..
    } = asked;
    let read = cx.db.run(move |pool| async move {
        store::list_entries(&pool, scope, member_id, wallet.as_ref(), before, page_size).await
    });
    let page = read
        .await
        .map_err(Fault::from)?
        .ok_or(Error::AccountNotFound { member_id })?;
    let next_page_token = page
        .next_before
        .map(|place| cx.page_tokens.seal(scope, filter, &place))
        .unwrap_or_default();
    Ok(pb::ListEntriesResponse {
        entries: page.entries,
        next_page_token,
    })
}

/// Asks for an entry.
pub struct GetEntry {
    entry_id: EntryId,
}

impl TryFrom<pb::GetEntryRequest> for GetEntry {
    type Error = Violations;

    fn try_from(wire: pb::GetEntryRequest) -> Result<GetEntry, Violations> {
        let mut violations = Violations::default();
        let entry_id = id(&mut violations, "entry_id", &wire.entry_id);
        violations.finish(entry_id.map(|entry_id| GetEntry { entry_id }))
    }
}

/// Returns an entry.
pub async fn get_entry(cx: &Context, caller: &Caller, asked: GetEntry) -> Result<pb::GetEntryResponse, Status> {
    let (scope, entry_id) = (caller.program(), asked.entry_id);
    let read = cx
        .db
        .run(move |pool| async move { store::find_entry(&pool, scope, entry_id).await });
    let entry = read
        .await
        .map_err(Fault::from)?
        .ok_or(Error::EntryNotFound { entry_id })?;
    Ok(pb::GetEntryResponse { entry: Some(entry) })
}

/// Asks what became of requests.
pub struct ReconcileRequests {
    keys: Vec<(MemberId, String)>,
}

impl TryFrom<pb::ReconcileRequestsRequest> for ReconcileRequests {
    type Error = Violations;

    fn try_from(wire: pb::ReconcileRequestsRequest) -> Result<ReconcileRequests, Violations> {
        let mut violations = Violations::default();
        let mut keys = Vec::with_capacity(wire.keys.len());
        for (number, key) in wire.keys.into_iter().enumerate() {
            let member_id = id(&mut violations, &format!("keys[{number}].member_id"), &key.member_id);
            keys.extend(member_id.map(|member_id| (member_id, key.request_id)));
        }
        violations.finish(Some(ReconcileRequests { keys }))
    }
}

/// Tells what became of requests.
pub async fn reconcile_requests(
    cx: &Context,
    caller: &Caller,
    asked: ReconcileRequests,
) -> Result<pb::ReconcileRequestsResponse, Status> {
    let program_id: ProgramId = caller.program().id();
    let names: BTreeSet<(MemberKey, String)> = asked
        .keys
        .iter()
        .map(|(member_id, request_id)| ((program_id, *member_id), request_id.clone()))
        .collect();
    let names: Vec<_> = names.into_iter().collect();
    let read = cx
        .db
        .run(move |pool| async move { store::find_requests(&mut *pool.acquire().await?, &names).await });
    let mut made: HashMap<(MemberId, String), Made> = HashMap::new();
    for row in read.await.map_err(Fault::from)? {
        if was_refused(&row).map_err(Fault::internal)? {
            continue;
        }
        let entries = entries_of_request(&row).map_err(Fault::internal)?;
        let Some(request) = row.request else { continue };
        let made = made.entry((row.member_id, request.request_id)).or_insert(Made {
            entry_ids: Vec::new(),
            recorded_at: row.recorded_at,
        });
        made.entry_ids.extend(entries.into_iter().map(|entry| entry.entry_id));
    }
    let outcomes = asked.keys.into_iter().map(|key| {
        let of_key = made.get(&key);
        outcome(key, of_key)
    });
    Ok(pb::ReconcileRequestsResponse {
        outcomes: outcomes.collect(),
    })
}

/// What came of a request id, whichever methods it was used with.
struct Made {
    entry_ids: Vec<String>,
    recorded_at: Timestamp,
}

/// Returns what became of one request id. It may have been used once with each method.
fn outcome((member_id, request_id): (MemberId, String), made: Option<&Made>) -> pb::RequestOutcome {
    pb::RequestOutcome {
        took_effect: made.is_some(),
        entry_ids: made.map(|made| made.entry_ids.clone()).unwrap_or_default(),
        recorded_at: made.map(|made| time::to_wire(made.recorded_at)),
        key: Some(pb::RequestKey {
            member_id: member_id.to_string(),
            request_id,
        }),
    }
}
