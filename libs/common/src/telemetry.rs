//! What operators see: logs, metrics and traces.
//!
//! Metrics are always kept, and served as Prometheus text on a port of their own; logs go to the standard error; traces and
//! pushed metrics leave the process only when an OTLP endpoint is configured. While no traces are exported, a call costs no
//! span: its trace context merely travels on.

mod context;
mod http;
mod rpc;

use std::{
    io::IsTerminal as _,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::Context as _;
use opentelemetry::{global, trace::TracerProvider as _};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogFormat, TelemetrySettings};

pub use context::TraceContext;
pub(crate) use rpc::current_rpc;
pub use rpc::{RpcMetrics, RpcTimings, Timing};

/// Whether spans leave the process. Read on every call.
static TRACES: AtomicBool = AtomicBool::new(false);

/// What was set up for the process. Keep it until the end, then call [`Telemetry::end`].
pub struct Telemetry {
    meters: SdkMeterProvider,
    tracers: Option<SdkTracerProvider>,
    metrics_address: Option<SocketAddr>,
}

impl Telemetry {
    /// Sets up logs, metrics and traces for the process, once, and serves `/metrics` and `/healthz`.
    pub async fn start(settings: &TelemetrySettings, service: &'static str) -> anyhow::Result<Self> {
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            ))
            .build();
        let tracers = start_traces(settings, resource.clone())?;
        start_logs(settings, service, tracers.as_ref())?;
        let registry = prometheus::Registry::new();
        let meters = start_metrics(settings, resource, &registry)?;
        let metrics_address = match settings.metrics_listen {
            Some(address) => Some(http::serve(address, registry).await?),
            None => None,
        };
        Ok(Self {
            meters,
            tracers,
            metrics_address,
        })
    }

    /// Returns where `/metrics` is served, if it is.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// Sends what has not been sent.
    pub fn end(self) {
        if let Some(tracers) = self.tracers
            && let Err(error) = tracers.shutdown()
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
        if let Err(error) = self.meters.shutdown() {
            tracing::warn!(%error, "the last metrics could not be sent");
        }
    }
}

fn start_metrics(
    settings: &TelemetrySettings,
    resource: Resource,
    registry: &prometheus::Registry,
) -> anyhow::Result<SdkMeterProvider> {
    let prometheus = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .build()?;
    let mut meters = SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(prometheus);
    if let Some(endpoint) = &settings.otlp_endpoint {
        let exporter = MetricExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
        let reader = PeriodicReader::builder(exporter)
            .with_interval(Duration::from_secs(15))
            .build();
        meters = meters.with_reader(reader);
    }
    let meters = meters.build();
    global::set_meter_provider(meters.clone());
    Ok(meters)
}

fn start_traces(settings: &TelemetrySettings, resource: Resource) -> anyhow::Result<Option<SdkTracerProvider>> {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let Some(endpoint) = &settings.otlp_endpoint else {
        return Ok(None);
    };
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
    let share = f64::from(settings.trace_per_mille) / 1000.0;
    let tracers = SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
        .with_batch_exporter(exporter)
        .build();
    global::set_tracer_provider(tracers.clone());
    TRACES.store(true, Ordering::Relaxed);
    Ok(Some(tracers))
}

fn start_logs(
    settings: &TelemetrySettings,
    service: &'static str,
    tracers: Option<&SdkTracerProvider>,
) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.log).context("--log is not a filter")?;
    let format = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let format = match settings.log_format {
        LogFormat::Text => format.boxed(),
        LogFormat::Json => format.json().flatten_event(true).boxed(),
    };
    // What the exporter itself does must not be traced: each batch would cause the next.
    let exported = EnvFilter::new("info,h2=off,hyper=off,tonic=off,tower=off,opentelemetry=off");
    let traces = tracers.map(|tracers| {
        tracing_opentelemetry::layer()
            .with_tracer(tracers.tracer(service))
            .with_filter(exported)
    });
    tracing_subscriber::registry()
        .with(format.with_filter(filter))
        .with(traces)
        .try_init()
        .context("telemetry was started twice")
}
