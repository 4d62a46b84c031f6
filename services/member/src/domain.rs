//! What the member service decides: who may become what, whose clock may move where, and how a person is written down.
//!
//! Pure: no async, no SQL, no protobuf, no clock, no I/O. Who is enrolled already is not decided here: that an identifier
//! belongs to one member is a truth that the database keeps.

mod birth_date;
mod birthday;
mod contact;
mod identifier;
mod member;
mod pii;
mod profile;
mod program;
mod revision;
mod status;
mod update_mask;

pub use birth_date::BirthDate;
pub use birthday::{Birthday, BirthdayChanged, BirthdayRecord, LeapDay, near_from};
pub use contact::{Consent, Contact, ContactChannel, ContactPurpose, NotReached, contact};
pub use identifier::{CardNumber, Email, Identifier, IdentifierKind, Phone};
pub use member::{Member, OccurredInFuture, RegisterRefused, UpdateRefused, passed};
pub use pii::Pii;
pub use profile::{Profile, ProfileMistake, ProfileText};
pub use program::{AdvanceRefused, CreateRefused, NewProgram, Program, ProgramClock};
pub use revision::{EtagMismatch, Revision};
pub use status::{Standing, Status, StatusNotAllowed};
pub use update_mask::{MEMBER_FIELDS, MaskRefused, MemberField, PROGRAM_FIELDS, ProgramField, read_mask};
