//! A client that can say anything, also what no gRPC library would.

use std::net::SocketAddr;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tonic::{Code, Status};

/// One connection.
pub struct Raw(SendRequest<Full<Bytes>>);

/// What came back.
pub struct Reply {
    pub http: StatusCode,
    pub status: Option<Status>,
}

impl Reply {
    pub fn code(&self) -> Code {
        self.status().code()
    }

    pub fn status(&self) -> &Status {
        self.status
            .as_ref()
            .unwrap_or_else(|| panic!("{} without a gRPC status", self.http))
    }
}

impl Raw {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let (sender, connection) = http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// Posts a body with some headers.
    pub async fn post(&mut self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        self.try_post(path, headers, body).await.expect("an answer")
    }

    /// Posts, and returns nothing when the connection ends instead of an answer.
    pub async fn try_post(&mut self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Option<Reply> {
        let mut request = Request::post(format!("http://test{path}"));
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/grpc");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .0
            .send_request(request.body(Full::new(body.into())).unwrap())
            .await
            .ok()?;
        let (parts, body) = response.into_parts();
        let trailers = body.collect().await.ok().and_then(|body| body.trailers().cloned());
        let status = status(&parts.headers).or_else(|| status(&trailers?));
        Some(Reply {
            http: parts.status,
            status,
        })
    }
}

fn status(headers: &HeaderMap) -> Option<Status> {
    Status::from_header_map(headers)
}

/// Frames bytes as one message.
pub fn message(content: &[u8]) -> Bytes {
    let mut framed = BytesMut::new();
    framed.put_u8(0);
    framed.put_u32(content.len() as u32);
    framed.put_slice(content);
    framed.freeze()
}
