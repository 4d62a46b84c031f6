//! What happens by itself: awards that could not be posted at once are posted later, and those that are posted are struck off.

mod post_awards;
mod strike_off;

use crate::context::Context;

pub use strike_off::PostedAwards;

/// Starts the workers. They end with the process.
pub fn start(cx: &Context) {
    tokio::spawn(post_awards::run(cx.clone()));
}
