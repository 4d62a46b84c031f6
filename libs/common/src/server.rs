//! The one server: every RPC of every service in the process, on one port.
//!
//! A service adds what it serves; the server does what all of them need: identity and scopes, deadlines, load shedding,
//! size limits, panics, metrics, health, reflection, and a drain that loses no call. It stands on hyper rather than on
//! tonic's own server, because that one answers a passed deadline with CANCELLED, limits load per connection only (behind a
//! mesh proxy there is one connection), and never asks an old connection to leave gracefully. The price is
//! `connections.rs`; the gain is also one lookup a call where a router and a stack of layers would stand.

mod admission;
mod answer;
mod connections;
pub(crate) mod deadline;
mod gate;
mod inbound;
mod routes;

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::server::NamedService;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{
    auth::{Authenticator, Policy},
    config::ServerSettings,
    telemetry::RpcMetrics,
};

pub use answer::Answer;
pub use deadline::Deadline;
pub use gate::{Gate, InProcess};
pub use inbound::Inbound;
pub use routes::Served;

/// Collects what a process serves, then serves it.
pub struct Server {
    settings: ServerSettings,
    authenticator: Arc<Authenticator>,
    routes: routes::Routes,
    audiences: Vec<String>,
    health: HealthReporter,
    in_process: InProcess,
}

impl Server {
    /// Begins a server. Nothing is bound before [`Server::start`].
    pub fn new(settings: &ServerSettings, authenticator: Arc<Authenticator>) -> Self {
        let health = HealthReporter::new();
        let mut routes = routes::Routes::default();
        let service = tonic_health::server::HealthService::from_health_reporter(health.clone());
        routes.add(tonic_health::pb::health_server::HealthServer::new(service));
        Self {
            settings: settings.clone(),
            authenticator,
            routes,
            audiences: Vec::new(),
            health,
            in_process: InProcess::default(),
        }
    }

    /// Adds a generated service.
    pub fn add<S: Served>(&mut self, service: S) -> &mut Self {
        self.routes.add(service);
        self
    }

    /// Says that tokens made for this service, such as `points`, are meant for this server.
    pub fn answers_for(&mut self, service: &str) -> &mut Self {
        self.audiences.push(service.to_owned());
        self
    }

    /// Lets an RPC, named as `loyalty.campaign.v1.ActivityService/ImportActivities`, take requests of up to 1 MiB.
    pub fn accept_large_requests(&mut self, rpc: &str) -> &mut Self {
        self.routes.accept_large_requests(rpc);
        self
    }

    /// Returns the way in for peers in the same process. It opens when the server starts.
    pub fn in_process(&self) -> InProcess {
        self.in_process.clone()
    }

    /// Returns the handle by which a service reports its health.
    pub fn health(&self) -> HealthReporter {
        self.health.clone()
    }

    /// Binds the port and serves. Refuses to when an RPC has no authorisation rule.
    pub async fn start(mut self) -> anyhow::Result<Running> {
        let names = self.routes.names();
        if self.settings.reflection {
            self.reflect(&names)?;
        }
        let policy = Policy::for_services(&self.routes.names())?;
        self.authenticator.accept_audiences(&self.audiences);
        let gate = Gate::new(
            &self.settings,
            self.routes,
            policy,
            self.authenticator,
            RpcMetrics::new(),
        )?;
        let gate = Arc::new(gate);
        let draining = gate.draining();
        self.in_process.open(Arc::clone(&gate));

        let listener = TcpListener::bind(self.settings.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}", self.settings.listen))?;
        let address = listener.local_addr()?;
        let (stop, stopping) = watch::channel(());
        let serving = tokio::spawn(connections::serve(listener, gate, self.settings.clone(), stopping));
        for name in names.iter().map(String::as_str).chain([""]) {
            self.health.set_service_status(name, ServingStatus::Serving).await;
        }
        tracing::info!(%address, services = names.join(" "), "serving");
        Ok(Running {
            address,
            names,
            health: self.health,
            settings: self.settings,
            draining,
            stop,
            serving,
        })
    }

    fn reflect(&mut self, names: &[String]) -> anyhow::Result<()> {
        let builder = || {
            names.iter().fold(
                tonic_reflection::server::Builder::configure()
                    .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
                    .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET),
                |builder, name| builder.with_service_name(name),
            )
        };
        self.routes.add(builder().build_v1()?);
        self.routes.add(builder().build_v1alpha()?);
        Ok(())
    }
}

/// A server that serves. Dropping it ends it without notice.
pub struct Running {
    address: SocketAddr,
    names: Vec<String>,
    health: HealthReporter,
    settings: ServerSettings,
    draining: CancellationToken,
    stop: watch::Sender<()>,
    serving: JoinHandle<()>,
}

impl Running {
    /// Returns the address it serves on, with the port that the system chose if none was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the signal, then drains: says NOT_SERVING, waits until proxies have noticed, takes no new connection,
    /// and lets what is under way finish for a bounded time.
    pub async fn until(self, signal: impl Future<Output = ()>) {
        signal.await;
        self.drain().await;
    }

    /// Drains now.
    pub async fn drain(self) {
        tracing::info!("draining");
        for name in self.names.iter().map(String::as_str).chain([""]) {
            self.health.set_service_status(name, ServingStatus::NotServing).await;
        }
        tokio::time::sleep(Duration::from_millis(self.settings.drain_notice_ms)).await;
        self.draining.cancel();
        let _ = self.stop.send(());
        let limit = Duration::from_millis(self.settings.drain_limit_ms);
        let abort = self.serving.abort_handle();
        if tokio::time::timeout(limit, self.serving).await.is_err() {
            tracing::warn!(
                limit_ms = self.settings.drain_limit_ms,
                "calls were still under way when the drain ended"
            );
            abort.abort();
        }
    }
}

/// Completes when the process is asked to end: SIGTERM or Ctrl-C.
pub async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "cannot listen for SIGTERM");
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

/// Returns the name of a generated service, such as `loyalty.points.v1.PointsService`.
pub fn name_of<S: NamedService>() -> &'static str {
    S::NAME
}
