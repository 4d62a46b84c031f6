//! How messages go over the wire: as prost writes them, with three differences from tonic's own codec.
//!
//! A request that cannot be read is the caller's mistake, so it answers INVALID_ARGUMENT where tonic would say INTERNAL,
//! which in this suite always means a fault of ours. So does one of which much is fields that nobody knows. And buffers begin at the
//! size that our messages have, since each call needs two of them.

use std::marker::PhantomData;

use prost::{Message, Name, bytes::Buf as _};
use tonic::{
    Code, Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};
use tonic_types::{ErrorDetails, StatusExt as _};

const BUFFER_BYTES: usize = 1024;
/// So much may be in unknown fields whatever else a request holds.
const FEW_BYTES: usize = 1024;
const YIELD_BYTES: usize = 32 * 1024;

/// The codec of every generated client and server.
#[derive(Clone, Debug)]
pub struct ProtoCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for ProtoCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for ProtoCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Name + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProtoEncoder<T>;
    type Decoder = ProtoDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProtoEncoder(PhantomData)
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProtoDecoder(PhantomData)
    }
}

/// Writes messages.
#[derive(Clone, Debug)]
pub struct ProtoEncoder<T>(PhantomData<T>);

impl<T: Message> Encoder for ProtoEncoder<T> {
    type Item = T;
    type Error = Status;

    fn encode(&mut self, message: T, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message
            .encode(buffer)
            .map_err(|error| Status::internal(error.to_string()))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
    }
}

/// Reads messages.
#[derive(Clone, Debug)]
pub struct ProtoDecoder<U>(PhantomData<U>);

impl<U: Message + Name + Default> Decoder for ProtoDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        let sent = buffer.remaining();
        let message = U::decode(buffer).map_err(|error| match is_request::<U>() {
            true => malformed(error.to_string()),
            false => Status::internal(error.to_string()),
        })?;
        if sent > FEW_BYTES && is_request::<U>() && has_much_unknown(&message, sent) {
            return Err(malformed(
                "more than a tenth of it is in fields that this RPC does not know".to_owned(),
            ));
        }
        Ok(Some(message))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
    }
}

/// Tells whether a message is what a server reads. The linter holds the contracts to this naming.
fn is_request<U: Name>() -> bool {
    U::NAME.ends_with("Request")
}

/// Tells whether more than a tenth of what was sent is in fields that nobody knows here. A few such fields are what a newer client sends; many are a mistake, or
/// somebody who wants us to read what we throw away.
fn has_much_unknown(message: &impl Message, sent: usize) -> bool {
    let unknown = sent.saturating_sub(message.encoded_len());
    unknown > FEW_BYTES && unknown * 10 > sent
}

fn malformed(description: String) -> Status {
    let mut details = ErrorDetails::with_error_info("INVALID_REQUEST", "loyalty", []);
    details.add_bad_request_violation("", description);
    Status::with_error_details(
        Code::InvalidArgument,
        "the request is not a message of this RPC",
        details,
    )
}
