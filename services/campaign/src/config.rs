//! The settings that only the campaign service has.

/// How much the service verifies by itself.
#[derive(clap::Args, Clone, Debug)]
pub struct Settings {
    /// How many decisions each replica makes once more a minute, from receipts that it picks at random; 0 for none.
    #[arg(long, env = "LOYALTY_VERIFY_DECISIONS_PER_MINUTE", default_value_t = 60)]
    pub verify_decisions_per_minute: u32,
}
