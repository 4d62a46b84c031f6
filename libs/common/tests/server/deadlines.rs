//! How long a call may take.

use std::time::{Duration, Instant};

use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{PUBLISH, World, message, reason};

/// A publish request that waits: its request id is "wait".
fn waiting() -> bytes::Bytes {
    message(b"\x0a\x04wait")
}

#[tokio::test]
async fn a_call_that_names_no_deadline_gets_the_default() {
    let world = World::with(&["--default-deadline-ms=50"]).await;
    let status = world.publish("wait").await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
    );
}

#[tokio::test]
async fn a_call_that_names_too_distant_a_deadline_gets_the_maximum() {
    let world = World::with(&["--default-deadline-ms=50", "--max-deadline-ms=100"]).await;
    let began = Instant::now();
    let headers = [("authorization", &*world.bearer()), ("grpc-timeout", "1H")];
    let reply = world.raw().await.post(PUBLISH, &headers, waiting()).await;
    assert_eq!(reply.code(), Code::DeadlineExceeded);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_deadline_that_cannot_be_read_is_the_callers_mistake() {
    let world = World::start().await;
    let mut raw = world.raw().await;
    for bad in ["S", "-1S", "1x", "123456789S", "soon"] {
        let headers = [("authorization", &*world.bearer()), ("grpc-timeout", bad)];
        let reply = raw.post(PUBLISH, &headers, waiting()).await;
        assert_eq!(
            (reply.code(), reason(reply.status()).as_str()),
            (Code::InvalidArgument, "INVALID_REQUEST"),
            "{bad}"
        );
        assert_eq!(
            reply.status().get_details_bad_request().unwrap().field_violations[0].field,
            "grpc-timeout"
        );
    }
}

#[tokio::test]
async fn a_deadline_that_has_passed_already_changes_nothing() {
    let world = World::start().await;
    let headers = [("authorization", &*world.bearer()), ("grpc-timeout", "0m")];
    let reply = world.raw().await.post(PUBLISH, &headers, waiting()).await;
    assert_eq!(reply.code(), Code::DeadlineExceeded);
    assert!(world.ladders.callers().is_empty());
}

#[tokio::test]
async fn a_handler_knows_how_long_its_caller_will_wait() {
    let world = World::start().await;
    let headers = [("authorization", &*world.bearer()), ("grpc-timeout", "700m")];
    world.raw().await.post(PUBLISH, &headers, message(b"\x0a\x01x")).await;
    let at = world.ladders.callers()[0].deadline().at().unwrap();
    assert!(world.ladders.budgets()[0] <= Some(Duration::from_millis(700)));
    assert!(at <= tokio::time::Instant::now() + Duration::from_millis(700));
}

#[tokio::test]
async fn a_request_that_never_comes_whole_is_given_up() {
    let world = World::with(&["--default-deadline-ms=50"]).await;
    let announced = bytes::Bytes::from_static(&[0, 0, 0, 0, 9, 0x0a]);
    let reply = world
        .raw()
        .await
        .post(PUBLISH, &[("authorization", &*world.bearer())], announced)
        .await;
    assert_eq!(reply.code(), Code::InvalidArgument, "cut short: the body ended");
}

#[tokio::test]
async fn a_stream_outlives_the_default_deadline_and_ends_at_its_own() {
    let world = World::with(&["--default-deadline-ms=1"]).await;
    let mut endless = world.subscribe("endless", None).await;
    assert!(endless.message().await.unwrap().is_some());

    let mut short = world.subscribe("endless", Some("300m")).await;
    assert!(short.message().await.unwrap().is_some());
    assert_eq!(short.message().await.unwrap_err().code(), Code::DeadlineExceeded);

    let still = tokio::time::timeout(Duration::from_millis(1), endless.message()).await;
    assert!(still.is_err(), "the stream without a deadline goes on");
}
