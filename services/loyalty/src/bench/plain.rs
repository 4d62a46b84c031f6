//! A plain tonic server with one method: nothing is checked, nobody is asked for a token. It is what baselines are served by.

use std::{convert::Infallible, future::Future, marker::PhantomData, net::SocketAddr, sync::Arc};

use futures::TryStreamExt as _;
use http::Uri;
use prost::Message;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::BoxFuture,
    server::{NamedService, UnaryService},
    transport::{Channel, Endpoint, Server},
};
use tonic_prost::ProstCodec;
use tower::Service;

const PATH: &str = "/bench.Plain/Call";

/// What the method does.
struct Plain<Req, Res, F> {
    answer: Arc<F>,
    types: PhantomData<fn(Req) -> Res>,
}

impl<Req, Res, F> Clone for Plain<Req, Res, F> {
    fn clone(&self) -> Self {
        Plain {
            answer: self.answer.clone(),
            types: PhantomData,
        }
    }
}

impl<Req, Res, F> NamedService for Plain<Req, Res, F> {
    const NAME: &'static str = "bench.Plain";
}

impl<Req, Res, F, Fut> UnaryService<Req> for Plain<Req, Res, F>
where
    F: Fn(Req) -> Fut,
    Fut: Future<Output = Result<Res, Status>> + Send + 'static,
{
    type Response = Res;
    type Future = BoxFuture<Response<Res>, Status>;

    fn call(&mut self, request: Request<Req>) -> Self::Future {
        let answer = (self.answer)(request.into_inner());
        Box::pin(async move { answer.await.map(Response::new) })
    }
}

impl<Req, Res, F, Fut> Service<http::Request<Body>> for Plain<Req, Res, F>
where
    Req: Message + Default + 'static,
    Res: Message + Default + 'static,
    F: Fn(Req) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Res, Status>> + Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let plain = self.clone();
        Box::pin(async move {
            let codec: ProstCodec<Res, Req> = ProstCodec::default();
            Ok(tonic::server::Grpc::new(codec).unary(plain, request).await)
        })
    }
}

/// Serves the method on a free port of this machine until the process ends, and returns so many connections to it.
pub async fn serve<Req, Res, F, Fut>(answer: F, connections: usize) -> anyhow::Result<Vec<Channel>>
where
    Req: Message + Default + 'static,
    Res: Message + Default + 'static,
    F: Fn(Req) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Res, Status>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address: SocketAddr = listener.local_addr()?;
    let server = Server::builder().add_service(Plain {
        answer: Arc::new(answer),
        types: PhantomData,
    });
    let incoming = TcpListenerStream::new(listener).inspect_ok(|socket| drop(socket.set_nodelay(true)));
    tokio::spawn(server.serve_with_incoming(incoming));
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    Ok((0..connections).map(|_| endpoint.connect_lazy()).collect())
}

/// Calls the method.
pub async fn call<Req, Res>(channel: Channel, request: Req) -> Result<Res, Status>
where
    Req: Message + 'static,
    Res: Message + Default + 'static,
{
    let mut client = tonic::client::Grpc::new(channel);
    client
        .ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    let path = Uri::from_static(PATH)
        .into_parts()
        .path_and_query
        .expect("the path is a path");
    let codec: ProstCodec<Req, Res> = ProstCodec::default();
    client
        .unary(Request::new(request), path, codec)
        .await
        .map(Response::into_inner)
}
