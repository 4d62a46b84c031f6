//! Settings of Postgres and Redis.

use clap::Args;
use secrecy::ExposeSecret as _;

use super::{Problems, SecretString, secret};

/// Where the records are.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Postgres")]
pub struct DatabaseSettings {
    /// The database, such as postgres://user:password@host/loyalty.
    #[arg(long, env = "LOYALTY_DATABASE_URL", hide_env_values = true, value_parser = secret)]
    pub database_url: SecretString,
    /// How many connections a service may open.
    #[arg(long, env = "LOYALTY_DATABASE_CONNECTIONS", default_value_t = 16)]
    pub database_connections: u32,
    /// How many writers share the shards. Each uses one connection. By default one for every two cores: fewer gather more.
    #[arg(long, env = "LOYALTY_WRITERS", default_value_t = default_writers())]
    pub writers: u16,
    /// How many calls and events one transaction takes at most.
    #[arg(long, env = "LOYALTY_BATCH_SIZE", default_value_t = 512)]
    pub batch_size: u16,
    /// Let no transaction touch two shards, as a distributed Postgres wants it.
    #[arg(long, env = "LOYALTY_SINGLE_SHARD_TRANSACTIONS")]
    pub single_shard_transactions: bool,
    /// How long one statement may take.
    #[arg(long, env = "LOYALTY_STATEMENT_TIMEOUT_MS", default_value_t = 10_000)]
    pub statement_timeout_ms: u32,
    /// How long a statement may wait for a lock.
    #[arg(long, env = "LOYALTY_LOCK_TIMEOUT_MS", default_value_t = 5_000)]
    pub lock_timeout_ms: u32,
}

fn default_writers() -> u16 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    u16::try_from(cores / 2).unwrap_or(u16::MAX).clamp(1, 8)
}

impl DatabaseSettings {
    /// Checks what the types cannot.
    pub fn check(&self, problems: &mut Problems) {
        problems.check_url(
            "--database-url",
            self.database_url.expose_secret(),
            &["postgres", "postgresql"],
        );
        problems.check(
            (1..=64).contains(&self.writers),
            "--writers is not between 1 and 64, the number of shards",
        );
        problems.check(
            (1..=4096).contains(&self.batch_size),
            "--batch-size is not between 1 and 4096",
        );
        problems.check(
            u32::from(self.writers) < self.database_connections,
            "--database-connections must be more than --writers, or reads would wait for writes",
        );
    }
}

/// Where hot balances are.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Redis")]
pub struct RedisSettings {
    /// The server, such as redis://host:6379; several, separated by commas, are a cluster. Without one, balances are read
    /// from Postgres.
    #[arg(long, env = "LOYALTY_REDIS_URL", hide_env_values = true, value_delimiter = ',', value_parser = secret)]
    pub redis_url: Vec<SecretString>,
    /// How long a command may take before Postgres is asked instead.
    #[arg(long, env = "LOYALTY_REDIS_TIMEOUT_MS", default_value_t = 50)]
    pub redis_timeout_ms: u64,
}

impl RedisSettings {
    /// Checks what the types cannot.
    pub fn check(&self, problems: &mut Problems) {
        for url in &self.redis_url {
            let url = url.expose_secret();
            let socket = url.starts_with("unix:") || url.starts_with("redis+unix:");
            if !socket {
                problems.check_url("--redis-url", url, &["redis", "rediss"]);
            }
        }
        problems.check(self.redis_timeout_ms > 0, "--redis-timeout-ms is 0");
    }
}
