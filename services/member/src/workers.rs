//! What happens by itself.

mod rewrap_keys;

use crate::context::Context;

/// Starts the workers. They end with the process.
pub fn start(cx: &Context) {
    tokio::spawn(rewrap_keys::run(cx.clone()));
}
