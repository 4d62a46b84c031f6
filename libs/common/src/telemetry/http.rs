//! The port for operators: `/metrics` in Prometheus's text, `/healthz` for whoever cannot speak gRPC. No caller reaches it.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus::{Encoder as _, Registry, TextEncoder};
use tokio::net::TcpListener;

/// Serves until the process ends, and returns where.
pub(super) async fn serve(address: SocketAddr, registry: Registry) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .with_state(registry);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the metrics port failed");
        }
    });
    Ok(address)
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn metrics(State(registry): State<Registry>) -> Response {
    let mut text = Vec::new();
    match TextEncoder::new().encode(&registry.gather(), &mut text) {
        Ok(()) => ([(CONTENT_TYPE, TextEncoder::new().format_type())], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
