//! The other services, as transports of generated clients: over a channel, or straight into this process.
//!
//! Either way a call carries a token of ours for the callee, which names the program and on whose behalf we act; the time
//! that our own caller will still wait; and the trace. The callee checks the same things in the same way.

use std::{
    error::Error,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use anyhow::Context as _;
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, header::AUTHORIZATION};
use tonic::{
    Status, TimeoutExpired,
    body::Body,
    transport::{Channel, Endpoint},
};
use tower::{Service, ServiceExt as _};

use crate::{
    auth::{Actor, Caller, Minter, ProgramScope},
    server::{Deadline, InProcess, deadline},
    telemetry::TraceContext,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// Another service of the suite.
#[derive(Clone)]
pub struct Peer {
    minter: Arc<Minter>,
    target: Target,
}

#[derive(Clone)]
enum Target {
    Channel(Channel),
    Process(InProcess),
}

impl Peer {
    /// Returns a service at a URL. It is connected to when it is first called, and again whenever the connection is lost.
    pub fn at(url: &str, minter: Minter) -> anyhow::Result<Self> {
        let endpoint = Endpoint::from_shared(url.to_owned())
            .with_context(|| format!("{url} is not where a service can be"))?
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .keep_alive_while_idle(true);
        Ok(Self {
            minter: Arc::new(minter),
            target: Target::Channel(endpoint.connect_lazy()),
        })
    }

    /// Returns a service in this process.
    pub fn here(way_in: InProcess, minter: Minter) -> Self {
        Self {
            minter: Arc::new(minter),
            target: Target::Process(way_in),
        }
    }

    /// Calls on behalf of whoever calls us, for as long as they wait.
    pub fn on_behalf_of(&self, caller: &Caller) -> Outgoing {
        Outgoing {
            peer: self.clone(),
            program: caller.program_if_any(),
            actor: Some(caller.actor().clone()),
            deadline: caller.deadline(),
            trace: caller.trace().clone(),
        }
    }

    /// Calls as the service that we are, in no program: to follow a feed.
    pub fn as_service(&self) -> Outgoing {
        Outgoing {
            peer: self.clone(),
            program: None,
            actor: None,
            deadline: Deadline::NONE,
            trace: TraceContext::default(),
        }
    }
}

/// A transport for a generated client, whose calls are made in somebody's name.
#[derive(Clone)]
pub struct Outgoing {
    peer: Peer,
    program: Option<ProgramScope>,
    actor: Option<Actor>,
    deadline: Deadline,
    trace: TraceContext,
}

impl Outgoing {
    /// Waits no longer than this for an answer.
    pub fn within(self, time: Duration) -> Self {
        Self {
            deadline: self.deadline.min(Deadline::after(time)),
            ..self
        }
    }

    fn sign(&self, request: &mut Request<Body>) -> Result<(), Status> {
        let authorization = self.peer.minter.authorization(self.program, self.actor.as_ref())?;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, authorization);
        self.trace.write(headers);
        if let Some(remaining) = self.deadline.remaining() {
            if remaining.is_zero() {
                return Err(deadline::passed());
            }
            let value =
                HeaderValue::try_from(deadline::write(remaining)).expect("digits and a letter are a header value");
            headers.insert("grpc-timeout", value);
        }
        Ok(())
    }

    async fn send(self, mut request: Request<Body>) -> Result<Response<Body>, Status> {
        self.sign(&mut request)?;
        let sent = self.peer.target.send(request);
        match self.deadline.at() {
            Some(at) => tokio::time::timeout_at(at, sent)
                .await
                .unwrap_or_else(|_| Err(deadline::passed())),
            None => sent.await,
        }
    }
}

impl Target {
    async fn send(self, request: Request<Body>) -> Result<Response<Body>, Status> {
        match self {
            Self::Process(way_in) => Ok(way_in.answer(request).await.map(Body::new)),
            Self::Channel(mut channel) => {
                let ready = channel
                    .ready()
                    .await
                    .map_err(|error| unreachable_or_late(error.into()))?;
                ready
                    .call(request)
                    .await
                    .map_err(|error| unreachable_or_late(error.into()))
            }
        }
    }
}

/// The channel, which would call a passed deadline CANCELLED, hides it among the causes of its error.
fn unreachable_or_late(error: Box<dyn Error + Send + Sync>) -> Status {
    if is_late(&*error) {
        deadline::passed()
    } else {
        Status::from_error(error)
    }
}

fn is_late(error: &(dyn Error + 'static)) -> bool {
    error.is::<TimeoutExpired>() || error.source().is_some_and(is_late)
}

impl Service<Request<Body>> for Outgoing {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}
