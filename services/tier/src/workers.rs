//! What happens by itself: reviews that are due, and ladders that changed under the members who stand on them.

mod bring_up;

use std::sync::Arc;

use crate::{context::Context, ops::Judge};

pub use bring_up::bring_up_program;

/// Starts the workers. They stop with the process.
pub fn start(cx: &Context, judge: &Arc<Judge>) {
    tokio::spawn(bring_up::bring_up_forever(cx.clone(), judge.clone()));
}
