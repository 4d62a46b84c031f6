//! Looks at referrals when that is due: at a friend's order soon after it was placed, at what is kept of it when its return window is over, and at those for which nobody waits any more.
//!
//! Every replica does it. That is harmless, because what was looked at already is found to be, and cheap, because there is a list of what is due.

use std::time::Duration;

use common::ids::ProgramId;
use futures::{StreamExt as _, stream};

use crate::{
    context::Context,
    ops::look_at_referral,
    store::{DueReferral, list_due_referrals},
};

/// How often to look.
const EVERY: Duration = Duration::from_secs(1);
/// How many to take at once.
const CHUNK: i64 = 256;
/// How many to look at at once.
const CONCURRENCY: usize = 16;

/// Looks at referrals for ever.
pub async fn run(cx: Context) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = look_at_all(&cx, None).await {
            tracing::debug!(%error, "referrals could not be looked at");
        }
    }
}

/// Goes on while that changes anything: what is looked at once may be due again at once.
pub async fn look_at_all(cx: &Context, program_id: Option<ProgramId>) -> Result<(), sqlx::Error> {
    loop {
        let due = cx
            .db
            .run(move |pool| async move { list_due_referrals(&pool, program_id, CHUNK).await })
            .await?;
        let looked: Vec<bool> = stream::iter(due)
            .map(|due| look(cx, due))
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        if !looked.contains(&true) {
            return Ok(());
        }
    }
}

async fn look(cx: &Context, due: DueReferral) -> bool {
    let member = due.member;
    match look_at_referral(cx, due).await {
        Ok(changed) => changed,
        Err(failure) => {
            tracing::debug!(?member, ?failure, "a referral is looked at later");
            false
        }
    }
}
