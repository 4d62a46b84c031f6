//! One of the processes that serve the suite.

use std::{
    fs::OpenOptions,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;

use super::signals;
use crate::canaries::Canary;

/// How long a replica may take until it serves.
const SERVES_WITHIN: Duration = Duration::from_secs(60);

/// The program under test.
#[derive(Clone, Debug)]
pub struct Product {
    /// The program: anything that takes `serve` as `loyalty` does.
    pub program: PathBuf,
    /// In what way it is broken on purpose.
    pub canary: Option<Canary>,
}

/// A process that serves the whole suite.
pub struct Replica {
    product: Product,
    port: u16,
    flags: Vec<String>,
    log: PathBuf,
    child: Child,
}

impl Replica {
    /// Starts a replica.
    pub async fn start(product: &Product, flags: Vec<String>, log: PathBuf) -> Result<Replica> {
        let _ = std::fs::remove_file(&log);
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = launch(product, port, &flags, &log)?;
        let mut replica = Replica {
            product: product.clone(),
            port,
            flags,
            log,
            child,
        };
        replica.wait_until_it_serves().await?;
        Ok(replica)
    }

    /// Returns where it serves.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it without any warning.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it again where it was.
    pub async fn restart(&mut self) -> Result<()> {
        self.child = launch(&self.product, self.port, &self.flags, &self.log)?;
        self.wait_until_it_serves().await
    }

    /// Stops it in the middle of everything, as a machine does that has other things to do.
    pub fn freeze(&self) {
        signals::send(self.child.id(), Signal::STOP);
    }

    /// Lets it go on as if nothing had been.
    pub fn thaw(&self) {
        signals::send(self.child.id(), Signal::CONT);
    }

    async fn wait_until_it_serves(&mut self) -> Result<()> {
        let since = tokio::time::Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            if since.elapsed() > SERVES_WITHIN || self.child.try_wait()?.is_some() {
                bail!("a replica does not serve; see {}", self.log.display());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn launch(product: &Product, port: u16, flags: &[String], log: &PathBuf) -> Result<Child> {
    let log = OpenOptions::new().create(true).append(true).open(log)?;
    let mut command = Command::new(&product.program);
    command
        .args(["serve", "--insecure-development-mode", "--log", "warn"])
        .args(["--writers", "2"])
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .args(flags)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    if let Some(canary) = product.canary {
        command.env("LOYALTY_CANARY", canary.name);
    }
    let started = command.spawn();
    started.with_context(|| format!("{} cannot be started", product.program.display()))
}
