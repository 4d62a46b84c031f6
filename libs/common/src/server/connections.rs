//! Accepts connections and speaks HTTP/2 on them, with a limit on everything that a peer could send without end.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::task::TaskTracker;

use super::Gate;
use crate::config::ServerSettings;

const PENDING_ACCEPT_RESETS: usize = 20;
const LOCAL_ERROR_RESETS: usize = 1024;
const HEADER_LIST_BYTES: u32 = 16 * 1024;
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
const FULL_PAUSE: Duration = Duration::from_millis(50);

/// Serves connections until told to stop, then waits for those that are open to finish what they began.
pub(super) async fn serve(
    listener: TcpListener,
    gate: Arc<Gate>,
    settings: ServerSettings,
    mut stopping: watch::Receiver<()>,
) {
    let protocol = protocol(&settings);
    let age = Duration::from_secs(settings.max_connection_age_seconds);
    let grace = Duration::from_millis(settings.drain_limit_ms);
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.changed() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = Connection {
                    protocol: protocol.clone(),
                    gate: Arc::clone(&gate),
                    age,
                    grace,
                };
                connections.spawn(connection.serve(stream, stopping.clone()));
            }
            // Out of file descriptors, most likely. The loop must survive it, and not spin.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(FULL_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

fn protocol(settings: &ServerSettings) -> http2::Builder<TokioExecutor> {
    let mut protocol = http2::Builder::new(TokioExecutor::new());
    protocol
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(settings.max_streams_per_connection)
        .max_pending_accept_reset_streams(PENDING_ACCEPT_RESETS)
        .max_local_error_reset_streams(LOCAL_ERROR_RESETS)
        .max_header_list_size(HEADER_LIST_BYTES)
        .keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT);
    protocol
}

struct Connection {
    protocol: http2::Builder<TokioExecutor>,
    gate: Arc<Gate>,
    age: Duration,
    grace: Duration,
}

impl Connection {
    /// Serves one connection. When it is old, or the server stops, the peer is asked to leave (GOAWAY) and what it began is
    /// finished; a peer that stays past the grace is cut off, so that nothing holds a connection for ever.
    async fn serve(self, stream: TcpStream, mut stopping: watch::Receiver<()>) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let gate = &self.gate;
        let service = service_fn(|request| {
            let gate = Arc::clone(gate);
            async move { Ok::<_, Infallible>(gate.answer(request).await) }
        });
        let mut connection = pin!(self.protocol.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            ended = &mut connection => return report(ended),
            () = tokio::time::sleep(self.age) => {}
            _ = stopping.changed() => {}
        }
        connection.as_mut().graceful_shutdown();
        match tokio::time::timeout(self.grace, connection).await {
            Ok(ended) => report(ended),
            Err(_) => tracing::debug!("a connection was cut off after its grace"),
        }
    }
}

fn report(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection failed");
    }
}
