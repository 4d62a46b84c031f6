//! A process of the suite: one service, several, or all five; what they share, and how they find one another.
//!
//! Each service has one `mount`, which prepares the service and adds what it serves. Its own binary mounts it alone; the all-in-one mounts every
//! one. Services meet only through their contracts either way: straight through the gate in one process, over a channel otherwise.

use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use proto::event::feed_service_server::FeedServiceServer;

use crate::{
    auth::{Authenticator, Minter, ServiceKey},
    config::{
        AuthSettings, DatabaseSettings, PeerSettings, Problems, RedisSettings, ServerSettings, TelemetrySettings,
    },
    db::Db,
    feed::{Feed, FeedServer},
    page::PageTokens,
    peers::Peer,
    server::{Running, Served, Server},
};

/// The services of the suite.
pub const SERVICES: [&str; 5] = ["member", "points", "tier", "rewards-catalog", "campaign"];

/// The settings that every process has.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Settings {
    /// Where and how to serve.
    #[command(flatten)]
    pub server: ServerSettings,
    /// Where the records are.
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Where hot balances are.
    #[command(flatten)]
    pub redis: RedisSettings,
    /// Whom to trust.
    #[command(flatten)]
    pub auth: AuthSettings,
    /// What operators see.
    #[command(flatten)]
    pub telemetry: TelemetrySettings,
    /// Where the other services are.
    #[command(flatten)]
    pub peers: PeerSettings,
}

/// A process that is being put together.
pub struct Process {
    /// Its settings.
    pub settings: Settings,
    /// Seals the page tokens of its services.
    pub page_tokens: PageTokens,
    mounted: Vec<&'static str>,
    authenticator: Arc<Authenticator>,
    server: Server,
    feeds: FeedServer,
}

impl Process {
    /// Begins a process in which these services will be mounted.
    pub fn new(settings: Settings, mounted: &[&'static str]) -> anyhow::Result<Process> {
        check(&settings, mounted)?;
        let authenticator = Authenticator::start(&settings.auth)?;
        Ok(Process {
            page_tokens: PageTokens::new(&settings.auth)?,
            server: Server::new(&settings.server, authenticator.clone()),
            feeds: FeedServer::default(),
            mounted: mounted.to_vec(),
            authenticator,
            settings,
        })
    }

    /// Returns a service's way to the database.
    pub fn db(&self, service: &str) -> anyhow::Result<Db> {
        Db::new(&self.settings.database, service).context("the database URL cannot be used")
    }

    /// Returns the key by which a service proves who it is to the others; those in this process trust it at once.
    pub fn key_of(&self, service: &str) -> anyhow::Result<Arc<ServiceKey>> {
        let key = ServiceKey::load(&self.settings.auth, service)?;
        self.authenticator.trust(&key);
        Ok(Arc::new(key))
    }

    /// Returns another service, to be called with the scopes that the caller needs there: in this process where it is mounted here.
    pub fn peer(&self, key: &Arc<ServiceKey>, service: &str, scopes: &[&str]) -> anyhow::Result<Peer> {
        let minter = Minter::new(key.clone(), service, scopes);
        if self.mounted.contains(&service) {
            return Ok(Peer::here(self.server.in_process(), minter));
        }
        let url = self
            .settings
            .peers
            .url(service)
            .with_context(|| format!("--{service}-url is missing"))?;
        Peer::at(url, minter)
    }

    /// Serves a generated service.
    pub fn serve<S: Served>(&mut self, service: S) -> &mut Self {
        self.server.add(service);
        self
    }

    /// Lets an RPC take requests of up to 1 MiB.
    pub fn accept_large_requests(&mut self, rpc: &str) -> &mut Self {
        self.server.accept_large_requests(rpc);
        self
    }

    /// Serves a service's feed, and takes tokens that were made for the service.
    pub fn serve_feed(&mut self, service: &'static str, feed: Feed) -> &mut Self {
        self.server.answers_for(service);
        self.feeds.add(service, feed);
        self
    }

    /// Starts to serve.
    pub async fn start(mut self) -> anyhow::Result<Running> {
        self.db("check")?.check_durability().await?;
        let feeds: FeedServiceServer<FeedServer> = FeedServiceServer::new(self.feeds);
        self.server.add(feeds);
        self.server.start().await
    }
}

/// Checks the settings together and tells every problem at once.
fn check(settings: &Settings, mounted: &[&str]) -> Result<(), Problems> {
    let elsewhere: Vec<&str> = SERVICES
        .into_iter()
        .filter(|service| !mounted.contains(service))
        .collect();
    let mut problems = Problems::default();
    settings.server.check(&mut problems);
    settings.database.check(&mut problems);
    settings.redis.check(&mut problems);
    settings.auth.check(&mut problems);
    settings.telemetry.check(&mut problems);
    settings.peers.check(&elsewhere, &mut problems);
    problems.finish()
}
