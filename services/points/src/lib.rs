//! The points service: wallets, lots, holds and the ledger that moves points between them.
//!
//! It says what members have and keeps every movement for ever. Why points are given, what they buy and who may have which level is decided
//! elsewhere: campaign, rewards-catalog and tier post here or follow the feed. Balances are mirrored in Redis, which is never asked when deciding.

#![forbid(unsafe_code)]

use common::{
    feed::{Feed, Follower, FollowerSettings, bring_up},
    process::Process,
};
use proto::points::{
    adjustment_service_server::AdjustmentServiceServer, evidence_service_server::EvidenceServiceServer,
    export_service_server::ExportServiceServer, liability_service_server::LiabilityServiceServer,
    points_service_server::PointsServiceServer, statement_service_server::StatementServiceServer,
    stored_value_service_server::StoredValueServiceServer, wallet_service_server::WalletServiceServer,
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
pub use rpc::Core;

use context::{Parts, assemble};
use peers::Peers;
use store::Kept;

/// The name of the service.
pub const NAME: &str = "points";
pub(crate) const SCHEMA: &str = "points";

/// Brings the service's schema up to date.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Prepares the service, starts its workers and adds what it serves.
pub async fn mount(process: &mut Process, settings: &Settings) -> anyhow::Result<()> {
    let Parts { cx, hub, mirror } = assemble(process, settings.balance_memory())?;
    let peers = Peers::of(process)?;

    let settled = cx.clone();
    let members = Follower::start(
        &cx.db,
        &hub,
        &cx.writer,
        FollowerSettings {
            source: "member",
            peer: peers.member.clone(),
            kind: None,
            bring_up: Some(bring_up(move |program_id| {
                workers::settle_program(settled.clone(), program_id)
            })),
        },
    );
    workers::start(&cx, &hub, mirror, settings)?;

    process.serve(AdjustmentServiceServer::new(rpc::Adjustments::new(&cx)));
    process.serve(EvidenceServiceServer::new(rpc::Evidence::new(&cx)));
    process.serve(ExportServiceServer::new(rpc::Exports::new(&cx)));
    process.serve(LiabilityServiceServer::new(rpc::Liabilities::new(&cx)));
    process.serve(WalletServiceServer::new(rpc::Wallets::new(&cx)));
    process.serve(PointsServiceServer::new(rpc::Points::new(&cx)));
    process.serve(StatementServiceServer::new(rpc::Statements::new(&cx, &hub)));
    process.serve(StoredValueServiceServer::new(rpc::StoredValues::new(&cx)));
    process.accept_large_requests("loyalty.points.v1.PointsService/PostBulk");
    let feed = Feed::new(hub, [("member", members)]);
    process.serve_feed(
        NAME,
        feed.with_kind("points_expiring", |row| Kept::is_notice(&row.event)),
    );
    Ok(())
}
