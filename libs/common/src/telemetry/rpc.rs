//! Rate, errors and duration of every RPC, in the words of OpenTelemetry's conventions.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use http::HeaderMap;
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram},
};
use tonic::Code;
use tracing::{Instrument as _, Span};

use super::context::server_span;

/// The bounds of the histogram in seconds. The hot path lives below a millisecond.
const BOUNDS: [f64; 14] = [
    0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0,
];
const CODES: usize = 17;

/// Measures the calls of a server.
pub struct RpcMetrics {
    durations: Histogram<f64>,
    panics: Counter<u64>,
}

impl RpcMetrics {
    /// Begins to measure, with the meters of the process.
    #[allow(clippy::new_without_default, reason = "it reads what was set up for the process")]
    pub fn new() -> Self {
        let meter = global::meter("loyalty");
        let durations = meter
            .f64_histogram("rpc.server.call.duration")
            .with_unit("s")
            .with_description("How long calls took, from their headers to their last byte")
            .with_boundaries(BOUNDS.to_vec())
            .build();
        let panics = meter
            .u64_counter("rpc.server.panics")
            .with_description("Calls that ended in a panic")
            .build();
        Self { durations, panics }
    }

    /// Returns the measure of one RPC, named as `loyalty.points.v1.PointsService/EarnPoints`.
    pub fn of(&self, rpc: &str) -> Arc<RpcTimings> {
        let name = Arc::from(rpc);
        let (durations, panics) = (self.durations.clone(), self.panics.clone());
        Arc::new(RpcTimings {
            name,
            durations,
            panics,
            attributes: Default::default(),
        })
    }
}

/// Measures the calls of one RPC.
pub struct RpcTimings {
    name: Arc<str>,
    durations: Histogram<f64>,
    panics: Counter<u64>,
    attributes: [OnceLock<[KeyValue; 3]>; CODES],
}

impl RpcTimings {
    /// Returns the name of the RPC.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts the clock and, while traces are exported, the span of one call.
    pub(crate) fn start(self: &Arc<Self>, headers: &HeaderMap) -> Timing {
        Timing {
            rpc: Arc::clone(self),
            started: Instant::now(),
            span: server_span(&self.name, headers),
            ended: false,
        }
    }

    fn attributes(&self, code: Code) -> &[KeyValue; 3] {
        self.attributes[code as usize].get_or_init(|| {
            [
                KeyValue::new("rpc.system.name", "grpc"),
                KeyValue::new("rpc.method", Arc::clone(&self.name)),
                KeyValue::new("rpc.response.status_code", name_of(code)),
            ]
        })
    }
}

/// The clock of one call. A call that is dropped before it ended was given up by its caller.
pub struct Timing {
    rpc: Arc<RpcTimings>,
    started: Instant,
    span: Span,
    ended: bool,
}

impl Timing {
    /// Does the work of the call inside its span, and under its name for what is logged meanwhile.
    pub(crate) fn during<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        RPC.scope(Arc::clone(&self.rpc.name), work)
            .instrument(self.span.clone())
    }

    /// Logs and counts a panic. The counter must stay at zero; an alert watches it.
    pub(crate) fn panicked(&self) {
        tracing::error!(rpc = &*self.rpc.name, "a call panicked");
        self.rpc.panics.add(1, &self.rpc.attributes(Code::Internal)[1..2]);
    }

    /// Records how the call ended.
    pub(crate) fn end(mut self, code: Code) {
        self.record(code);
    }

    fn record(&mut self, code: Code) {
        self.ended = true;
        let attributes = self.rpc.attributes(code);
        self.rpc
            .durations
            .record(self.started.elapsed().as_secs_f64(), attributes);
        if !self.span.is_none() {
            self.span.record("rpc.response.status_code", name_of(code));
            if is_fault(code) {
                self.span.record("otel.status_code", "ERROR");
            }
        }
    }
}

impl Drop for Timing {
    fn drop(&mut self) {
        if !self.ended {
            self.record(Code::Cancelled);
        }
    }
}

tokio::task_local! {
    static RPC: Arc<str>;
}

/// Returns the name of the call that is being answered, for what is logged about it.
pub(crate) fn current_rpc() -> Option<Arc<str>> {
    RPC.try_with(Arc::clone).ok()
}

/// Tells whether a code says that the server failed, and not that the caller was refused.
fn is_fault(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

/// Returns the canonical name of a code.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
