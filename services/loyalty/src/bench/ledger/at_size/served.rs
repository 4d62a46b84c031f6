//! The suite as a process of its own: its memory can be told from ours, and it can be killed.

use std::{net::TcpListener, process::Stdio};

use anyhow::Context as _;
use common::config::ExposeSecret as _;
use tokio::process::{Child, Command};

use crate::{
    demo::{self, report::peak_memory_mb_of},
    suite::SuiteSettings,
};

/// `loyalty serve`. It is killed when this is dropped.
pub struct Served {
    pub url: String,
    flags: Vec<String>,
    child: Child,
}

impl Served {
    /// Starts it on a free port of this machine, on the database and the Redis of some settings.
    pub fn start(settings: &SuiteSettings) -> anyhow::Result<Served> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let vault = settings.member.vault_directory.as_deref();
        let redis_url = settings.process.redis.redis_url.first();
        let flags = demo::flags(
            &address,
            settings.process.database.database_url.expose_secret(),
            redis_url.context("there is no Redis")?.expose_secret(),
            vault.context("there is no folder for the vault")?,
        )?;
        Ok(Served {
            url: format!("http://{address}"),
            child: spawn(&flags)?,
            flags,
        })
    }

    /// Kills it, and returns when it is gone.
    pub async fn kill(&mut self) -> std::io::Result<()> {
        self.child.kill().await
    }

    /// Tells whether it has not ended by itself.
    pub fn runs(&mut self) -> std::io::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Starts it again, where it was.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        self.child = spawn(&self.flags)?;
        Ok(())
    }

    /// Returns the most memory that it has had, in MB.
    pub fn peak_memory_mb(&self) -> u64 {
        self.child.id().map_or(0, |id| peak_memory_mb_of(&id.to_string()))
    }
}

fn spawn(flags: &[String]) -> anyhow::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("serve")
        .args(flags)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    command.spawn().context("loyalty serve does not start")
}
