//! What operators see of the calls: one test, because a process has one telemetry.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use clap::{Args as _, FromArgMatches as _};
use common::{auth::Minter, config::TelemetrySettings, peers::Peer, telemetry::Telemetry};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    trace::v1::Span,
};
use proto::tier::{ListLaddersRequest, PublishLadderRequest, ladder_service_client::LadderServiceClient};
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

use crate::support::{World, with_metadata};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_measured_by_its_rpc_and_status_and_traced_as_a_child_of_its_callers_span() {
    let collector = Collector::default();
    let endpoint = format!("--otlp-endpoint=http://{}", collector.serve().await);
    let telemetry = start(&[
        "--metrics-listen=127.0.0.1:0",
        "--log=off",
        "--trace-per-mille=0",
        &endpoint,
    ])
    .await;
    let address = telemetry.metrics_address().unwrap();
    assert_eq!(get(address, "/healthz").await, "ok\n");

    let world = World::start().await;
    world.publish("refuse").await.unwrap_err();
    world.publish("panic").await.unwrap_err();
    world.list_with(&[]).await.unwrap_err();
    let mut messages = world.subscribe("panic", None).await;
    while let Ok(Some(_)) = messages.message().await {}
    let give_up = world.publish("wait");
    tokio::select! {
        _ = give_up => unreachable!("it waits"),
        () = world.ladders.arrived.notified() => {}
    }
    traced_call(&world).await;
    relayed_call(&world).await;

    let expected = [
        ("loyalty.tier.v1.LadderService/PublishLadder", "OK"),
        ("loyalty.tier.v1.LadderService/PublishLadder", "FAILED_PRECONDITION"),
        ("loyalty.tier.v1.LadderService/PublishLadder", "INTERNAL"),
        ("loyalty.tier.v1.LadderService/PublishLadder", "CANCELLED"),
        ("loyalty.tier.v1.LadderService/ListLadders", "UNAUTHENTICATED"),
        ("loyalty.event.v1.FeedService/Subscribe", "INTERNAL"),
    ];
    // That a caller has given up reaches the server by itself, so the numbers are read until they are there.
    let mut missing = String::new();
    for _ in 0..1000 {
        let metrics = get(address, "/metrics").await;
        let absent = expected.iter().find(|(rpc, status)| !counts(&metrics, rpc, status));
        missing = absent.map_or_else(String::new, |(rpc, status)| {
            format!("no {status} of {rpc} in\n{metrics}")
        });
        if missing.is_empty() {
            assert!(metrics.contains("rpc_server_panics_total"));
            break;
        }
    }
    assert!(missing.is_empty(), "{missing}");

    tokio::task::spawn_blocking(|| telemetry.end()).await.unwrap();
    let spans = collector.spans_of(TRACE);
    for rpc in ["PublishLadder", "ListLadders"] {
        let name = format!("loyalty.tier.v1.LadderService/{rpc}");
        let span = spans
            .iter()
            .find(|span| span.name == name)
            .unwrap_or_else(|| panic!("no span of {name}"));
        assert_eq!(hex(&span.parent_span_id), PARENT);
        assert_eq!(attribute(span, "rpc.response.status_code").as_deref(), Some("OK"));
    }
}

/// Tells whether the metrics count calls of an RPC that ended so.
fn counts(metrics: &str, rpc: &str, status: &str) -> bool {
    metrics.lines().any(|line| {
        line.starts_with("rpc_server_call_duration_seconds_count")
            && line.contains(&format!("rpc_method=\"{rpc}\""))
            && line.contains(&format!("rpc_response_status_code=\"{status}\""))
    })
}

/// Calls with a trace of the caller's own.
async fn traced_call(world: &World) {
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    let metadata = [("authorization", &*world.bearer()), ("traceparent", &traceparent)];
    let wire = PublishLadderRequest {
        request_id: "x".to_owned(),
        ..Default::default()
    };
    let mut client = LadderServiceClient::new(world.channel().await);
    client.publish_ladder(with_metadata(wire, &metadata)).await.unwrap();
}

/// Calls a peer on behalf of that caller, outside of any span: the trace still goes on.
async fn relayed_call(world: &World) {
    let caller = world.ladders.callers().pop().unwrap();
    let minter = Minter::new(world.trusted_service("campaign"), "tier", &["ladders.read"]);
    let peer = Peer::at(&world.url(), minter).unwrap();
    LadderServiceClient::new(peer.on_behalf_of(&caller))
        .list_ladders(ListLaddersRequest {})
        .await
        .unwrap();
    let trace = format!("{:?}", world.ladders.callers().pop().unwrap().trace());
    assert!(trace.contains(TRACE), "{trace}");
}

async fn start(arguments: &[&str]) -> Telemetry {
    let command = TelemetrySettings::augment_args(clap::Command::new("test")).no_binary_name(true);
    let settings = TelemetrySettings::from_arg_matches(&command.get_matches_from(arguments)).unwrap();
    Telemetry::start(&settings, "test").await.unwrap()
}

/// Where traces are sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

impl Collector {
    async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = TraceServiceServer::new(self.clone());
        let incoming = TcpListenerStream::new(listener);
        tokio::spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(incoming),
        );
        address
    }

    fn spans_of(&self, trace: &str) -> Vec<Span> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|span| hex(&span.trace_id) == trace)
            .cloned()
            .collect()
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let scopes = request
            .into_inner()
            .resource_spans
            .into_iter()
            .flat_map(|resource| resource.scope_spans);
        self.0.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    use opentelemetry_proto::tonic::common::v1::any_value::Value;
    let value = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == key)?
        .value
        .clone()?
        .value?;
    match value {
        Value::StringValue(text) => Some(text),
        other => Some(format!("{other:?}")),
    }
}

async fn get(address: SocketAddr, path: &str) -> String {
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
