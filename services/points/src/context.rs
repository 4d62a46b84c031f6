//! What every RPC and worker of the service needs.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use common::{
    db::Db, feed::Hub, journal::JournalRow, page::PageTokens, process::Process, program_cache::ProgramCache,
    redis_link::RedisLink, versions::Catalogue, writer::Writer,
};
use prost::Message as _;
use proto::{event::event::Payload, points::PointsEvent};
use sqlx::error::BoxDynError;

use crate::{
    NAME, SCHEMA,
    ops::{BalanceTokens, Ledger},
    store::{Balances, Kept, Mirror, Nearby, Place, WalletTerms},
};

/// What every RPC and worker needs. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The records.
    pub db: Db,
    /// The one way to change them.
    pub writer: Writer<Ledger>,
    /// The programs, for reads.
    pub programs: ProgramCache,
    /// The wallets.
    pub wallets: Arc<Catalogue<WalletTerms>>,
    /// What members have.
    pub balances: Balances,
    /// Seals what stands for a state.
    pub balance_tokens: BalanceTokens,
    /// Seals where pages begin.
    pub page_tokens: PageTokens,
}

/// A ledger that is put together but not served yet.
pub struct Parts {
    /// What every RPC and worker needs.
    pub cx: Context,
    /// The feed.
    pub hub: Arc<Hub>,
    /// The mirror, for the worker that keeps it whole.
    pub mirror: Mirror,
}

/// Puts the ledger together.
pub fn assemble(process: &Process, balance_memory: Duration) -> anyhow::Result<Parts> {
    let db = process.db(NAME)?;
    let hub = Hub::start(&db, SCHEMA, payload);
    let programs = ProgramCache::new(&db, SCHEMA);
    let wallets = Arc::new(Catalogue::new(SCHEMA));
    let redis = RedisLink::new(&process.settings.redis).context("the Redis URL cannot be used")?;
    let mirror = Mirror::new(redis);
    let balance_tokens = BalanceTokens::new(&process.settings.auth);
    let nearby = Nearby::new(balance_memory);
    let ledger = Ledger::new(wallets.clone(), mirror.clone(), nearby.clone(), balance_tokens.clone());
    let writer = Writer::start(&db, &hub, &programs, Arc::new(ledger), &process.settings.database);
    let balances = Balances::new(&db, &wallets, &mirror, &nearby);
    let page_tokens = process.page_tokens.clone();
    let cx = Context {
        db,
        writer,
        programs,
        wallets,
        balances,
        balance_tokens,
        page_tokens,
    };
    Ok(Parts { cx, hub, mirror })
}

/// Makes the event of the contract of a row of the journal.
fn payload(row: &JournalRow) -> Result<Payload, BoxDynError> {
    let event = Kept::decode(row.event.clone())?.into_event(&Place::of(row));
    let event = event.ok_or("the event makes no sense")?;
    Ok(Payload::Points(PointsEvent { event: Some(event) }))
}
