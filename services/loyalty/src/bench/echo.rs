//! The baseline: the least that a unary gRPC call over tonic costs.

use std::{convert::Infallible, net::SocketAddr};

use http::Uri;
use proto::points::GetBalanceRequest;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::BoxFuture,
    server::{NamedService, UnaryService},
    transport::{Channel, Server},
};
use tonic_prost::ProstCodec;
use tower::Service;

/// A service with one method, which answers with what it was sent. Nothing is checked, nobody is asked for a token.
#[derive(Clone)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "bench.Echo";
}

impl UnaryService<GetBalanceRequest> for Echo {
    type Response = GetBalanceRequest;
    type Future = std::future::Ready<Result<Response<GetBalanceRequest>, Status>>;

    fn call(&mut self, request: Request<GetBalanceRequest>) -> Self::Future {
        std::future::ready(Ok(Response::new(request.into_inner())))
    }
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            Ok(tonic::server::Grpc::new(ProstCodec::default())
                .unary(Echo, request)
                .await)
        })
    }
}

/// Serves the echo on a free port of this machine, until the process ends.
pub async fn serve() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = Server::builder().add_service(Echo);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    Ok(address)
}

/// Calls the echo.
pub async fn call(channel: Channel, request: GetBalanceRequest) -> Result<(), Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client
        .ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    let path = Uri::from_static("/bench.Echo/Echo")
        .into_parts()
        .path_and_query
        .expect("the path is a path");
    let codec: ProstCodec<GetBalanceRequest, GetBalanceRequest> = ProstCodec::default();
    client.unary(Request::new(request), path, codec).await.map(|_| ())
}
