//! The contracts, as spoken: parse, do, answer.
//!
//! Everything that can be wrong with a request by itself is found here; everything it takes state to know is decided in `ops`.

mod core;
mod get_balance;
mod lots;
mod points;
mod reads;
mod requests;
mod status;
mod wallets;

use common::{auth::ProgramScope, ids::MemberId, writer::Key};
use prost::{Message, Name};
use tonic::{Response, Status};

use crate::ops::Command;

pub use self::core::Core;
pub use points::Points;
pub use wallets::Wallets;

/// What an RPC answers.
type Reply<T> = Result<Response<T>, Status>;

/// A request that changes something, as it was read: the command, and what its key is made of.
pub struct Change<W> {
    member_id: MemberId,
    method: i16,
    request_id: String,
    wire: W,
    command: Command,
}

impl<W: Message + Name> Change<W> {
    /// Parts the key by which the request is remembered from what it asks for.
    pub fn keyed(self, scope: ProgramScope) -> (Key, Command) {
        let key = Key::of_member(scope, self.member_id, self.method, &self.request_id, &self.wire);
        (key, self.command)
    }
}
