//! The way of a call through the server, top to bottom: find the RPC, take a place, read the deadline, establish who calls,
//! call the service, observe the answer. One future, no boxes of its own, one table look-up.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::ensure;
use futures::FutureExt as _;
use http::{HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE, request::Parts};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use super::{
    Answer, Deadline, Inbound,
    admission::{Admission, Admitted},
    answer::status_of,
    deadline::{Limits, passed},
    inbound::Source,
    routes::{Handler, Routes},
};
use crate::{
    auth::{Authenticator, Caller, Policy, Rule},
    config::ServerSettings,
    refusal::Refusal,
    telemetry::{RpcMetrics, RpcTimings, Timing, TraceContext},
};

const REQUEST_BYTES: usize = 64 * 1024;
const LARGE_REQUEST_BYTES: usize = 1024 * 1024;

/// Lets calls in, one by one.
pub struct Gate {
    rpcs: HashMap<String, Rpc, Xxh3DefaultBuilder>,
    unknown: Arc<RpcTimings>,
    calls: Admission,
    streams: Admission,
    deadlines: Limits,
    authenticator: Arc<Authenticator>,
    draining: CancellationToken,
}

struct Rpc {
    handler: Handler,
    rule: Option<Rule>,
    takes_stream: bool,
    answers_stream: bool,
    max_request_bytes: usize,
    timings: Arc<RpcTimings>,
}

impl Gate {
    pub(super) fn new(
        settings: &ServerSettings,
        routes: Routes,
        policy: Policy,
        authenticator: Arc<Authenticator>,
        metrics: RpcMetrics,
    ) -> anyhow::Result<Self> {
        for path in routes.large() {
            ensure!(
                policy.find(path).is_some(),
                "{path} is to take large requests, but nobody serves it"
            );
        }
        let mut rpcs = HashMap::default();
        for (path, method) in policy.into_methods() {
            if let Some(handler) = routes.handler(&path) {
                let large = routes.takes_large_requests(&path);
                let rpc = Rpc {
                    handler,
                    rule: method.rule,
                    takes_stream: method.takes_stream,
                    answers_stream: method.answers_stream,
                    max_request_bytes: if large { LARGE_REQUEST_BYTES } else { REQUEST_BYTES },
                    timings: metrics.of(&path[1..]),
                };
                rpcs.insert(path, rpc);
            }
        }
        Ok(Self {
            rpcs,
            unknown: metrics.of("_OTHER"),
            calls: Admission::new(settings.max_calls),
            streams: Admission::new(settings.max_streams),
            deadlines: Limits {
                default: Duration::from_millis(settings.default_deadline_ms),
                maximum: Duration::from_millis(settings.max_deadline_ms),
            },
            authenticator,
            draining: CancellationToken::new(),
        })
    }

    /// Returns the token by which every stream is told that the server drains. Who follows a feed goes on elsewhere, from
    /// its cursor; without this a drain would wait for streams that have no end.
    pub(super) fn draining(&self) -> CancellationToken {
        self.draining.clone()
    }

    /// Answers a call that came over the network.
    pub(super) async fn answer(&self, request: Request<hyper::body::Incoming>) -> Response<Answer> {
        let (parts, body) = request.into_parts();
        if let Some(code) = not_grpc(&parts) {
            let mut response = Answer::refusal(Status::unknown("this is not a gRPC request"), None);
            *response.status_mut() = code;
            return response;
        }
        self.pass(parts, Source::Wire(body), true).await
    }

    /// Answers a call of a peer in this process. What it is part of has been counted already: counting it again could only
    /// refuse half of a call that was let in.
    pub(crate) async fn answer_peer(&self, request: Request<tonic::body::Body>) -> Response<Answer> {
        let (parts, body) = request.into_parts();
        self.pass(parts, Source::Process(body), false).await
    }

    async fn pass(&self, mut parts: Parts, body: Source, counted: bool) -> Response<Answer> {
        let Some(rpc) = self.rpcs.get(parts.uri.path()) else {
            return Answer::refusal(
                Status::unimplemented("there is no such RPC here"),
                Some(self.unknown.start(&parts.headers)),
            );
        };
        let timing = rpc.timings.start(&parts.headers);
        match self.admit(rpc, &mut parts, counted) {
            Ok((admitted, deadline)) => self.call(rpc, parts, body, timing, admitted, deadline).await,
            Err(status) => Answer::refusal(status, Some(timing)),
        }
    }

    /// Decides whether the call may go on, and notes who calls and for how long they wait.
    fn admit(&self, rpc: &Rpc, parts: &mut Parts, counted: bool) -> Result<(Option<Admitted>, Deadline), Status> {
        let door = if rpc.answers_stream { &self.streams } else { &self.calls };
        let admitted = counted.then(|| door.enter()).transpose()?;
        let streaming = rpc.answers_stream || rpc.takes_stream;
        let deadline = Deadline::read(&parts.headers, &self.deadlines, streaming)?;
        match &rpc.rule {
            Some(rule) => {
                let identity = self.authenticator.identify(&parts.headers)?;
                identity.meets(rule)?;
                let trace = TraceContext::read(&parts.headers);
                parts.extensions.insert(Caller::new(identity, deadline, trace));
            }
            None => {
                parts.extensions.insert(deadline);
            }
        }
        Ok((admitted, deadline))
    }

    async fn call(
        &self,
        rpc: &Rpc,
        parts: Parts,
        body: Source,
        timing: Timing,
        admitted: Option<Admitted>,
        deadline: Deadline,
    ) -> Response<Answer> {
        let body = Inbound::new(body, rpc.max_request_bytes, !rpc.takes_stream);
        let request = Request::from_parts(parts, body);
        let called = timing.during(AssertUnwindSafe(async { (rpc.handler)(request).await }).catch_unwind());
        let answered = match deadline.at() {
            Some(at) => match tokio::time::timeout_at(at, called).await {
                Ok(answered) => answered,
                Err(_) => return Answer::refusal(passed(), Some(timing)),
            },
            None => called.await,
        };
        match answered {
            Ok(Ok(response)) => self.observe(response, rpc, timing, admitted, deadline),
            Err(_) => {
                timing.panicked();
                Answer::refusal(panicked(), Some(timing))
            }
        }
    }

    fn observe(
        &self,
        response: Response<tonic::body::Body>,
        rpc: &Rpc,
        timing: Timing,
        admitted: Option<Admitted>,
        deadline: Deadline,
    ) -> Response<Answer> {
        if let Some(code) = status_of(response.headers()) {
            timing.end(code);
            return response.map(Answer::complete);
        }
        if rpc.answers_stream {
            let ending = Box::pin(ending(deadline, self.draining.clone()));
            response.map(|body| Answer::stream(body, timing, ending, admitted))
        } else {
            response.map(|body| Answer::unary(body, timing))
        }
    }
}

/// Ends a stream at its deadline, or when the server drains.
async fn ending(deadline: Deadline, draining: CancellationToken) -> Status {
    let deadline = async {
        match deadline.at() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = deadline => passed(),
        () = draining.cancelled() => Refusal::new(
            Code::Unavailable,
            "TEMPORARILY_UNAVAILABLE",
            "the server is going down; ask again where you left off",
        )
        .into(),
    }
}

/// Returns the HTTP status for what is no gRPC request at all.
fn not_grpc(parts: &Parts) -> Option<StatusCode> {
    if parts.method != Method::POST {
        return Some(StatusCode::METHOD_NOT_ALLOWED);
    }
    let is_grpc = |value: &HeaderValue| {
        let rest = value.as_bytes().strip_prefix(b"application/grpc");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"+proto") || rest.starts_with(b";"))
    };
    (!parts.headers.get(CONTENT_TYPE).is_some_and(is_grpc)).then_some(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

/// Answers for a panic, which is always a mistake of ours. The hook of the process has logged where it was.
pub(super) fn panicked() -> Status {
    Refusal::new(
        Code::Internal,
        "INTERNAL",
        "an internal fault; ask again with the same request id",
    )
    .into()
}

/// The way in for peers in the same process. It can be handed out before the server exists.
#[derive(Clone, Default)]
pub struct InProcess(Arc<OnceLock<Arc<Gate>>>);

impl InProcess {
    pub(super) fn open(&self, gate: Arc<Gate>) {
        let _ = self.0.set(gate);
    }

    /// Answers a call, or says UNAVAILABLE while the server has not started.
    pub(crate) async fn answer(&self, request: Request<tonic::body::Body>) -> Response<Answer> {
        match self.0.get() {
            Some(gate) => gate.answer_peer(request).await,
            None => Answer::refusal(Status::unavailable("the server has not started"), None),
        }
    }
}
