//! Runs a command beside the servers, and outlives it whatever signal comes.

use std::io;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::{PrivateServers, process};

impl PrivateServers {
    /// Runs a command with `DATABASE_URL` and `REDIS_URL` set, and returns the exit code that a shell would.
    ///
    /// Ctrl-C reaches the command from the terminal, and a request to terminate is passed on to it. Either way this
    /// process stays until the command has ended, so that the servers are stopped after it and not under its feet. From
    /// then on these signals no longer end this process: what is left to do is to stop the servers.
    pub fn run_beside(&self, command: &mut Command) -> io::Result<u8> {
        let terminated = Arc::new(AtomicBool::new(false));
        flag::register(SIGINT, Arc::default())?;
        flag::register(SIGTERM, Arc::clone(&terminated))?;
        let mut child = command
            .env("DATABASE_URL", self.database_url())
            .env("REDIS_URL", self.redis_url())
            .spawn()?;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(process::exit_code(status));
            }
            if terminated.swap(false, Ordering::Relaxed) {
                process::signal_process(child.id(), Signal::TERM);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}
