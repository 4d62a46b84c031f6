//! The member service: programs with their clocks, members with their life, and the people behind the members.
//!
//! Beside the rooms that every service has there is one of its own, the `vault`: personal data at rest. Everything else
//! in here, and everything outside, knows a member by a random id; only the vault turns a profile into bytes that may be
//! stored, and back. A profile travels from the wire to the vault inside types whose `Debug` shows nothing, and there is no
//! other way for it to leave: no log, feed, error or cache holds any of it.
//!
//! What members have, which level they are on and what they did is decided elsewhere; the other services follow the feed of this one, and it
//! follows nobody.

#![forbid(unsafe_code)]

use std::sync::Arc;

use common::{
    feed::{Feed, Hub},
    process::Process,
    program_cache::ProgramCache,
    writer::Writer,
};
use prost::Message as _;
use proto::{
    event::event::Payload,
    member::{MemberEvent, member_service_server::MemberServiceServer, program_service_server::ProgramServiceServer},
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
pub mod vault;
mod workers;

pub use config::Settings;

use context::Context;
use ops::Membership;
use peers::Consequences;

/// The name of the service.
pub const NAME: &str = "member";
pub(crate) const SCHEMA: &str = "member";

/// Brings the service's schema up to date.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Prepares the service, starts its workers and adds what it serves.
pub async fn mount(process: &mut Process, settings: &Settings) -> anyhow::Result<()> {
    let vault = Arc::new(settings.open_vault(process.settings.auth.insecure_development_mode)?);
    let db = process.db(NAME)?;
    let hub = Hub::start(&db, SCHEMA, |row| {
        Ok(Payload::Member(MemberEvent::decode(row.event.clone())?))
    });
    let programs = ProgramCache::new(&db, SCHEMA);
    let membership = Arc::new(Membership::new(vault.clone()));
    let writer = Writer::start(&db, &hub, &programs, membership, &process.settings.database);
    let consequences = Consequences::of(process)?;
    let cx = Context {
        db,
        writer,
        vault,
        consequences,
    };
    workers::start(&cx);

    process.serve(ProgramServiceServer::new(rpc::Programs::new(&cx)));
    process.serve(MemberServiceServer::new(rpc::Members::new(&cx)));
    process.serve_feed(NAME, Feed::new(hub, []));
    Ok(())
}
