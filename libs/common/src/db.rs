//! Postgres: the pool, and the one way in which a unit of database work runs.

use std::{future::Future, time::Duration};

use sqlx::{
    Connection as _, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    canary,
    config::{DatabaseSettings, ExposeSecret as _},
};

/// How long a session may sit in a transaction without a statement before Postgres ends it: the net under every other precaution.
const IDLE_IN_TRANSACTION: &str = "5s";

/// After how long without use a connection is tried before it is trusted.
const RESTED: Duration = Duration::from_millis(500);

/// A service's database.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
    options: PgConnectOptions,
}

impl Db {
    /// Prepares the pool. Connections are opened when they are needed, so a service starts before its database.
    pub fn new(settings: &DatabaseSettings, application: &str) -> Result<Db, sqlx::Error> {
        let options = settings
            .database_url
            .expose_secret()
            .parse::<PgConnectOptions>()?
            .application_name(application)
            .options([
                ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION.to_owned()),
                ("statement_timeout", format!("{}ms", settings.statement_timeout_ms)),
                // Every statement here is a probe by key, whatever the numbers: planning it anew each time costs more than running it.
                ("plan_cache_mode", "force_generic_plan".to_owned()),
                // And it stays one: a plan made while the tables are empty would scan them, and be kept when they are not.
                ("enable_seqscan", "off".to_owned()),
                ("enable_hashjoin", "off".to_owned()),
                ("enable_mergejoin", "off".to_owned()),
                ("jit", "off".to_owned()),
                ("lock_timeout", format!("{}ms", settings.lock_timeout_ms)),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(settings.database_connections)
            .acquire_timeout(Duration::from_secs(3))
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    // A connection that has rested may have been closed from the other side; one that was just used costs no round trip.
                    if meta.idle_for > RESTED {
                        connection.ping().await.map(|()| true)
                    } else {
                        Ok(true)
                    }
                })
            })
            .connect_lazy_with(options.clone());
        Ok(Db { pool, options })
    }

    /// Returns the pool, for migrations and for reads inside [`Db::run`].
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Returns how to open a connection of one's own.
    pub(crate) fn options(&self) -> PgConnectOptions {
        let careless = canary::sings("careless-commit").then_some(("synchronous_commit", "off"));
        self.options.clone().options(careless)
    }

    /// Runs a unit of database work in a task of its own.
    ///
    /// A caller that goes away drops the handler's future at any await; the work still runs to its end, so that no session is left in the
    /// middle of a statement or a transaction.
    pub async fn run<F, Fut, T, E>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(PgPool) -> Fut,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<sqlx::Error> + Send + 'static,
    {
        let work = work(self.pool.clone());
        match tokio::spawn(work).await {
            Ok(done) => done,
            Err(_) => Err(E::from(sqlx::Error::WorkerCrashed)),
        }
    }

    /// Refuses a database that could lose what it acknowledged.
    pub async fn check_durability(&self) -> Result<(), Undurable> {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let value: String = sqlx::query_scalar("select current_setting($1)")
                .bind(setting)
                .fetch_one(&self.pool)
                .await?;
            if value == "off" {
                return Err(Undurable::Off { setting });
            }
        }
        Ok(())
    }
}

/// Begins a transaction for what is derived from the journal together with how far it was: no commit waits for the disk. A crash of the database may undo it, whole, and then it is done again.
pub async fn begin_derived(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    pool.begin_with("begin; set local synchronous_commit = off").await
}

/// Says that a database is not fit to keep points in.
#[derive(Debug, thiserror::Error)]
pub enum Undurable {
    /// A setting trades durability for speed.
    #[error("the database runs with {setting} = off and would lose acknowledged points in a crash; turn it on")]
    Off {
        /// The setting.
        setting: &'static str,
    },
    /// The database could not be asked.
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[from] sqlx::Error),
}
