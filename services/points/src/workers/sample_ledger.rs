//! Proves accounts one after another, for as long as the process lives, and tells operators when one is not what its entries tell.
//!
//! Every replica begins at a shard of its own choice, so that several look at different accounts. `CheckLedger` proves all of them at once.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use common::{
    ids::{MemberId, ProgramId},
    shard::{SHARDS, Shard},
};
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Gauge},
};

use crate::{
    context::Context,
    store::{self, AccountPlace, Proof, StoredAccount},
};

/// How many accounts are proved at a time.
const PAGE: u32 = 10;

/// Proves some accounts a minute; none when that is 0.
pub async fn sample_ledger(cx: Context, accounts_per_minute: u32) {
    if accounts_per_minute == 0 {
        return;
    }
    let mut sample = Sample {
        cx,
        shard: shard(rand::random_range(0..SHARDS)),
        after: before_all(),
        wrong: HashSet::new(),
        meters: Meters::new(),
    };
    let mut tick = tokio::time::interval(Duration::from_secs(60) * PAGE / accounts_per_minute);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = sample.prove_some().await {
            tracing::warn!(%error, "accounts cannot be proved now");
        }
    }
}

/// How far the sample is, and what was wrong when it was last looked at.
struct Sample {
    cx: Context,
    shard: Shard,
    after: AccountPlace,
    wrong: HashSet<AccountPlace>,
    meters: Meters,
}

struct Meters {
    accounts: Counter<u64>,
    findings: Counter<u64>,
    drift: Gauge<u64>,
}

impl Sample {
    async fn prove_some(&mut self) -> Result<(), sqlx::Error> {
        let (shard, after) = (self.shard, self.after.clone());
        let accounts = self
            .cx
            .db
            .run(move |pool| async move { store::list_accounts(&pool, shard, &after, PAGE.into()).await })
            .await?;
        let programs = self.cx.programs.all().await?.into_iter();
        let programs: HashMap<ProgramId, _> = programs.map(|program| (program.program_id, program)).collect();
        for stored in &accounts {
            if let Some(program) = programs.get(&stored.member.0) {
                let proof = store::prove(&self.cx.db, &self.cx.balances, program, stored).await?;
                self.note(stored, &proof);
            }
        }
        self.meters.drift.record(self.wrong.len() as u64, &[]);
        match accounts.last().filter(|_| accounts.len() == PAGE as usize) {
            Some(last) => self.after = last.place(),
            None => (self.shard, self.after) = (self::shard((shard.get() + 1) % SHARDS), before_all()),
        }
        Ok(())
    }

    fn note(&mut self, stored: &StoredAccount, proof: &Proof) {
        self.meters.accounts.add(1, &[]);
        for finding in &proof.findings {
            let kind = finding.kind.as_str_name().trim_start_matches("FINDING_KIND_");
            self.meters.findings.add(1, &[KeyValue::new("kind", kind)]);
            tracing::error!(
                program_id = %stored.member.0,
                member_id = %stored.member.1,
                wallet = stored.wallet,
                kind,
                detail = finding.detail,
                "an account is not what its entries tell; CheckLedger tells more"
            );
        }
        if proof.findings.is_empty() {
            self.wrong.remove(&stored.place());
        } else {
            self.wrong.insert(stored.place());
        }
    }
}

fn shard(number: i16) -> Shard {
    Shard::new(number).expect("it is one of them")
}

fn before_all() -> AccountPlace {
    ((ProgramId::nil(), MemberId::nil()), String::new())
}

impl Meters {
    fn new() -> Meters {
        let meter = global::meter("loyalty");
        Meters {
            accounts: meter
                .u64_counter("points.audit.accounts")
                .with_description("Accounts that were proved from their entries")
                .build(),
            findings: meter
                .u64_counter("points.audit.findings")
                .with_description("What was found to be wrong with accounts")
                .build(),
            drift: meter
                .u64_gauge("points.audit.drift")
                .with_description("Accounts that were wrong when they were last proved; must be zero")
                .build(),
        }
    }
}
