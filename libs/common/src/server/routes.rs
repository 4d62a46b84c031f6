//! Which service answers which RPC. Generated services are kept as they are: calling one allocates nothing that the
//! generated code does not allocate itself.

use std::{
    collections::{BTreeMap, HashSet},
    convert::Infallible,
    sync::Arc,
};

use http::{Request, Response};
use tonic::{body::Body, codegen::BoxFuture, server::NamedService};
use tower::Service;

use super::Inbound;

/// What the server can serve: any service that tonic generated.
pub trait Served:
    Service<
        Request<Inbound>,
        Response = Response<Body>,
        Error = Infallible,
        Future = BoxFuture<Response<Body>, Infallible>,
    > + NamedService
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> Served for S where
    S: Service<
            Request<Inbound>,
            Response = Response<Body>,
            Error = Infallible,
            Future = BoxFuture<Response<Body>, Infallible>,
        > + NamedService
        + Clone
        + Send
        + Sync
        + 'static
{
}

pub(super) type Handler = Arc<dyn Fn(Request<Inbound>) -> BoxFuture<Response<Body>, Infallible> + Send + Sync>;

/// The services by name, and which of their RPCs take large requests.
#[derive(Default)]
pub(super) struct Routes {
    services: BTreeMap<String, Handler>,
    large: HashSet<String>,
}

impl Routes {
    pub(super) fn add<S: Served>(&mut self, service: S) {
        let handler: Handler = Arc::new(move |request| service.clone().call(request));
        self.services.insert(S::NAME.to_owned(), handler);
    }

    pub(super) fn accept_large_requests(&mut self, rpc: &str) {
        self.large.insert(format!("/{rpc}"));
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.services.keys().cloned().collect()
    }

    /// Returns the service that answers the RPC with this path, which begins with the service's name.
    pub(super) fn handler(&self, path: &str) -> Option<Handler> {
        let (service, _) = path.strip_prefix('/')?.split_once('/')?;
        self.services.get(service).cloned()
    }

    pub(super) fn takes_large_requests(&self, path: &str) -> bool {
        self.large.contains(path)
    }

    /// Returns the RPCs that were said to take large requests, to be checked against those that exist.
    pub(super) fn large(&self) -> impl Iterator<Item = &String> {
        self.large.iter()
    }
}
