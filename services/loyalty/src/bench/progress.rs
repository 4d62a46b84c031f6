//! How far something that takes long has come.

use std::{
    io::IsTerminal as _,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// After how many seconds there is another line where there is no terminal.
const LINE_EVERY_S: u64 = 10;

/// Shows progress: as a bar on a terminal, elsewhere as a line now and then.
pub struct Progress {
    what: &'static str,
    lines: AtomicU64,
    since: Instant,
    bar: ProgressBar,
}

impl Progress {
    /// Begins.
    pub fn new(what: &'static str, length: usize) -> Progress {
        let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} ({per_sec}, {eta} left)");
        let target = match std::io::stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(length as u64), target)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
            .with_message(what);
        Progress {
            what,
            lines: AtomicU64::new(0),
            since: Instant::now(),
            bar,
        }
    }

    /// Tells that so many more are done.
    pub fn add(&self, more: u64) {
        self.bar.inc(more);
        let due = self.since.elapsed().as_secs() / LINE_EVERY_S;
        if self.bar.is_hidden() && self.lines.fetch_max(due, Ordering::Relaxed) < due {
            let (done, length) = (self.bar.position(), self.bar.length().unwrap_or(0));
            eprintln!("{}: {done} of {length} after {} s", self.what, due * LINE_EVERY_S);
        }
    }

    /// Ends; returns how long it took, in seconds.
    pub fn finish(self) -> f64 {
        self.bar.finish_and_clear();
        self.since.elapsed().as_secs_f64()
    }
}
