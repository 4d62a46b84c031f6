//! Services that call one another, over a connection and inside a process, with the same checks.

use std::{sync::Arc, time::Duration};

use common::{
    auth::{Authenticator, Caller, Minter, ServiceKey},
    peers::Peer,
    server::Server,
};
use proto::{
    event::{FollowRequest, feed_service_client::FeedServiceClient, feed_service_server::FeedServiceServer},
    tier::{
        ListLaddersRequest, PublishLadderRequest, ladder_service_client::LadderServiceClient,
        ladder_service_server::LadderServiceServer,
    },
};
use tonic::{Code, Status};

use crate::support::{Feeds, Key, Settings, World, claims, with_metadata};

const SCOPES: &[&str] = &["ladders.read", "ladders.write", "feeds.follow"];

/// Returns a world and a way for the service `campaign` to call it over a connection, and one that stays in the process.
async fn both_ways() -> [(World, Peer); 2] {
    let remote = World::start().await;
    let minter = Minter::new(remote.trusted_service("campaign"), "tier", SCOPES);
    let over_connection = Peer::at(&remote.url(), minter).unwrap();

    let mut local = World::start().await;
    let minter = Minter::new(local.trusted_service("campaign"), "tier", SCOPES);
    let settings = Settings::of(["--listen=127.0.0.1:0"]);
    let mut server = Server::new(&settings.server, Arc::clone(&local.authenticator));
    server.answers_for("tier");
    server
        .add(LadderServiceServer::new(local.ladders.clone()))
        .add(FeedServiceServer::new(Feeds));
    let in_process = Peer::here(server.in_process(), minter);
    local.running = server.start().await.unwrap();
    [(remote, over_connection), (local, in_process)]
}

/// Returns the caller that a service sees when someone with a token calls it for a second.
async fn outer_caller(world: &World) -> Caller {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let metadata = [
        ("authorization", &*world.bearer()),
        ("traceparent", trace),
        ("grpc-timeout", "1S"),
    ];
    let request = with_metadata(ListLaddersRequest {}, &metadata);
    LadderServiceClient::new(world.channel().await)
        .list_ladders(request)
        .await
        .unwrap();
    world.ladders.callers().pop().unwrap()
}

#[tokio::test]
async fn a_peer_learns_for_whom_by_whom_and_for_how_long() {
    for (world, peer) in both_ways().await {
        let outer = outer_caller(&world).await;
        LadderServiceClient::new(peer.on_behalf_of(&outer))
            .list_ladders(ListLaddersRequest {})
            .await
            .unwrap();
        let inner = world.ladders.callers().pop().unwrap();
        assert_eq!(inner.program().to_string(), claims()["program"]);
        assert_eq!(inner.actor().subject(), "till-17");
        assert_eq!(inner.actor().via(), ["service:campaign"]);
        assert_eq!(inner.service(), Some("campaign"));
        assert!(inner.deadline().at() <= outer.deadline().at().map(|at| at + Duration::from_millis(50)));
        assert_eq!(format!("{:?}", inner.trace()), format!("{:?}", outer.trace()));
    }
}

#[tokio::test]
async fn a_worker_acts_for_its_service_in_a_program() {
    for (world, peer) in both_ways().await {
        let worker = Caller::worker("campaign", outer_caller(&world).await.program());
        LadderServiceClient::new(peer.on_behalf_of(&worker))
            .list_ladders(ListLaddersRequest {})
            .await
            .unwrap();
        let inner = world.ladders.callers().pop().unwrap();
        assert_eq!(
            (inner.actor().subject(), inner.actor().via().len()),
            ("service:campaign", 0)
        );
    }
}

#[tokio::test]
async fn a_service_follows_a_feed_in_no_program_and_reaches_no_program_without_one() {
    for (_world, peer) in both_ways().await {
        let request = FollowRequest {
            feed: "tier".to_owned(),
            ..Default::default()
        };
        let mut events = FeedServiceClient::new(peer.as_service())
            .follow(request)
            .await
            .unwrap()
            .into_inner();
        assert!(events.message().await.unwrap().is_some());
        let status = LadderServiceClient::new(peer.as_service())
            .list_ladders(ListLaddersRequest {})
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
    }
}

#[tokio::test]
async fn a_peer_waits_no_longer_than_the_caller_does() {
    for (world, peer) in both_ways().await {
        let outer = outer_caller(&world).await;
        let wire = || PublishLadderRequest {
            request_id: "wait".to_owned(),
            ..Default::default()
        };
        let short = peer.on_behalf_of(&outer).within(Duration::from_millis(50));
        let status = LadderServiceClient::new(short)
            .publish_ladder(wire())
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        let passed = peer.on_behalf_of(&outer).within(Duration::ZERO);
        let status = LadderServiceClient::new(passed)
            .publish_ladder(wire())
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
    }
}

#[tokio::test]
async fn refusals_of_a_peer_come_back_as_they_are() {
    for (world, peer) in both_ways().await {
        let outer = outer_caller(&world).await;
        let wire = PublishLadderRequest {
            request_id: "refuse".to_owned(),
            ..Default::default()
        };
        let status = LadderServiceClient::new(peer.on_behalf_of(&outer))
            .publish_ladder(wire)
            .await
            .unwrap_err();
        assert_eq!(
            (status.code(), crate::support::reason(&status).as_str()),
            (Code::FailedPrecondition, "TOLD_TO")
        );
    }
}

#[tokio::test]
async fn calls_inside_the_process_are_part_of_one_that_was_counted() {
    let [_, (world, peer)] = both_ways().await;
    let outer = outer_caller(&world).await;
    let calls = (0..5000).map(|_| {
        let mut client = LadderServiceClient::new(peer.on_behalf_of(&outer));
        async move { client.list_ladders(ListLaddersRequest {}).await }
    });
    assert!(futures::future::join_all(calls).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_service_cannot_speak_for_another_nor_to_another_than_it_names() {
    let world = World::start().await;
    let outer = outer_caller(&world).await;
    let call = async |key: Arc<ServiceKey>, audience: &str, scopes: &[&str]| -> Status {
        let peer = Peer::at(&world.url(), Minter::new(key, audience, scopes)).unwrap();
        let mut client = LadderServiceClient::new(peer.on_behalf_of(&outer));
        client.list_ladders(ListLaddersRequest {}).await.unwrap_err()
    };
    let unknown = Arc::new(ServiceKey::generate("campaign").unwrap());
    assert_eq!(call(unknown, "tier", SCOPES).await.code(), Code::Unauthenticated);
    let campaign = world.trusted_service("campaign");
    assert_eq!(
        call(Arc::clone(&campaign), "points", SCOPES).await.code(),
        Code::Unauthenticated
    );
    assert_eq!(
        call(campaign, "tier", &["feeds.follow"]).await.code(),
        Code::PermissionDenied
    );
}

#[tokio::test]
async fn a_service_reads_its_own_key_and_those_of_others_from_files() {
    let made = Key::ed25519("campaign");
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("own"), made.private_pem()).unwrap();
    std::fs::create_dir(path("services")).unwrap();
    std::fs::write(path("services") + "/campaign.2026.pem", made.public_pem()).unwrap();

    let (own, services) = (path("own"), path("services"));
    let world = World::with(&["--service-keys", &services]).await;
    let key = ServiceKey::load(&Settings::of(["--service-key", &own]).auth, "campaign").unwrap();
    let peer = Peer::at(&world.url(), Minter::new(Arc::new(key), "tier", SCOPES)).unwrap();
    let outer = outer_caller(&world).await;
    LadderServiceClient::new(peer.on_behalf_of(&outer))
        .list_ladders(ListLaddersRequest {})
        .await
        .unwrap();
    let same_key_other_name = ServiceKey::load(&Settings::of(["--service-key", &own]).auth, "points").unwrap();
    let peer = Peer::at(&world.url(), Minter::new(Arc::new(same_key_other_name), "tier", SCOPES)).unwrap();
    let mut client = LadderServiceClient::new(peer.on_behalf_of(&outer));
    assert_eq!(
        client.list_ladders(ListLaddersRequest {}).await.unwrap_err().code(),
        Code::Unauthenticated
    );
}

#[tokio::test]
async fn a_peer_that_is_not_there_is_unavailable() {
    let world = World::start().await;
    let outer = outer_caller(&world).await;
    let key = world.trusted_service("campaign");
    let settings = Settings::of(["--insecure-development-mode"]);
    let authenticator = Authenticator::start(&settings.auth).unwrap();
    let not_started = Server::new(&settings.server, authenticator).in_process();
    let peers = [
        Peer::at("http://127.0.0.1:1", Minter::new(Arc::clone(&key), "tier", SCOPES)).unwrap(),
        Peer::here(not_started, Minter::new(key, "tier", SCOPES)),
    ];
    for peer in peers {
        let mut client = LadderServiceClient::new(peer.on_behalf_of(&outer));
        assert_eq!(
            client.list_ladders(ListLaddersRequest {}).await.unwrap_err().code(),
            Code::Unavailable
        );
    }
}
