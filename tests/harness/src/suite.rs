//! The running suite.

use std::{
    env,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use clap::{Args as _, Command, FromArgMatches as _};
use loyalty::suite::{self, SuiteSettings};
use private_servers::{Options, PrivateServers};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tonic::transport::Channel;

use crate::Program;

/// How many databases a Redis has unless it is told otherwise.
const REDIS_DATABASES: usize = 16;

/// The suite that the tests of one binary share. It runs until the process ends, on a thread of its own, because each test has a runtime of its own.
pub struct Suite {
    address: SocketAddr,
    database: Database,
}

/// Returns the running suite, starting it for the first who asks.
pub fn suite() -> &'static Suite {
    static SUITE: OnceLock<Suite> = OnceLock::new();
    SUITE.get_or_init(|| Suite::start(&[]))
}

impl Suite {
    /// Starts a suite of one's own, with more flags of `loyalty serve`.
    pub fn start(flags: &[&str]) -> Suite {
        Suite::start_on(None, flags)
    }

    /// Starts another replica of this one: it has the same database, the same Redis and the same keys.
    pub fn replica(&self, flags: &[&str]) -> Suite {
        Suite::start_on(Some(self.database.clone()), flags)
    }

    fn start_on(database: Option<Database>, flags: &[&str]) -> Suite {
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let (started, waiting) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build();
            runtime.expect("a runtime can be made").block_on(async move {
                let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
                let database = match database {
                    Some(database) => database,
                    None => Database::fresh().await,
                };
                let settings = settings(&database, &flags);
                suite::migrate(&settings.process.database)
                    .await
                    .expect("the migrations run");
                let running = suite::start(settings).await.expect("the suite starts");
                let suite = Suite {
                    address: running.address(),
                    database,
                };
                started.send(suite).expect("someone waits for the suite");
                running.until(std::future::pending()).await;
            });
        });
        waiting.recv().expect("the suite starts")
    }

    /// Returns where it serves.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the database, for tests that look at what is stored or damage it on purpose.
    pub async fn database(&self) -> PgConnection {
        PgConnection::connect(&self.database.database_url)
            .await
            .expect("the database can be reached")
    }

    /// Returns Redis, for tests that damage it on purpose.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        self.database.redis().await
    }

    /// Returns a connection to it.
    pub fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address))
            .expect("an address makes a URL")
            .connect_lazy()
    }

    /// Makes a sandbox program, whose clock stands at the beginning of 2026.
    pub async fn program(&self) -> Program {
        Program::create(self.channel()).await
    }
}

/// A fresh database for a suite, and an empty Redis.
#[derive(Clone)]
pub struct Database {
    /// The database.
    pub database_url: String,
    /// The Redis.
    pub redis_url: String,
    /// Where the keys to personal data are, which every replica opens.
    pub vault_directory: PathBuf,
}

impl Database {
    /// Makes a database and empties Redis.
    pub async fn fresh() -> Database {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let (server, redis_url) = servers();
        let redis_url = with_number(&redis_url, NEXT.fetch_add(1, Ordering::Relaxed) % REDIS_DATABASES);
        let database = Database {
            database_url: fresh_database(&server).await,
            redis_url,
            vault_directory: env::temp_dir().join(format!("loyalty-test-{}", uuid::Uuid::now_v7())),
        };
        redis::cmd("flushdb")
            .exec_async(&mut database.redis().await)
            .await
            .expect("Redis can be flushed");
        database
    }

    /// Returns a connection to the Redis.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.redis_url.as_str()).expect("the Redis URL can be read");
        client
            .get_multiplexed_async_connection()
            .await
            .expect("Redis can be reached")
    }
}

fn settings(database: &Database, flags: &[String]) -> SuiteSettings {
    let vault = &database.vault_directory;
    let mut words: Vec<String> = [
        "test",
        "--listen",
        "127.0.0.1:0",
        "--insecure-development-mode",
        "--log",
        "warn",
        // Several, however few cores there are: what they share is fought over.
        "--writers",
        "4",
    ]
    .map(str::to_owned)
    .to_vec();
    words.extend(["--database-url".to_owned(), database.database_url.clone()]);
    words.extend(["--redis-url".to_owned(), database.redis_url.clone()]);
    words.extend(["--vault-directory".to_owned(), vault.display().to_string()]);
    words.extend(flags.iter().cloned());
    let command = SuiteSettings::augment_args(Command::new("test"));
    let matches = command.get_matches_from(words);
    SuiteSettings::from_arg_matches(&matches).expect("the flags are those of the suite")
}

/// Returns the servers to test against: those of `cargo suite-test`, else private ones that end with the process.
fn servers() -> (String, String) {
    static SERVERS: Mutex<Option<PrivateServers>> = Mutex::new(None);
    let mut servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
    let running = servers.get_or_insert_with(|| {
        let options = Options::from_environment();
        PrivateServers::start(&own_directory(), &options).expect("private servers start")
    });
    (running.database_url().to_owned(), running.redis_url().to_owned())
}

fn own_directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/test-servers/{}", std::process::id()))
}

/// Makes a database of its own for a suite.
async fn fresh_database(server: &str) -> String {
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    let mut connection = PgConnection::connect(server).await.expect("Postgres can be reached");
    let create = AssertSqlSafe(format!("create database {name}"));
    sqlx::query(create)
        .execute(&mut connection)
        .await
        .expect("a database can be made");
    with_database(server, &name)
}

/// Replaces the database in a URL.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url
        .split_once('?')
        .map_or((url, None), |(address, query)| (address, Some(query)));
    let (server, _) = address.rsplit_once('/').expect("a database URL names a database");
    query.map_or(format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
}

/// Chooses one of the databases of a Redis.
fn with_number(url: &str, number: usize) -> String {
    if url.starts_with("redis+unix:") {
        format!("{url}?db={number}")
    } else {
        format!("{}/{number}", url.trim_end_matches('/'))
    }
}
