//! What operators see of the calls.

use clap::{Args as _, FromArgMatches as _};
use common::{config::TelemetrySettings, telemetry::Telemetry};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::support::World;

#[tokio::test]
async fn every_call_is_measured_by_its_rpc_and_its_status_also_when_trailers_tell_it() {
    let command = TelemetrySettings::augment_args(clap::Command::new("test")).no_binary_name(true);
    let matches = command.get_matches_from(["--metrics-listen=127.0.0.1:0", "--log=error"]);
    let settings = TelemetrySettings::from_arg_matches(&matches).unwrap();
    let telemetry = Telemetry::start(&settings, "test").await.unwrap();
    let address = telemetry.metrics_address().unwrap();
    assert_eq!(get(address, "/healthz").await, "ok\n");

    let world = World::start().await;
    world.publish("x").await.unwrap();
    world.publish("refuse").await.unwrap_err();
    world.publish("panic").await.unwrap_err();
    world.list_with(&[]).await.unwrap_err();
    let mut messages = world.subscribe("panic", None).await;
    while let Ok(Some(_)) = messages.message().await {}

    let metrics = get(address, "/metrics").await;
    for (rpc, status) in [
        ("loyalty.tier.v1.LadderService/PublishLadder", "OK"),
        ("loyalty.tier.v1.LadderService/PublishLadder", "FAILED_PRECONDITION"),
        ("loyalty.tier.v1.LadderService/PublishLadder", "INTERNAL"),
        ("loyalty.tier.v1.LadderService/ListLadders", "UNAUTHENTICATED"),
        ("loyalty.event.v1.FeedService/Subscribe", "INTERNAL"),
    ] {
        let line = metrics.lines().find(|line| {
            line.starts_with("rpc_server_call_duration_seconds_count")
                && line.contains(&format!("rpc_method=\"{rpc}\""))
                && line.contains(&format!("rpc_response_status_code=\"{status}\""))
        });
        assert!(line.is_some(), "no {status} of {rpc} in\n{metrics}");
    }
    assert!(metrics.contains("rpc_server_panics_total"));
}

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = http::Request::get(path)
        .header("host", "test")
        .body(Empty::<bytes::Bytes>::new())
        .unwrap();
    let body = sender
        .send_request(request)
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}
