//! What is no request, or no message. The caller is told so, and INTERNAL always means a fault of ours.

use bytes::Bytes;
use http::StatusCode;
use tonic::Code;

use crate::support::{PUBLISH, World, message, reason};

#[tokio::test]
async fn what_is_no_message_is_the_callers_mistake() {
    let world = World::start().await;
    let mut raw = world.raw().await;
    let nested = (0..200).fold(Vec::new(), |inner: Vec<u8>, _| [vec![0x0b], inner, vec![0x0c]].concat());
    let bodies = [
        ("a field that ends too early", message(b"\x0a\x10short")),
        ("a key that is none", message(&[0xff; 12])),
        ("text that is not UTF-8", message(b"\x0a\x02\xc3\x28")),
        ("a field of another type", message(b"\x08\x01")),
        ("nesting without end", message(&nested)),
        (
            "a message that is cut short",
            Bytes::from_static(&[0, 0, 0, 0, 9, 0x0a]),
        ),
        ("a header that is cut short", Bytes::from_static(&[0, 0, 0])),
        ("nothing", Bytes::new()),
    ];
    let bearer = world.bearer();
    for (what, body) in bodies {
        let reply = raw.post(PUBLISH, &[("authorization", &bearer)], body).await;
        assert_eq!(reply.code(), Code::InvalidArgument, "{what}: {:?}", reply.status());
        assert_eq!(reason(reply.status()), "INVALID_REQUEST", "{what}");
    }
    assert!(world.ladders.callers().is_empty(), "no handler was reached");
}

#[tokio::test]
async fn two_messages_for_a_call_that_takes_one_change_nothing() {
    let world = World::start().await;
    let twice = [message(b"\x0a\x01x"), message(b"\x0a\x01y")].concat();
    let reply = world
        .raw()
        .await
        .post(PUBLISH, &[("authorization", &world.bearer())], twice)
        .await;
    assert_eq!(reply.code(), Code::Unimplemented);
    assert!(world.ladders.callers().is_empty());
}

#[tokio::test]
async fn compression_is_not_spoken() {
    let world = World::start().await;
    let headers = [("authorization", &*world.bearer()), ("grpc-encoding", "gzip")];
    let mut raw = world.raw().await;
    assert_eq!(
        raw.post(PUBLISH, &headers, message(&[])).await.code(),
        Code::Unimplemented
    );
    let flagged = Bytes::from_static(&[1, 0, 0, 0, 0]);
    assert_eq!(
        raw.post(PUBLISH, &headers[..1], flagged).await.code(),
        Code::Internal,
        "as the gRPC protocol asks"
    );
}

#[tokio::test]
async fn what_is_not_grpc_gets_an_http_status() {
    let world = World::start().await;
    let mut raw = world.raw().await;
    for content_type in [
        "application/json",
        "application/grpc-web",
        "application/grpc+json",
        "text/html",
    ] {
        let reply = raw.post(PUBLISH, &[("content-type", content_type)], message(&[])).await;
        assert_eq!(reply.http, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    let reply = raw
        .post(PUBLISH, &[("content-type", "application/grpc+proto")], message(&[]))
        .await;
    assert_eq!(reply.http, StatusCode::OK);
}

#[tokio::test]
async fn an_rpc_that_is_not_served_is_unimplemented() {
    let world = World::start().await;
    let mut raw = world.raw().await;
    for path in [
        "/loyalty.tier.v1.LadderService/DropLadder",
        "/loyalty.points.v1.PointsService/EarnPoints",
        "/",
        "/x/../y",
    ] {
        let reply = raw
            .post(path, &[("authorization", &world.bearer())], message(&[]))
            .await;
        assert_eq!(reply.code(), Code::Unimplemented, "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_internal_and_the_next_call_is_answered() {
    let world = World::start().await;
    let status = world.publish("panic").await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Internal, "INTERNAL"));
    world.publish("x").await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_stream_ends_it_with_internal() {
    let world = World::start().await;
    let mut messages = world.subscribe("panic", None).await;
    let status = async {
        while messages.message().await?.is_some() {}
        Ok::<_, tonic::Status>(())
    }
    .await
    .unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Internal, "INTERNAL"));
}

#[tokio::test]
async fn a_fault_tells_nothing_of_our_insides() {
    let world = World::start().await;
    let status = world.publish("fault").await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Internal, "INTERNAL"));
    assert!(!format!("{status:?}").contains("insides"));
}
