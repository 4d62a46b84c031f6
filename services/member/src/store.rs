//! What the member service keeps, and the SQL for it.
//!
//! Reads of RPCs ask for one thing at a time. A batch of the writer loads and saves whole tables' worth at once: the rows it concerns come
//! as a [`Table`], the decisions change them there, and what changed is saved.

mod birthdays;
mod consents;
mod contacts;
mod heads;
mod identifiers;
mod members;
mod place;
mod profiles;
mod programs;
mod table;

pub use birthdays::{DueBirthday, list_due_birthdays, load_birthdays, programs_with_due_birthdays, save_birthdays};
pub use consents::{ToldConsent, insert_consents, list_consents};
pub use contacts::{AskedContact, KnownContact, find_contacts};
pub use heads::read_heads;
pub use identifiers::{IdentifierKey, Identifiers, find_owner};
pub use members::{find_member, load_members, save_members};
pub use place::Place;
pub use profiles::{find_profile, list_keys_under, load_keys, load_profiles, save_keys, save_profiles};
pub use programs::{find_program, load_programs, save_programs};
pub use table::Table;
