//! What a caller hands to the writer, and what comes back.

use bytes::Bytes;
use prost::{Message, Name};
use tokio::sync::oneshot;
use tonic::Code;

use crate::{
    auth::ProgramScope,
    canary,
    fingerprint::Fingerprint,
    ids::{MemberId, ProgramId},
    journal::RequestName,
    refusal::{Fault, Refusal},
    shard::Shard,
};

/// Whose call it is and, if a caller asked, by which request id it is remembered.
#[derive(Clone, Debug)]
pub struct Key {
    pub(crate) shard: Shard,
    pub(crate) program_id: ProgramId,
    pub(crate) member_id: MemberId,
    pub(crate) request: Option<KeyedRequest>,
}

#[derive(Clone, Debug)]
pub(crate) struct KeyedRequest {
    pub(crate) request_id: String,
    pub(crate) method: i16,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) message: String,
}

impl Key {
    /// Keys a member's request by its id: repeated, it gets the first answer.
    pub fn of_member<R: Message + Name>(
        scope: ProgramScope,
        member_id: MemberId,
        method: i16,
        request_id: &str,
        request: &R,
    ) -> Key {
        let shard = Shard::of(scope.id(), member_id);
        Key {
            shard,
            program_id: scope.id(),
            member_id,
            request: Some(keyed(method, request_id, request)),
        }
    }

    /// Keys a request that concerns the whole program.
    pub fn of_program<R: Message + Name>(scope: ProgramScope, method: i16, request_id: &str, request: &R) -> Key {
        Key::of_member(scope, MemberId::nil(), method, request_id, request)
    }

    /// Keys a request that makes a member: it is remembered on the shard of the request id, and the member is drawn to fall on that shard too.
    pub fn of_new_member<R: Message + Name>(scope: ProgramScope, method: i16, request_id: &str, request: &R) -> Key {
        let shard = Shard::of_text(scope.id(), request_id);
        Key {
            shard,
            program_id: scope.id(),
            member_id: MemberId::nil(),
            request: Some(keyed(method, request_id, request)),
        }
    }

    /// Keys what the service does by itself, for which no answer is remembered: it must do nothing when it is done twice.
    pub fn of_worker(program_id: ProgramId, member_id: MemberId) -> Key {
        Key {
            shard: Shard::of(program_id, member_id),
            program_id,
            member_id,
            request: None,
        }
    }

    /// Returns the shard that is written.
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// Returns the program.
    pub fn program_id(&self) -> ProgramId {
        self.program_id
    }

    /// Returns the member; nil for what concerns the whole program or makes a member.
    pub fn member_id(&self) -> MemberId {
        self.member_id
    }

    /// Returns the request id; nothing for what the service does by itself.
    pub fn request_id(&self) -> Option<&str> {
        self.request.as_ref().map(|request| request.request_id.as_str())
    }

    pub(crate) fn name(&self) -> Option<RequestName> {
        let request = self.request.as_ref()?;
        Some(RequestName {
            shard: self.shard,
            program_id: self.program_id,
            member_id: self.member_id,
            method: request.method,
            request_id: request.request_id.clone(),
        })
    }
}

fn keyed<R: Message + Name>(method: i16, request_id: &str, request: &R) -> KeyedRequest {
    KeyedRequest {
        request_id: request_id.to_owned(),
        method,
        fingerprint: Fingerprint::of(request),
        message: R::full_name(),
    }
}

/// What came of a call: durable, and the same for every repetition.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The answer, encoded.
    pub bytes: Bytes,
    /// The shard that was written.
    pub shard: i16,
    /// Where the change stands on the shard: a feed that was taken in up to here has seen it. 0 when nothing was written.
    pub seq: i64,
    /// Whether it was given before, to the same request.
    pub repeated: bool,
}

impl Answer {
    /// Decodes the answer.
    pub fn decode<M: Message + Default>(&self) -> Result<M, Fault> {
        M::decode(self.bytes.clone()).map_err(Fault::internal)
    }
}

/// A change that is queued.
pub struct Queued<R>(pub(super) oneshot::Receiver<Result<Answer, WriteError<R>>>);

impl<R> Queued<R> {
    /// Waits until it is durable, refused, or found to have been answered before.
    pub async fn answer(self) -> Result<Answer, WriteError<R>> {
        self.0.await.unwrap_or(Err(WriteError::Unavailable))
    }
}

/// Why a call was not done.
#[derive(Debug)]
pub enum WriteError<R> {
    /// The service refused.
    Refused(R),
    /// The request id was used before with other content.
    Reused {
        /// The request id.
        request_id: String,
        /// The names of the top-level fields that differ.
        differing_fields: Vec<String>,
    },
    /// The program is not known here.
    ProgramNotFound(ProgramId),
    /// Too much waits already.
    Overloaded,
    /// It may or may not have happened: asking again with the same request id tells.
    Unavailable,
}

impl<R: Into<Refusal>> From<WriteError<R>> for tonic::Status {
    fn from(error: WriteError<R>) -> Self {
        match error {
            WriteError::Refused(refusal) => refusal.into().into(),
            WriteError::Reused {
                request_id,
                differing_fields,
            } => Refusal::new(
                Code::AlreadyExists,
                "REQUEST_ID_REUSED",
                "this request id was used before with other content",
            )
            .with("request_id", request_id)
            .with("differing_fields", differing_fields.join(","))
            .into(),
            WriteError::ProgramNotFound(program_id) => {
                Refusal::new(Code::NotFound, "PROGRAM_NOT_FOUND", "there is no such program")
                    .with("program_id", program_id)
                    .into()
            }
            WriteError::Overloaded => Refusal::new(
                Code::ResourceExhausted,
                "OVERLOADED",
                "more is asked for than can be done; nothing happened",
            )
            .retry_after(std::time::Duration::from_millis(100))
            .into(),
            WriteError::Unavailable if canary::sings("unknown-is-refused") => tonic::Status::aborted("so it was"),
            WriteError::Unavailable => Fault::unavailable("the database did not take the change").into(),
        }
    }
}
