//! A Postgres and a Redis of one's own: started in a directory, stopped when they are dropped.
//!
//! The demo, the benchmarks and the tests need real servers and must not ask anybody to prepare some. Servers named by
//! `DATABASE_URL` and `REDIS_URL` are used as they are. Otherwise installed programs are found (and Debian's packages
//! installed where that is allowed), and private instances are started: on Unix sockets and on 127.0.0.1, at ports that
//! nobody else uses, with the durability of production (fsync, synchronous commit, full page writes, checksums).
//!
//! A directory has one owner. Servers are stopped by their process id, never by name; on Linux they also die with their
//! owner, and what an owner that was killed left behind is ended by the next one. Nothing here is async, and nothing
//! knows what is stored in these servers.

#![forbid(unsafe_code)]

mod account;
mod beside;
mod claim;
mod installation;
mod options;
mod port;
mod postgres;
mod problem;
mod process;
mod programs;
mod redis;

use std::path::Path;
use std::time::Instant;

pub use options::Options;
pub use postgres::PrivatePostgres;
pub use problem::Problem;
pub use redis::PrivateRedis;

/// A Postgres and a Redis that are ready to be used.
#[derive(Debug)]
pub struct PrivateServers {
    database_url: String,
    redis_url: String,
    postgres: Option<PrivatePostgres>,
    redis: Option<PrivateRedis>,
}

impl PrivateServers {
    /// Starts what the options do not name already, under `dir`. Blocks until both servers answer.
    pub fn start(dir: &Path, options: &Options) -> Result<PrivateServers, Problem> {
        let since = Instant::now();
        programs::install_missing(options)?;
        let postgres = match options.database_url {
            Some(_) => None,
            None => Some(PrivatePostgres::start(&dir.join("postgres"), options)?),
        };
        let redis = match options.redis_url {
            Some(_) => None,
            None => Some(PrivateRedis::start(&dir.join("redis"), options)?),
        };
        let given = |url: &Option<String>| url.clone().unwrap_or_default();
        let servers = PrivateServers {
            database_url: postgres
                .as_ref()
                .map_or(given(&options.database_url), PrivatePostgres::database_url),
            redis_url: redis
                .as_ref()
                .map_or(given(&options.redis_url), PrivateRedis::redis_url),
            postgres,
            redis,
        };
        (options.say)(&servers.described(since));
        Ok(servers)
    }

    /// Returns the address of the database, as sqlx and psql read it.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Returns the address of Redis, as the redis crate reads it.
    pub fn redis_url(&self) -> &str {
        &self.redis_url
    }

    /// Returns the Postgres that was started, to hurt it; none when `DATABASE_URL` named one.
    pub fn postgres(&mut self) -> Option<&mut PrivatePostgres> {
        self.postgres.as_mut()
    }

    /// Returns the Redis that was started, to hurt it; none when `REDIS_URL` named one.
    pub fn redis(&mut self) -> Option<&mut PrivateRedis> {
        self.redis.as_mut()
    }

    /// Stops what was started, and only that. Dropping does the same.
    pub fn stop(self) {}

    fn described(&self, since: Instant) -> String {
        let postgres = self
            .postgres
            .as_ref()
            .map_or("the Postgres of DATABASE_URL".into(), PrivatePostgres::described);
        let redis = self
            .redis
            .as_ref()
            .map_or("the Redis of REDIS_URL".into(), PrivateRedis::described);
        format!(
            "{postgres} and {redis}, ready after {:.1} s",
            since.elapsed().as_secs_f32()
        )
    }
}
