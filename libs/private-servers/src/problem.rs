//! Every way in which servers fail to come up, each in one line that says what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why private servers could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("{missing} not found: {advice}")]
    NotInstalled { missing: String, advice: String },

    #[error("{} is in use by process {owner}: stop that one first, or choose another directory", dir.display())]
    InUse { dir: PathBuf, owner: String },

    #[error("{server} did not start: {last_words} (its log is {})", log.display())]
    DidNotStart {
        server: &'static str,
        last_words: String,
        log: PathBuf,
    },

    #[error(
        "Postgres refuses to run as root, and to run it as another user setpriv is needed: install util-linux, or do this as another user"
    )]
    NeedsSetpriv,

    #[error("Postgres refuses to run as root, and there is neither a user postgres nor a user nobody to run it as")]
    NeedsAccount,

    #[error("{account} can reach neither {} nor a directory under /var/tmp or /tmp: Postgres cannot run as root and needs one", dir.display())]
    OutOfReach { dir: PathBuf, account: String },

    #[error("no port between 20000 and 29999 is free on 127.0.0.1")]
    NoPort,

    #[error("`{command}` failed: {last_words}")]
    Failed { command: String, last_words: String },

    #[error("could not {doing} {}: {source}", path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl Problem {
    /// Returns a function that names what was being done to which file, for `map_err`.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Problem {
        let path = path.to_owned();
        move |source| Problem::File { doing, path, source }
    }
}

/// Returns the line of some output that says most about why a program gave up.
pub(crate) fn last_words(output: &str) -> String {
    let telling = ["FATAL", "PANIC", "E: ", "error:", "rror:"];
    let said: Vec<&str> = output.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let told = telling
        .iter()
        .find_map(|word| said.iter().rev().find(|line| line.contains(word)));
    told.or(said.last())
        .map_or("it said nothing".to_owned(), |line| (*line).to_owned())
}
