//! What the tests of the suite share: the running suite, a program of one's own in it, and the reading of refusals.
//!
//! * [`suite`] is the whole suite in this process, on a fresh database, reached over real gRPC. The tests of one binary share it.
//! * [`Program`] is a sandbox program that belongs to one test: programs cannot see one another, so tests need nothing else to be apart.
//! * [`Receiver`] and [`Mailbox`] take the messages that leave the suite.
//! * [`refusal`] reads what a refusal says.
//! * `src/bin/suite-test.rs` is `cargo suite-test`: private servers, then every test of the workspace.

#![forbid(unsafe_code)]

mod mailbox;
mod program;
mod purchase;
mod receiver;
mod refusal;
mod suite;

pub use mailbox::Mailbox;
pub use program::{Client, Program, at};
pub use purchase::purchase;
pub use receiver::{Post, Receiver};
pub use refusal::{Refused, refusal};
pub use suite::{Database, Suite, suite};
