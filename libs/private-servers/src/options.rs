//! What a caller may choose.

use std::env;

/// How private servers are started.
#[derive(Debug, Clone)]
pub struct Options {
    /// A Postgres that is used as it is; none is started then.
    pub database_url: Option<String>,
    /// A Redis that is used as it is; none is started then.
    pub redis_url: Option<String>,
    /// Whether Postgres keeps what an earlier run in the same directory stored. Redis is a cache and always starts empty.
    pub keep_data: bool,
    /// Whether missing programs may be installed with Debian's package manager, as root or through sudo without a password.
    pub may_install: bool,
    /// Where lines of progress go.
    pub say: fn(&str),
}

impl Options {
    /// Returns the defaults, with the servers that `DATABASE_URL` and `REDIS_URL` name.
    pub fn from_environment() -> Options {
        let named = |variable| env::var(variable).ok().filter(|url| !url.is_empty());
        Options {
            database_url: named("DATABASE_URL"),
            redis_url: named("REDIS_URL"),
            ..Options::default()
        }
    }
}

impl Default for Options {
    /// Returns the choice of most: both servers private, empty, and installed when they are missing.
    fn default() -> Options {
        Options {
            database_url: None,
            redis_url: None,
            keep_data: false,
            may_install: true,
            say: |line| eprintln!("{line}"),
        }
    }
}
