//! The body of an answer on its way out. It sees how the call ended, which only the trailers tell, ends a stream whose time
//! has passed, and turns a panic in a stream into INTERNAL.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use tonic::{Code, Status};

use super::{admission::Admitted, gate};
use crate::telemetry::Timing;

/// What ends a stream before its source does, and how.
pub(super) type Ending = Pin<Box<dyn Future<Output = Status> + Send>>;

/// An answer that is observed while it is sent.
pub struct Answer {
    body: tonic::body::Body,
    timing: Option<Timing>,
    end: Option<Ending>,
    ended: bool,
    _admitted: Option<Admitted>,
}

impl Answer {
    /// Observes the answer to a unary call. Its place among the calls under way is free by now.
    pub(super) fn unary(body: tonic::body::Body, timing: Timing) -> Self {
        Self {
            body,
            timing: Some(timing),
            end: None,
            ended: false,
            _admitted: None,
        }
    }

    /// Observes a stream, which keeps its place and may be ended.
    pub(super) fn stream(body: tonic::body::Body, timing: Timing, end: Ending, admitted: Option<Admitted>) -> Self {
        Self {
            body,
            timing: Some(timing),
            end: Some(end),
            ended: false,
            _admitted: admitted,
        }
    }

    /// Answers with a status alone, which the headers carry.
    pub(super) fn refusal(status: Status, timing: Option<Timing>) -> http::Response<Self> {
        if let Some(timing) = timing {
            timing.end(status.code());
        }
        status.into_http::<tonic::body::Body>().map(Self::complete)
    }

    /// Sends what has been observed already: its status is in the headers, and there is no body.
    pub(super) fn complete(body: tonic::body::Body) -> Self {
        Self {
            body,
            timing: None,
            end: None,
            ended: true,
            _admitted: None,
        }
    }

    /// Ends the stream with a status of ours in the trailers.
    fn end(&mut self, status: Status) -> Frame<Bytes> {
        self.ended = true;
        self.body = tonic::body::Body::empty();
        self.note(status.code());
        let mut trailers = HeaderMap::new();
        if status.add_header(&mut trailers).is_err() {
            trailers.insert(Status::GRPC_STATUS, http::HeaderValue::from(status.code() as i32));
        }
        Frame::trailers(trailers)
    }

    fn note(&mut self, code: Code) {
        if let Some(timing) = self.timing.take() {
            timing.end(code);
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(Poll::Ready(status)) = self.end.as_mut().map(|end| end.as_mut().poll(cx)) {
            return Poll::Ready(Some(Ok(self.end(status))));
        }
        let body = &mut self.body;
        let Ok(polled) = catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx))) else {
            if let Some(timing) = &self.timing {
                timing.panicked();
            }
            let status = gate::panicked();
            return Poll::Ready(Some(Ok(self.end(status))));
        };
        let frame = ready!(polled);
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.note(status_of(trailers).unwrap_or(Code::Unknown));
                }
            }
            Some(Err(status)) => {
                let code = status.code();
                self.note(code);
            }
            None => self.ended = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reads the status that headers or trailers carry.
pub(super) fn status_of(headers: &HeaderMap) -> Option<Code> {
    headers
        .get(Status::GRPC_STATUS)
        .map(|value| Code::from_bytes(value.as_bytes()))
}
