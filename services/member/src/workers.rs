//! What happens by itself.

mod rewrap_keys;
mod tell_birthdays;

use crate::context::Context;

pub use tell_birthdays::tell_birthdays;

/// Starts the workers. They end with the process.
pub fn start(cx: &Context) {
    tokio::spawn(rewrap_keys::run(cx.clone()));
    tokio::spawn(tell_birthdays::run(cx.clone()));
}
