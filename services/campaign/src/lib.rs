//! The campaign service: takes what members do, decides what it earns, has the points posted, and explains it.
//!
//! Accruals say how every purchase earns, campaigns what changes that for a time and an audience. Every activity is kept with its decision receipt,
//! for ever. Balances are the points service's and levels the tier service's: this service keeps none, and only knows of members what
//! their feeds tell.

#![forbid(unsafe_code)]

use std::sync::Arc;

use common::{
    feed::{Effects, Feed, Follower, FollowerSettings, Hub},
    gather::Gather,
    process::Process,
    program_cache::ProgramCache,
    writer::Writer,
};
use prost::Message as _;
use proto::{
    campaign::{
        CampaignEvent, activity_service_server::ActivityServiceServer, board_service_server::BoardServiceServer,
        budget_service_server::BudgetServiceServer, draft_service_server::DraftServiceServer,
        message_service_server::MessageServiceServer, referral_service_server::ReferralServiceServer,
        result_service_server::ResultServiceServer, rule_service_server::RuleServiceServer,
    },
    event::event::Payload,
};
use sqlx::migrate::Migrator;
use tokio::sync::Notify;

mod config;
mod context;
pub mod domain;
mod error;
mod messenger;
mod ops;
mod peers;
mod rpc;
mod store;
mod workers;

pub use config::Settings;
pub use store::{
    accrual_from_wire, activity_from_wire, budget_contradictions, budget_from_wire, campaign_contradictions,
    campaign_from_wire, group_contradictions, group_from_wire, ladder_from_wire, policy_from_wire,
    referral_policy_from_wire, target_contradictions, template_contradictions,
};

use context::Context;
use messenger::Messenger;
use ops::{Engine, Exhausted};
use peers::Peers;
use store::{Nearby, RuleBook, load_cases};
use workers::PostedAwards;

/// The name of the service.
pub const NAME: &str = "campaign";
pub(crate) const SCHEMA: &str = "campaign";

/// How many activities are previewed with one read at most.
const PREVIEWS_TOGETHER: usize = 256;

/// Brings the service's schema up to date.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Prepares the service, starts its workers and adds what it serves.
pub async fn mount(process: &mut Process, settings: &Settings) -> anyhow::Result<()> {
    let db = process.db(NAME)?;
    let hub = Hub::start(&db, SCHEMA, |row| {
        Ok(Payload::Campaign(CampaignEvent::decode(row.event.clone())?))
    });
    let programs = ProgramCache::new(&db, SCHEMA);
    let rules = Arc::new(RuleBook::new());
    let reports = Arc::new(Notify::new());
    let nearby = Nearby::new(settings.preview_memory());
    let engine = Arc::new(Engine::new(rules.clone(), nearby.clone(), reports.clone()));
    let writer = Writer::start(&db, &hub, &programs, engine, &process.settings.database);
    let peers = Peers::of(process)?;
    let messenger = Messenger::of(settings, process.settings.auth.insecure_development_mode)?;

    let levels = Follower::start(
        &db,
        &hub,
        &writer,
        FollowerSettings {
            source: "tier",
            peer: peers.tier.clone(),
            kind: None,
            bring_up: None,
        },
    );
    let effects = Effects::of([
        ("tier", "campaign", peers.tier.clone()),
        ("rewards-catalog", "tier", peers.rewards_catalog.clone()),
    ]);

    let page_tokens = process.page_tokens.clone();
    let posted_awards = PostedAwards::start(&db);
    let (pool, book, known) = (db.pool().clone(), rules.clone(), nearby.clone());
    let cases = Gather::start(PREVIEWS_TOGETHER, move |wanted| {
        let (pool, book, nearby) = (pool.clone(), book.clone(), known.clone());
        async move { load_cases(&pool, &book, &nearby, wanted).await }
    });
    let cx = Context {
        cases,
        nearby,
        db,
        writer,
        programs,
        rules,
        peers,
        exhausted: Exhausted::default(),
        posted_awards,
        levels,
        effects,
        page_tokens,
    };
    let members = Follower::start(
        &cx.db,
        &hub,
        &cx.writer,
        FollowerSettings {
            source: "member",
            peer: cx.peers.member.clone(),
            kind: None,
            bring_up: Some(workers::reports_due(&cx)),
        },
    );
    // The ledger's feed is as long as everything that members earn and spend: only what is asked for comes from there.
    let points = Follower::start(
        &cx.db,
        &hub,
        &cx.writer,
        FollowerSettings {
            source: "points",
            peer: cx.peers.points.clone(),
            kind: Some("points_expiring"),
            bring_up: Some(workers::reports_due(&cx)),
        },
    );
    let follows = [("member", members), ("tier", cx.levels.clone()), ("points", points)];
    let feed = Feed::new(hub, follows);
    workers::start(&cx, settings, messenger, reports);

    process.serve(RuleServiceServer::new(rpc::Rules::new(&cx)));
    process.serve(BudgetServiceServer::new(rpc::Budgets::new(&cx)));
    process.serve(DraftServiceServer::new(rpc::Drafts::new(&cx)));
    process.serve(ResultServiceServer::new(rpc::Results::new(&cx)));
    process.serve(MessageServiceServer::new(rpc::Messages::new(&cx)));
    process.serve(ReferralServiceServer::new(rpc::Referrals::new(&cx)));
    process.serve(BoardServiceServer::new(rpc::Boards::new(&cx)));
    process.serve(ActivityServiceServer::new(rpc::Activities::new(&cx)));
    // An order of 500 lines, and a campaign for a thousand products, are larger than most requests may be.
    for rpc in [
        "loyalty.campaign.v1.ActivityService/RecordActivity",
        "loyalty.campaign.v1.ActivityService/PreviewActivity",
        "loyalty.campaign.v1.ActivityService/QuoteOrder",
        "loyalty.campaign.v1.RuleService/PublishCampaign",
        "loyalty.campaign.v1.DraftService/SaveDraft",
    ] {
        process.accept_large_requests(rpc);
    }
    process.serve_feed(NAME, feed);
    Ok(())
}
