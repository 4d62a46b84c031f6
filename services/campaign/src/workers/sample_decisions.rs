//! Decides activities once more that are picked at random, for as long as the process lives, and tells operators when a receipt is not what comes of it.

use std::{collections::HashSet, time::Duration};

use common::shard::{SHARDS, Shard};
use opentelemetry::{
    global,
    metrics::{Counter, Gauge},
};

use crate::{
    context::Context,
    ops::{Failure, METHOD_OF_REPORTS, RECORD_ACTIVITY, Verified, verify_decision},
    store::{last_seq, sample_activities},
};

/// How many activities that follow one another are looked at together.
const PAGE: u32 = 10;

/// Verifies some decisions a minute; none when that is 0.
pub async fn sample_decisions(cx: Context, decisions_per_minute: u32) {
    if decisions_per_minute == 0 {
        return;
    }
    let meter = global::meter("loyalty");
    let verified = meter
        .u64_counter("campaign.decisions.verified")
        .with_description("Decisions that were made once more from their receipts")
        .build();
    let different = meter
        .u64_gauge("campaign.decisions.different")
        .with_description("Decisions of which something else came when they were last made again; must be zero")
        .build();
    let mut sample = Sample {
        cx,
        verified,
        different,
        wrong: HashSet::new(),
    };
    let mut tick = tokio::time::interval(Duration::from_secs(60) * PAGE / decisions_per_minute);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(failure) = sample.verify_some().await {
            tracing::debug!(?failure, "decisions cannot be verified now");
        }
    }
}

struct Sample {
    cx: Context,
    verified: Counter<u64>,
    different: Gauge<u64>,
    /// The activities of which something else came.
    wrong: HashSet<String>,
}

impl Sample {
    async fn verify_some(&mut self) -> Result<(), Failure> {
        let shard = Shard::new(rand::random_range(0..SHARDS)).expect("it is one of them");
        let sample = move |pool| async move {
            let last = last_seq(&pool, shard).await?;
            let from = rand::random_range(0..=last.max(0));
            sample_activities(&pool, shard, from, &[RECORD_ACTIVITY, METHOD_OF_REPORTS], PAGE.into()).await
        };
        let sampled = self.cx.db.run::<_, _, _, sqlx::Error>(sample).await?;
        let programs = self.cx.programs.all().await?;
        for recorded in sampled {
            let program = programs
                .iter()
                .find(|program| program.program_id == recorded.program_id);
            let Some(scope) = program.map(|program| program.scope_of_worker()) else {
                continue;
            };
            let verified = verify_decision(&self.cx, scope, recorded.member_id, &recorded.activity).await?;
            self.verified.add(1, &[]);
            if matches!(verified, Verified::Different(_)) {
                tracing::error!(
                    program_id = %recorded.program_id,
                    member_id = %recorded.member_id,
                    activity_id = recorded.activity.activity_id,
                    "something else comes of a decision than its receipt says; VerifyDecision tells what"
                );
                self.wrong.insert(recorded.activity.activity_id);
            } else {
                self.wrong.remove(&recorded.activity.activity_id);
            }
        }
        self.different.record(self.wrong.len() as u64, &[]);
        Ok(())
    }
}
