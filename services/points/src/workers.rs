//! What happens by itself: what falls due is settled, transfers that were left alone are finished, accounts are proved,
//! the journal is sealed and added up day by day, and the mirror is kept whole.

mod finish_transfers;
mod fold_totals;
mod mirror;
mod plan_notices;
mod sample_ledger;
mod seal;
mod settle;

use std::{sync::Arc, time::Duration};

use common::feed::Hub;

use crate::{config::Settings, context::Context, store::Mirror};

pub use settle::settle_program;

/// Starts the workers. They stop with the process.
pub fn start(cx: &Context, hub: &Arc<Hub>, mirror: Mirror, settings: &Settings) -> anyhow::Result<()> {
    if let Some((key, file)) = settings.seal_key()? {
        let every = Duration::from_secs(settings.seal_interval_seconds.into());
        tokio::spawn(seal::Sealer::new(key, file)?.seal_forever(cx.clone(), every));
    }
    tokio::spawn(settle::settle_forever(cx.clone()));
    tokio::spawn(finish_transfers::finish_transfers(cx.clone()));
    tokio::spawn(sample_ledger::sample_ledger(
        cx.clone(),
        settings.audit_accounts_per_minute,
    ));
    tokio::spawn(fold_totals::fold_totals(cx.clone()));
    self::mirror(cx, hub, mirror);
    Ok(())
}

/// Starts the worker that keeps the mirror whole: until it has seen what Redis holds, nothing is published.
pub fn mirror(cx: &Context, hub: &Arc<Hub>, mirror: Mirror) {
    tokio::spawn(mirror::keep_whole(cx.db.clone(), hub.clone(), mirror));
}
