//! The tier service: keeps the ladders of a program and tells where its members stand, since when, until when and why.
//!
//! It never asks for a member's purchases again: it follows the feeds of member and campaign, keeps a sum for each day on which a member did
//! something, and judges by these sums, the ladder's versions and the program's clock. What a level is good for is data; granting it is up to others.

#![forbid(unsafe_code)]

use std::sync::Arc;

use common::{
    feed::{Feed, Follower, FollowerSettings, Hub, bring_up},
    process::Process,
    program_cache::ProgramCache,
    versions::Catalogue,
    writer::Writer,
};
use prost::Message as _;
use proto::{
    event::event::Payload,
    tier::{TierEvent, ladder_service_server::LadderServiceServer, tier_service_server::TierServiceServer},
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
use ops::Judge;
use peers::Peers;

/// The name of the service.
pub const NAME: &str = "tier";
pub(crate) const SCHEMA: &str = "tier";

/// Brings the service's schema up to date.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Prepares the service, starts its workers and adds what it serves.
pub async fn mount(process: &mut Process, _settings: &Settings) -> anyhow::Result<()> {
    let db = process.db(NAME)?;
    let hub = Hub::start(&db, SCHEMA, |row| {
        Ok(Payload::Tier(TierEvent::decode(row.event.clone())?))
    });
    let programs = ProgramCache::new(&db, SCHEMA);
    let ladders = Arc::new(Catalogue::new(SCHEMA));
    let judge = Arc::new(Judge::new(ladders.clone()));
    let writer = Writer::start(&db, &hub, &programs, judge.clone(), &process.settings.database);
    let peers = Peers::of(process)?;
    let page_tokens = process.page_tokens.clone();
    let cx = Context {
        db,
        writer,
        programs,
        ladders,
        page_tokens,
    };

    let reviewed = cx.clone();
    let reviews = bring_up(move |program_id| workers::bring_up_program(reviewed.clone(), program_id));
    let follow = |source, peer, bring_up| {
        Follower::start(
            &cx.db,
            &hub,
            &cx.writer,
            FollowerSettings {
                source,
                peer,
                kind: None,
                bring_up,
            },
        )
    };
    let members = follow("member", peers.member, Some(reviews));
    let activities = follow("campaign", peers.campaign, None);
    workers::start(&cx, &judge);

    process.serve(LadderServiceServer::new(rpc::Ladders::new(&cx)));
    process.serve(TierServiceServer::new(rpc::Tiers::new(&cx)));
    process.serve_feed(NAME, Feed::new(hub, [("member", members), ("campaign", activities)]));
    Ok(())
}
