//! How much is taken on: calls at once, and bytes a call.

use std::time::Duration;

use bytes::Bytes;
use common::server::Server;
use proto::tier::ladder_service_server::LadderServiceServer;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{Ladders, PUBLISH, Raw, Settings, World, message, reason};

#[tokio::test]
async fn more_calls_than_the_process_takes_are_refused_at_once_with_a_time_to_come_back() {
    let world = World::with(&["--max-calls=1"]).await;
    let (first, second) = tokio::join!(world.publish("wait"), async {
        world.ladders.arrived.notified().await;
        let second = world.publish("x").await;
        world.ladders.go_on.notify_one();
        second
    });
    first.unwrap();
    let status = second.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "OVERLOADED")
    );
    assert!(status.get_details_retry_info().unwrap().retry_delay > Some(Duration::ZERO));
    world.publish("x").await.unwrap();
}

#[tokio::test]
async fn a_call_that_its_caller_gives_up_gives_its_place_back() {
    let world = World::with(&["--max-calls=1"]).await;
    tokio::select! {
        _ = world.publish("wait") => unreachable!("it waits"),
        () = world.ladders.arrived.notified() => {}
    }
    let again = async {
        while world.publish("x").await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), again).await.unwrap();
}

#[tokio::test]
async fn streams_are_counted_by_themselves_for_as_long_as_they_last() {
    let world = World::with(&["--max-calls=1", "--max-streams=1"]).await;
    let mut first = world.subscribe("endless", None).await;
    first.message().await.unwrap();
    world.publish("x").await.unwrap();
    let request = world.signed(proto::event::SubscribeRequest {
        feed: "x".into(),
        ..Default::default()
    });
    let mut client = proto::event::feed_service_client::FeedServiceClient::new(world.channel().await);
    assert_eq!(
        client.subscribe(request).await.unwrap_err().code(),
        Code::ResourceExhausted
    );
}

#[tokio::test]
async fn a_request_above_the_limit_is_refused_whether_or_not_it_ever_comes() {
    let world = World::start().await;
    let mut raw = world.raw().await;
    let bearer = world.bearer();
    let headers = [("authorization", &*bearer)];
    let content = publish_of(64 * 1024);
    assert_eq!(raw.post(PUBLISH, &headers, message(&content)).await.code(), Code::Ok);

    for body in [
        message(&publish_of(64 * 1024 + 1)),
        Bytes::from_static(&[0, 0xff, 0xff, 0xff, 0xff]),
    ] {
        let reply = raw.post(PUBLISH, &headers, body).await;
        let expected = (Code::ResourceExhausted, "REQUEST_TOO_LARGE");
        assert_eq!((reply.code(), reason(reply.status()).as_str()), expected);
    }
}

#[tokio::test]
async fn an_rpc_that_takes_large_requests_takes_one_mebibyte() {
    let world = World::start().await;
    let settings = Settings::of(["--listen=127.0.0.1:0"]);
    let mut server = Server::new(&settings.server, world.authenticator.clone());
    server
        .add(LadderServiceServer::new(Ladders::default()))
        .accept_large_requests(&PUBLISH[1..]);
    let running = server.start().await.unwrap();
    let mut raw = Raw::connect(running.address()).await;
    let bearer = world.bearer();
    let headers = [("authorization", &*bearer)];
    assert_eq!(
        raw.post(PUBLISH, &headers, message(&publish_of(1024 * 1024)))
            .await
            .code(),
        Code::Ok
    );
    let reply = raw.post(PUBLISH, &headers, message(&publish_of(1024 * 1024 + 1))).await;
    assert_eq!(reply.code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn a_server_does_not_start_when_an_rpc_that_nobody_serves_is_to_take_large_requests() {
    let world = World::start().await;
    let settings = Settings::of(["--listen=127.0.0.1:0"]);
    let mut server = Server::new(&settings.server, world.authenticator.clone());
    server.accept_large_requests("loyalty.tier.v1.LadderService/PublishLadders");
    assert!(server.start().await.is_err());
}

#[tokio::test]
async fn headers_beyond_any_honest_size_are_refused_by_http() {
    let world = World::start().await;
    let padding = "x".repeat(20 * 1024);
    let headers = [("authorization", &*world.bearer()), ("padding", &*padding)];
    let mut raw = world.raw().await;
    let reply = raw.post(PUBLISH, &headers, message(&[])).await;
    assert_eq!(reply.http, http::StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let token = format!("Bearer {}", "x".repeat(64 * 1024));
    let refused = raw.try_post(PUBLISH, &[("authorization", &token)], message(&[])).await;
    assert!(refused.is_none_or(|reply| !reply.http.is_success()));
    assert!(world.ladders.callers().is_empty());
}

/// Encodes a publish request of exactly this size.
fn publish_of(bytes: usize) -> Vec<u8> {
    let length = (1..=4)
        .map(|varint| bytes - 1 - varint)
        .find(|length| varint_of(*length).len() + 1 + length == bytes);
    let length = length.unwrap();
    [vec![0x0a], varint_of(length), vec![b'x'; length]].concat()
}

fn varint_of(value: usize) -> Vec<u8> {
    let mut encoded = Vec::new();
    prost::encoding::encode_varint(value as u64, &mut encoded);
    encoded
}
