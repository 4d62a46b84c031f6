//! The settings that only the points service has.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use jsonwebtoken::EncodingKey;

/// How the ledger is watched and sealed.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Points")]
#[group(skip)]
pub struct Settings {
    /// How many accounts each replica proves a minute from their entries, one after another; 0 for none.
    #[arg(long, env = "LOYALTY_AUDIT_ACCOUNTS_PER_MINUTE", default_value_t = 600)]
    pub audit_accounts_per_minute: u32,
    /// For how many milliseconds a replica tells a balance again that it wrote or read, without asking anybody; 0 for never. Another replica may have
    /// written since: who must not miss that asks with a balance token, or for the record.
    #[arg(long, env = "LOYALTY_BALANCE_MEMORY_MS", default_value_t = 500, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub balance_memory_ms: u32,
    /// The Ed25519 key (PEM) with which the journal is sealed, so that nobody can change it unnoticed. Not sealed when absent. The owner of the
    /// database must not have it. What was signed last is kept beside it, in a file that ends in .sealed.
    #[arg(long, env = "LOYALTY_SEAL_KEY")]
    pub seal_key: Option<PathBuf>,
    /// How often it is sealed, if anything was recorded.
    #[arg(long, env = "LOYALTY_SEAL_INTERVAL_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    pub seal_interval_seconds: u32,
}

impl Settings {
    /// Returns for how long a replica tells a balance again that it wrote or read.
    pub(crate) fn balance_memory(&self) -> Duration {
        Duration::from_millis(self.balance_memory_ms.into())
    }

    /// Reads the key with which the journal is sealed, if there is one.
    pub(crate) fn seal_key(&self) -> anyhow::Result<Option<(EncodingKey, &Path)>> {
        let Some(path) = &self.seal_key else {
            return Ok(None);
        };
        let read = || -> anyhow::Result<EncodingKey> { Ok(EncodingKey::from_ed_pem(&fs::read(path)?)?) };
        let key = read().with_context(|| format!("--seal-key: {} holds no Ed25519 key in PEM", path.display()))?;
        Ok(Some((key, path)))
    }
}
