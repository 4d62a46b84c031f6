//! The points service: wallets, lots, holds and the ledger that moves points between them.
//!
//! It says what members have and keeps every movement for ever. Why points are given, what they buy and who may have which level is decided
//! elsewhere: campaign, rewards-catalog and tier post here or follow the feed. Balances are mirrored in Redis, which is never asked when deciding.

#![forbid(unsafe_code)]

use std::sync::Arc;

use anyhow::Context as _;
use common::{
    feed::{Feed, Follower, FollowerSettings, Hub, bring_up},
    process::Process,
    program_cache::ProgramCache,
    redis_link::RedisLink,
    versions::Catalogue,
    writer::Writer,
};
use prost::Message as _;
use proto::{
    event::event::Payload,
    points::{PointsEvent, points_service_server::PointsServiceServer, wallet_service_server::WalletServiceServer},
};
use sqlx::migrate::Migrator;

mod config;
mod context;
pub mod domain;
mod error;
mod ops;
mod peers;
mod rpc;
mod store;
mod workers;

pub use config::Settings;

use context::Context;
use ops::{BalanceTokens, Ledger};
use peers::Peers;
use store::{Balances, Mirror};

/// The name of the service.
pub const NAME: &str = "points";
pub(crate) const SCHEMA: &str = "points";

/// Brings the service's schema up to date.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Prepares the service, starts its workers and adds what it serves.
pub async fn mount(process: &mut Process, _settings: &Settings) -> anyhow::Result<()> {
    let db = process.db(NAME)?;
    let hub = Hub::start(&db, SCHEMA, |bytes| Ok(Payload::Points(PointsEvent::decode(bytes)?)));
    let programs = ProgramCache::new(&db, SCHEMA);
    let wallets = Arc::new(Catalogue::new(SCHEMA));
    let redis = RedisLink::new(&process.settings.redis).context("the Redis URL cannot be used")?;
    let mirror = Mirror::new(redis);
    let balance_tokens = BalanceTokens::new(&process.settings.auth);
    let ledger = Arc::new(Ledger::new(wallets.clone(), mirror.clone(), balance_tokens.clone()));
    let writer = Writer::start(&db, &hub, &programs, ledger, &process.settings.database);
    let peers = Peers::of(process)?;
    let balances = Balances::new(&db, &wallets, &mirror);
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

    let settled = cx.clone();
    let members = Follower::start(
        &cx.db,
        &cx.writer,
        FollowerSettings {
            source: "member",
            peer: peers.member.clone(),
            bring_up: Some(bring_up(move |program_id| {
                workers::settle_program(settled.clone(), program_id)
            })),
        },
    );
    workers::start(&cx, &hub, mirror);

    process.serve(WalletServiceServer::new(rpc::Wallets::new(&cx)));
    process.serve(PointsServiceServer::new(rpc::Points::new(&cx)));
    process.serve_feed(NAME, Feed::new(hub, &cx.db, SCHEMA, [("member", members)]));
    Ok(())
}
