//! Posts awards that have been waiting: the points service could not be reached, or whoever recorded the activity was cut off.
//!
//! Every replica does it. That is harmless, because an award is posted once however often it is tried, and cheap, because the table of
//! awards that wait is empty as long as nothing is wrong.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use common::{
    auth::{Caller, ProgramScope},
    ids::{MemberId, ProgramId},
};
use futures::{StreamExt as _, stream};

use crate::{
    NAME,
    context::Context,
    ops::{Completed, Failure, complete_award},
    store::{AwardPlace, PendingAward, list_pending_awards},
};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);
/// How long an award is left to whoever recorded the activity.
const WAITING: Duration = Duration::from_secs(5);
/// How many to take at once.
const CHUNK: i64 = 256;
/// How many members to post for at once.
const CONCURRENCY: usize = 16;

type Scopes = HashMap<ProgramId, ProgramScope>;

/// Posts awards for ever.
pub async fn run(cx: Context) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(failure) = post_all(&cx).await {
            tracing::debug!(?failure, "waiting awards could not be posted");
        }
    }
}

/// Goes once through everything that waits. Ends early when nothing can be posted at all.
async fn post_all(cx: &Context) -> Result<(), Failure> {
    let mut after: Option<AwardPlace> = None;
    loop {
        let list = move |pool| async move { list_pending_awards(&pool, after, WAITING, CHUNK).await };
        let pending = cx.db.run::<_, _, _, sqlx::Error>(list).await?;
        let Some(last) = pending.last() else { return Ok(()) };
        after = Some(last.place);
        let programs = cx.programs.all().await?;
        let scopes: Scopes = programs
            .iter()
            .map(|program| (program.program_id, program.scope_of_worker()))
            .collect();
        let posted: Vec<bool> = stream::iter(by_member(pending))
            .map(|of_member| post_in_order(cx, &scopes, of_member))
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        if !posted.contains(&true) {
            return Ok(());
        }
    }
}

/// Posts the awards of a member, one after another, until one has to wait on: what follows may depend on it. Tells whether all are done.
async fn post_in_order(cx: &Context, scopes: &Scopes, awards: Vec<PendingAward>) -> bool {
    for award in awards {
        let Some(scope) = scopes.get(&award.program_id) else {
            return false;
        };
        match complete_award(cx, &Caller::worker(NAME, *scope), &award).await {
            Ok(Completed::Pending) | Err(_) => return false,
            Ok(_) => {}
        }
    }
    true
}

fn by_member(awards: Vec<PendingAward>) -> impl Iterator<Item = Vec<PendingAward>> {
    let mut members: BTreeMap<MemberId, Vec<PendingAward>> = BTreeMap::new();
    for award in awards {
        members.entry(award.member_id).or_default().push(award);
    }
    members.into_values()
}
