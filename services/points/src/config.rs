//! The settings that only the points service has.

/// How the ledger is watched.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Points")]
#[group(skip)]
pub struct Settings {
    /// How many accounts each replica proves a minute from their entries, one after another; 0 for none.
    #[arg(long, env = "LOYALTY_AUDIT_ACCOUNTS_PER_MINUTE", default_value_t = 600)]
    pub audit_accounts_per_minute: u32,
}
