//! The rewards catalog: what members can have for points, the redemption that gives it to them, and lotteries whose tickets win it.
//!
//! Points and stock move together, or neither does, whatever fails in between: [`domain`] decides it, `ops/` does it step
//! by step over the points service, `workers/` finishes what a crash interrupted. Absent on purpose: balances and lots (the
//! points service has them and the last word on them), and any copy of a fulfilment code (codes are derived, never kept).

#![forbid(unsafe_code)]

mod config;
mod context;
pub mod domain;
mod error;
mod ops;
mod peers;
mod rpc;
mod store;
mod workers;

use common::{
    feed::{Feed, Follower, FollowerSettings, Hub},
    process::Process,
};
use prost::Message as _;
use proto::{
    event::event::Payload,
    rewards_catalog::{
        RewardsCatalogEvent, lottery_service_server::LotteryServiceServer,
        redemption_service_server::RedemptionServiceServer, reward_service_server::RewardServiceServer,
    },
};
use sqlx::migrate::Migrator;

pub use crate::config::Settings;
use crate::context::Context;

/// The name by which the other services know this one.
pub const NAME: &str = "rewards-catalog";
pub(crate) const SCHEMA: &str = "rewards";

/// Brings the schema up to date.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Prepares the service in a process: what it serves, whom it follows, what it does by itself.
pub async fn mount(process: &mut Process, settings: &Settings) -> anyhow::Result<()> {
    let db = process.db(NAME)?;
    let hub = Hub::start(&db, SCHEMA, |row| {
        Ok(Payload::RewardsCatalog(RewardsCatalogEvent::decode(row.event.clone())?))
    });
    let cx = Context::new(process, settings, db.clone(), &hub)?;

    let follow = |source, peer| {
        Follower::start(
            &db,
            &hub,
            &cx.writer,
            FollowerSettings {
                source,
                peer,
                kind: None,
                bring_up: None,
            },
        )
    };
    let member = follow("member", cx.peers.member.clone());
    let tier = follow("tier", cx.peers.tier.clone());
    workers::resume_redemptions::start(&cx);
    workers::resume_tickets::start(&cx);
    workers::draw_tickets::start(&cx);

    process.serve(RewardServiceServer::new(rpc::Rewards(cx.clone())));
    process.serve(RedemptionServiceServer::new(rpc::Redemptions(cx.clone())));
    process.serve(LotteryServiceServer::new(rpc::Lotteries(cx)));
    process.serve_feed(NAME, Feed::new(hub, [("member", member), ("tier", tier)]));
    Ok(())
}
