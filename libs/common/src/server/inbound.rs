//! The body of a request on its way in: counted against the size limit before anything is stored, and checked to hold whole
//! messages, and one where one is due. tonic would answer what is wrong here with INTERNAL or OUT_OF_RANGE, and drop a
//! second message of a unary call in silence.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tonic::{Code, Status};

use crate::refusal::{Refusal, Violations};

/// Where a request comes from.
pub(crate) enum Source {
    Wire(hyper::body::Incoming),
    Process(tonic::body::Body),
}

/// A request body that is checked as it is read.
pub struct Inbound {
    source: Source,
    max_message_bytes: usize,
    single: bool,
    messages: u64,
    header: [u8; 5],
    header_bytes: usize,
    missing_bytes: usize,
}

impl Inbound {
    pub(super) fn new(source: Source, max_message_bytes: usize, single: bool) -> Self {
        Self {
            source,
            max_message_bytes,
            single,
            messages: 0,
            header: [0; 5],
            header_bytes: 0,
            missing_bytes: 0,
        }
    }

    /// Follows the framing: five bytes that announce a message, then the message.
    fn check(&mut self, mut data: &[u8]) -> Result<(), Status> {
        while !data.is_empty() {
            if self.missing_bytes > 0 {
                let taken = self.missing_bytes.min(data.len());
                self.missing_bytes -= taken;
                data = &data[taken..];
                continue;
            }
            let taken = (self.header.len() - self.header_bytes).min(data.len());
            self.header[self.header_bytes..][..taken].copy_from_slice(&data[..taken]);
            self.header_bytes += taken;
            data = &data[taken..];
            if self.header_bytes == self.header.len() {
                self.announce()?;
            }
        }
        Ok(())
    }

    fn announce(&mut self) -> Result<(), Status> {
        let [_, length @ ..] = self.header;
        let length = u32::from_be_bytes(length) as usize;
        if length > self.max_message_bytes {
            return Err(too_large(length, self.max_message_bytes));
        }
        self.messages += 1;
        if self.single && self.messages > 1 {
            return Err(Status::unimplemented("this RPC takes one message"));
        }
        self.header_bytes = 0;
        self.missing_bytes = length;
        Ok(())
    }

    fn check_end(&self) -> Result<(), Status> {
        if self.header_bytes > 0 || self.missing_bytes > 0 {
            return Err(malformed("the message was cut short"));
        }
        if self.single && self.messages == 0 {
            return Err(malformed("there is no message"));
        }
        Ok(())
    }
}

impl Body for Inbound {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let frame = match &mut this.source {
            Source::Wire(body) => ready!(Pin::new(body).poll_frame(cx))
                .map(|frame| frame.map_err(|error| Status::from_error(Box::new(error)))),
            Source::Process(body) => ready!(Pin::new(body).poll_frame(cx)),
        };
        let checked = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(Ok(()), |data| this.check(data)),
            Some(Err(_)) => Ok(()),
            None => this.check_end(),
        };
        Poll::Ready(match checked {
            Ok(()) => frame,
            Err(status) => Some(Err(status)),
        })
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Wire(body) => body.size_hint(),
            Source::Process(body) => body.size_hint(),
        }
    }
}

fn too_large(length: usize, limit: usize) -> Status {
    Refusal::new(
        Code::ResourceExhausted,
        "REQUEST_TOO_LARGE",
        "the request is larger than this RPC takes",
    )
    .with("bytes", length)
    .with("limit_bytes", limit)
    .into()
}

/// Says that a request is not a message at all.
pub(super) fn malformed(description: &str) -> Status {
    let mut violations = Violations::default();
    violations.add("", description);
    violations.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbound(limit: usize) -> Inbound {
        Inbound::new(Source::Process(tonic::body::Body::empty()), limit, true)
    }

    #[test]
    fn a_message_may_come_in_any_pieces() {
        let message = [0, 0, 0, 0, 3, 7, 7, 7];
        for cut in 0..message.len() {
            let mut body = inbound(3);
            body.check(&message[..cut]).unwrap();
            assert_eq!(body.check_end().unwrap_err().code(), Code::InvalidArgument);
            body.check(&message[cut..]).unwrap();
            body.check_end().unwrap();
        }
    }

    #[test]
    fn a_length_above_the_limit_is_refused_before_a_byte_of_it_is_kept() {
        let status = inbound(64).check(&[0, 255, 255, 255, 255]).unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted);
    }

    #[test]
    fn a_second_message_is_refused_where_one_is_due() {
        let mut body = inbound(64);
        body.check(&[0, 0, 0, 0, 0]).unwrap();
        assert_eq!(body.check(&[0, 0, 0, 0, 0]).unwrap_err().code(), Code::Unimplemented);
    }
}
