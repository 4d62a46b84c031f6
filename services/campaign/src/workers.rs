//! What happens by itself: awards that could not be posted at once are posted later.

mod post_awards;

use crate::context::Context;

/// Starts the workers. They end with the process.
pub fn start(cx: &Context) {
    tokio::spawn(post_awards::run(cx.clone()));
}
