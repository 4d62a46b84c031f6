//! The suite as a process of its own, so that it can be killed.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use clap::{Args as _, FromArgMatches as _};
use common::config::DatabaseSettings;
use harness::Database;
use loyalty::{
    apply::{self, Manifest},
    demo::{clients::Clients, purchases::Purchase, replay::Replay},
};
use sqlx::{Connection as _, PgConnection};

/// `loyalty serve` on a database of its own.
pub struct Process {
    child: Child,
    port: u16,
    database: Database,
    vault: String,
    flags: Vec<String>,
}

/// The program that the demo applies.
pub fn manifest() -> Manifest {
    Manifest::parse("cdnow.toml", include_str!("../../../deploy/programs/cdnow.toml"))
        .expect("the demo's program can be read")
}

/// The purchases of the first customers of the data.
pub fn purchases(customers: u32) -> Vec<Purchase> {
    loyalty::demo::purchases::all()
        .into_iter()
        .filter(|purchase| purchase.customer <= customers)
        .collect()
}

impl Process {
    /// Starts the suite on a fresh database and applies the demo's program.
    pub async fn start() -> Process {
        Process::start_with(&[]).await
    }

    /// Starts it with more flags.
    pub async fn start_with(flags: &[&str]) -> Process {
        let database = Database::fresh().await;
        migrate(&database).await;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port is free")
            .port();
        let vault = std::env::temp_dir()
            .join(format!("loyalty-test-{}", uuid::Uuid::now_v7()))
            .display()
            .to_string();
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let child = serve(port, &database, &vault, &flags);
        let process = Process {
            child,
            port,
            database,
            vault,
            flags,
        };
        process.wait_until_it_serves().await;
        apply::apply(&manifest(), process.clients().transport(0))
            .await
            .expect("the program can be applied");
        process
    }

    /// Kills it without any warning and starts it again.
    pub async fn kill_and_restart(&mut self) {
        self.kill_and_restart_after(std::future::ready(())).await;
    }

    /// Kills it without any warning, lets something happen, and starts it again.
    pub async fn kill_and_restart_after(&mut self, meanwhile: impl Future<Output = ()>) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process ends");
        meanwhile.await;
        self.child = serve(self.port, &self.database, &self.vault, &self.flags);
        self.wait_until_it_serves().await;
    }

    /// Kills it and starts it with other flags.
    pub async fn restart_with(&mut self, flags: &[&str]) {
        self.flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        self.kill_and_restart().await;
    }

    /// Returns where it serves.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns clients of it.
    pub fn clients(&self) -> Clients {
        Clients::new(&self.url(), &manifest().program_id()).expect("the URL can be used")
    }

    /// Returns the replay of the demo, against it.
    pub fn replay(&self) -> Replay {
        let zone = jiff::tz::TimeZone::get(manifest().zone()).expect("the demo's zone exists");
        Replay {
            clients: self.clients(),
            zone,
            wallet: "points".to_owned(),
            rewards: manifest().rewards(),
        }
    }

    /// Returns a connection to its database.
    pub async fn database(&self) -> PgConnection {
        PgConnection::connect(&self.database.database_url)
            .await
            .expect("the database can be reached")
    }

    /// Returns its Redis.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        self.database.redis().await
    }

    async fn wait_until_it_serves(&self) {
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the suite does not serve");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(port: u16, database: &Database, vault: &str, flags: &[String]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_loyalty"))
        .args(["serve", "--insecure-development-mode", "--log", "error"])
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .args(["--database-url", &database.database_url])
        .args(["--redis-url", &database.redis_url])
        .args(["--vault-directory", vault])
        .args(flags)
        .stdout(Stdio::null())
        .spawn()
        .expect("the suite can be started")
}

async fn migrate(database: &Database) {
    let command = DatabaseSettings::augment_args(clap::Command::new("migrate"));
    let matches = command.get_matches_from(["migrate", "--database-url", &database.database_url]);
    let settings = DatabaseSettings::from_arg_matches(&matches).expect("the flags are those of a database");
    loyalty::suite::migrate(&settings).await.expect("the migrations run");
}
