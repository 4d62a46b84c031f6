//! The W3C trace context: taken from what comes in, put on what goes out.

use std::sync::atomic::Ordering;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
    trace::TraceContextExt as _,
};
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::TRACES;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The trace that a call belongs to, as it came.
#[derive(Clone, Debug, Default)]
pub struct TraceContext {
    parent: Option<HeaderValue>,
    state: Option<HeaderValue>,
}

impl TraceContext {
    /// Reads the trace of a call that comes in.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        Self {
            parent: headers.get(TRACEPARENT).cloned(),
            state: headers.get(TRACESTATE).cloned(),
        }
    }

    /// Writes the trace on a call that goes out: the current span where there is one, else what came in.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        if traces_are_on() {
            let context = Span::current().context();
            if context.span().span_context().is_valid() {
                global::get_text_map_propagator(|writer| writer.inject_context(&context, &mut Outgoing(headers)));
                return;
            }
        }
        for (name, value) in [(TRACEPARENT, &self.parent), (TRACESTATE, &self.state)] {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
    }
}

/// Tells whether spans are exported.
fn traces_are_on() -> bool {
    TRACES.load(Ordering::Relaxed)
}

/// Opens the span of a call that comes in, a child of the caller's; no span at all while none is exported.
pub(super) fn server_span(rpc: &str, headers: &HeaderMap) -> Span {
    if !traces_are_on() {
        return Span::none();
    }
    let span = tracing::info_span!(
        "rpc",
        otel.name = rpc,
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system.name = "grpc",
        rpc.method = rpc,
        rpc.response.status_code = Empty,
    );
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&Incoming(headers)));
    if let Err(error) = span.set_parent(parent) {
        tracing::debug!(%error, "the caller's trace could not be joined");
    }
    span
}

struct Incoming<'a>(&'a HeaderMap);

impl Extractor for Incoming<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Outgoing<'a>(&'a mut HeaderMap);

impl Injector for Outgoing<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (key.parse::<HeaderName>(), value.parse()) {
            self.0.insert(name, value);
        }
    }
}
