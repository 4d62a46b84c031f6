//! What is put under fire: a Postgres and a Redis of its own, two replicas that write the same shards, and the wires between them.

mod replica;
mod signals;
mod wire;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use clap::{Args as _, FromArgMatches as _};
use common::config::DatabaseSettings;
use loyalty::demo::clients::Clients;
use private_servers::{Options, PrivatePostgres, PrivateRedis};
use sqlx::{Connection as _, PgConnection};

pub use replica::{Product, Replica};
pub use signals::{send, send_to_family};
pub use wire::{Condition, Wire};

/// How many replicas there are, unless it is said otherwise.
pub const REPLICAS: usize = 2;
/// How long Postgres may take to recover by itself.
const RECOVERS_WITHIN: Duration = Duration::from_secs(60);

/// Everything that runs. It is stopped when it is dropped.
pub struct Cluster {
    /// The replicas.
    pub replicas: Vec<Replica>,
    /// Between each replica and Postgres.
    pub database_wires: Vec<Wire>,
    /// Between callers and each replica.
    pub caller_wires: Vec<Wire>,
    /// The truth.
    pub postgres: PrivatePostgres,
    /// The mirror.
    pub redis: PrivateRedis,
    directory: PathBuf,
}

impl Cluster {
    /// Starts everything, empty, in a directory of its own: one that is used again starts faster. Blocks while the servers start.
    pub async fn start(product: &Product, directory: &Path) -> Result<Cluster> {
        Cluster::of(product, directory, REPLICAS).await
    }

    /// Starts everything with so many replicas.
    pub async fn of(product: &Product, directory: &Path, replicas: usize) -> Result<Cluster> {
        let directory = directory.to_owned();
        std::fs::create_dir_all(&directory)?;
        let options = Options {
            say: |_| {},
            ..Options::default()
        };
        let postgres = PrivatePostgres::start(&directory.join("postgres"), &options)?;
        let _ = std::fs::remove_file(directory.join("redis/dump.rdb"));
        let redis = PrivateRedis::start(&directory.join("redis"), &options)?;
        migrate(&database_url(postgres.port())).await?;
        let mut cluster = Cluster {
            replicas: Vec::new(),
            database_wires: Vec::new(),
            caller_wires: Vec::new(),
            postgres,
            redis,
            directory,
        };
        if let Some(canary) = &product.canary {
            sqlx::raw_sql(canary.prepare)
                .execute(&mut cluster.database().await?)
                .await?;
        }
        for number in 0..replicas {
            cluster.add_replica(product, number).await?;
        }
        Ok(cluster)
    }

    async fn add_replica(&mut self, product: &Product, number: usize) -> Result<()> {
        let database = Wire::lay(self.postgres.port()).await?;
        let path = |name: &str| self.directory.join(name).display().to_string();
        let mut flags = vec!["--database-url".to_owned(), database_url(database.port())];
        flags.extend(["--redis-url".to_owned(), self.redis.redis_url()]);
        flags.extend(["--vault-directory".to_owned(), path("vault")]);
        if number == 0 {
            // One asks Redis for every balance, so that what is wrong there is seen; the others remember some for a moment.
            flags.push("--balance-memory-ms=0".to_owned());
        }
        let log = PathBuf::from(path(&format!("replica-{number}.log")));
        let replica = Replica::start(product, flags, log).await?;
        self.caller_wires.push(Wire::lay(replica.port()).await?);
        self.database_wires.push(database);
        self.replicas.push(replica);
        Ok(())
    }

    /// Returns clients of a replica, in a program.
    pub fn clients(&self, replica: usize, program_id: &str) -> Result<Clients> {
        let port = self.caller_wires[replica].port();
        Clients::new(&format!("http://127.0.0.1:{port}"), program_id)
    }

    /// Returns a connection to the database, by no wire.
    pub async fn database(&self) -> Result<PgConnection> {
        let connection = PgConnection::connect(&database_url(self.postgres.port())).await;
        connection.context("the database cannot be reached")
    }

    /// Waits until Postgres takes connections again.
    pub async fn wait_for_postgres(&self) -> Result<()> {
        let recovers = async {
            while self.database().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let recovered = tokio::time::timeout(RECOVERS_WITHIN, recovers).await;
        recovered.context("Postgres does not recover")
    }

    /// Returns a connection to Redis.
    pub async fn redis_connection(&self) -> Result<redis::aio::MultiplexedConnection> {
        let client = redis::Client::open(self.redis.redis_url())?;
        let connection = client.get_multiplexed_async_connection().await;
        connection.context("Redis cannot be reached")
    }

    /// Returns where Redis keeps what it is told to save, and finds it when it starts.
    pub fn redis_dump(&self) -> PathBuf {
        self.directory.join("redis").join("dump.rdb")
    }
}

fn database_url(port: u16) -> String {
    format!("postgres://loyalty@127.0.0.1:{port}/loyalty?sslmode=disable")
}

async fn migrate(database_url: &str) -> Result<()> {
    let command = DatabaseSettings::augment_args(clap::Command::new("migrate"));
    let matches = command.try_get_matches_from(["migrate", "--database-url", database_url])?;
    loyalty::suite::migrate(&DatabaseSettings::from_arg_matches(&matches)?).await
}
