//! Redis, as something that helps while it answers and is left alone while it does not.
//!
//! Every command has a short time to answer. When several in a row do not, the circuit opens: for a moment nobody asks, then one caller
//! tries again. Nothing that must be true is asked of Redis, so every failure here is an ordinary answer: ask Postgres.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, ServerErrorKind,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::ExposeSecret as _;
use tokio::sync::OnceCell;

use crate::config::RedisSettings;

/// How many failures in a row open the circuit.
const FAILURES: u32 = 3;
/// For how long nobody asks while the circuit is open.
const PAUSE: Duration = Duration::from_millis(500);

/// Redis, if there is one.
#[derive(Clone)]
pub struct RedisLink {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    client: Client,
    timeout: Duration,
    connections: Vec<OnceCell<ConnectionManager>>,
    next: AtomicU32,
    failures: AtomicU32,
    /// Milliseconds after `since` until which nobody asks.
    closed_until: AtomicU64,
    since: Instant,
}

/// Redis did not answer, or there is none.
#[derive(Debug, thiserror::Error)]
#[error("Redis did not answer")]
pub struct NoAnswer;

impl RedisLink {
    /// Prepares the link. Nothing is connected before the first command.
    pub fn new(settings: &RedisSettings) -> Result<RedisLink, RedisError> {
        let Some(url) = settings.redis_url.first() else {
            return Ok(RedisLink { inner: None });
        };
        let client = Client::open(url.expose_secret())?;
        Ok(RedisLink {
            inner: Some(Arc::new(Inner {
                client,
                timeout: Duration::from_millis(settings.redis_timeout_ms),
                connections: (0..2).map(|_| OnceCell::new()).collect(),
                next: AtomicU32::new(0),
                failures: AtomicU32::new(0),
                closed_until: AtomicU64::new(0),
                since: Instant::now(),
            })),
        })
    }

    /// Runs a command.
    pub async fn command<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, NoAnswer> {
        let inner = self.inner.as_ref().ok_or(NoAnswer)?;
        let mut connection = inner.connection().await?;
        inner.judged(command.query_async(&mut connection)).await
    }

    /// Runs several commands in one round trip.
    pub async fn pipeline<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T, NoAnswer> {
        let inner = self.inner.as_ref().ok_or(NoAnswer)?;
        let mut connection = inner.connection().await?;
        inner.judged(pipeline.query_async(&mut connection)).await
    }
}

impl Inner {
    async fn connection(&self) -> Result<ConnectionManager, NoAnswer> {
        if !self.may_ask() {
            return Err(NoAnswer);
        }
        let index = self.next.fetch_add(1, Ordering::Relaxed) as usize % self.connections.len();
        let opened = self.connections[index].get_or_try_init(|| async {
            let config = ConnectionManagerConfig::new()
                .set_number_of_retries(1)
                .set_connection_timeout(Some(self.timeout.max(Duration::from_millis(200))))
                .set_response_timeout(Some(self.timeout));
            ConnectionManager::new_with_config(self.client.clone(), config).await
        });
        match tokio::time::timeout(Duration::from_secs(1), opened).await {
            Ok(Ok(connection)) => Ok(connection.clone()),
            _ => {
                self.failed();
                Err(NoAnswer)
            }
        }
    }

    async fn judged<T>(&self, answer: impl Future<Output = Result<T, RedisError>>) -> Result<T, NoAnswer> {
        match tokio::time::timeout(self.timeout, answer).await {
            Ok(Ok(value)) => {
                self.failures.store(0, Ordering::Relaxed);
                Ok(value)
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a Redis command failed");
                // A refused command, such as one that finds a key of another type or no memory left, says nothing against the next.
                if !matches!(
                    error.kind(),
                    ErrorKind::Extension | ErrorKind::Server(ServerErrorKind::ResponseError)
                ) {
                    self.failed();
                }
                Err(NoAnswer)
            }
            Err(_) => {
                self.failed();
                Err(NoAnswer)
            }
        }
    }

    fn may_ask(&self) -> bool {
        self.now() >= self.closed_until.load(Ordering::Relaxed)
    }

    fn failed(&self) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES {
            self.closed_until
                .store(self.now() + PAUSE.as_millis() as u64, Ordering::Relaxed);
        }
    }

    fn now(&self) -> u64 {
        self.since.elapsed().as_millis() as u64
    }
}
