//! A small world: a server with two services of the contracts, an issuer of tokens, and clients.

mod issuer;
mod raw;
mod services;

use std::sync::Arc;

use clap::{Args, FromArgMatches as _};
use common::{
    auth::{Authenticator, ServiceKey},
    config::{AuthSettings, PeerSettings, ServerSettings},
    server::{Running, Server},
};
use proto::{
    event::{
        SubscribeRequest, SubscribeResponse, feed_service_client::FeedServiceClient,
        feed_service_server::FeedServiceServer,
    },
    tier::{
        ListLaddersRequest, ListLaddersResponse, PublishLadderRequest, PublishLadderResponse,
        ladder_service_client::LadderServiceClient, ladder_service_server::LadderServiceServer,
    },
};
use tonic::{Request, Response, Status, metadata::MetadataValue, transport::Channel};
use tonic_types::StatusExt as _;

pub use issuer::{Issuer, Key, claims, now};
pub use raw::{Raw, message};
pub use services::{Feeds, Ladders};

pub const PUBLISH: &str = "/loyalty.tier.v1.LadderService/PublishLadder";

#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    pub server: ServerSettings,
    #[command(flatten)]
    pub auth: AuthSettings,
    #[command(flatten)]
    pub peers: PeerSettings,
}

impl Settings {
    pub fn of<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let command = Self::augment_args(clap::Command::new("test")).no_binary_name(true);
        Self::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
    }
}

/// A server under test. It ends with the test.
pub struct World {
    pub issuer: Issuer,
    pub authenticator: Arc<Authenticator>,
    pub ladders: Ladders,
    pub running: Running,
}

impl World {
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts a server with some settings of its own.
    pub async fn with(arguments: &[&str]) -> Self {
        let issuer = Issuer::new();
        let keys = issuer.keys().to_owned();
        let usual = [
            "--listen=127.0.0.1:0",
            "--auth-issuer=https://issuer.test",
            "--auth-keys",
            &keys,
            "--drain-notice-ms=0",
        ];
        let settings = Settings::of(usual.into_iter().chain(arguments.iter().copied()));
        let authenticator = Authenticator::start(&settings.auth).unwrap();
        let mut server = Server::new(&settings.server, Arc::clone(&authenticator));
        let ladders = Ladders::default();
        server
            .answers_for("tier")
            .add(LadderServiceServer::new(ladders.clone()))
            .add(FeedServiceServer::new(Feeds));
        let running = server.start().await.unwrap();
        Self {
            issuer,
            authenticator,
            ladders,
            running,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.running.address())
    }

    pub async fn channel(&self) -> Channel {
        Channel::from_shared(self.url()).unwrap().connect().await.unwrap()
    }

    pub async fn raw(&self) -> Raw {
        Raw::connect(self.running.address()).await
    }

    /// Lists ladders with a token.
    pub async fn list(&self, token: &str) -> Result<Response<ListLaddersResponse>, Status> {
        self.list_with(&[("authorization", &format!("Bearer {token}"))]).await
    }

    /// Lists ladders with some metadata.
    pub async fn list_with(&self, metadata: &[(&'static str, &str)]) -> Result<Response<ListLaddersResponse>, Status> {
        let request = with_metadata(ListLaddersRequest {}, metadata);
        LadderServiceClient::new(self.channel().await)
            .list_ladders(request)
            .await
    }

    /// Publishes a ladder; what the request id says is what happens.
    pub async fn publish(&self, request_id: &str) -> Result<Response<PublishLadderResponse>, Status> {
        let wire = PublishLadderRequest {
            request_id: request_id.to_owned(),
            ..Default::default()
        };
        LadderServiceClient::new(self.channel().await)
            .publish_ladder(self.signed(wire))
            .await
    }

    /// Subscribes to a feed; its name says what happens.
    pub async fn subscribe(&self, feed: &str, timeout: Option<&str>) -> tonic::Streaming<SubscribeResponse> {
        let wire = SubscribeRequest {
            feed: feed.to_owned(),
            ..Default::default()
        };
        let mut request = self.signed(wire);
        if let Some(timeout) = timeout {
            request.metadata_mut().insert("grpc-timeout", timeout.parse().unwrap());
        }
        FeedServiceClient::new(self.channel().await)
            .subscribe(request)
            .await
            .unwrap()
            .into_inner()
    }

    /// Returns a request with a token that allows everything.
    pub fn signed<T>(&self, message: T) -> Request<T> {
        with_metadata(message, &[("authorization", &self.bearer())])
    }

    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.issuer.sign(&claims()))
    }

    /// Returns a key of a service that the server trusts.
    pub fn trusted_service(&self, service: &str) -> Arc<ServiceKey> {
        let key = ServiceKey::generate(service).unwrap();
        self.authenticator.trust(&key);
        Arc::new(key)
    }
}

pub fn with_metadata<T>(message: T, metadata: &[(&'static str, &str)]) -> Request<T> {
    let mut request = Request::new(message);
    for (name, value) in metadata {
        request
            .metadata_mut()
            .append(*name, MetadataValue::try_from(*value).unwrap());
    }
    request
}

/// Returns the reason that a status carries, which must be one that all services share.
pub fn reason(status: &Status) -> String {
    let info = status
        .get_details_error_info()
        .unwrap_or_else(|| panic!("{status:?} carries no reason"));
    assert_eq!(info.domain, "loyalty");
    info.reason
}
