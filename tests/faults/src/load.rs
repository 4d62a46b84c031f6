//! The load: callers who ask for changes and balances of a few members, all at once, and record what they are told.

mod asked;
mod caller;
mod ideas;
mod stage;

pub use asked::Asked;
pub use caller::Caller;
pub use stage::{Stage, WALLET};
