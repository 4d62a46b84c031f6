//! The settings that only the campaign service has.

use std::{convert::Infallible, time::Duration};

use common::config::SecretString;

/// How much the service verifies by itself, and how messages leave it.
#[derive(clap::Args, Clone, Debug)]
pub struct Settings {
    /// How many decisions each replica makes once more a minute, from receipts that it picks at random; 0 for none.
    #[arg(long, env = "LOYALTY_VERIFY_DECISIONS_PER_MINUTE", default_value_t = 60)]
    pub verify_decisions_per_minute: u32,
    /// For how many milliseconds a replica judges previews and quotes by what it knew of a member, without asking whether another replica has written since; 0 for never.
    #[arg(long, env = "LOYALTY_PREVIEW_MEMORY_MS", default_value_t = 500, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub preview_memory_ms: u32,
    /// Where messages are posted: a gateway for e-mail, SMS, push and WeChat, or whatever hands them on.
    #[arg(long, env = "LOYALTY_MESSAGE_WEBHOOK_URL", help_heading = "Messages")]
    pub message_webhook_url: Option<String>,
    /// The secrets that sign them (Standard Webhooks), whsec_BASE64, separated by commas: each signs, so that a receiver can go over from one to another.
    #[arg(long, env = "LOYALTY_MESSAGE_WEBHOOK_SECRETS", hide_env_values = true, value_parser = secret, help_heading = "Messages")]
    pub message_webhook_secrets: Option<SecretString>,
    /// Post messages to an address of a private network too, and without TLS there. Otherwise only public addresses are, and by TLS.
    #[arg(long, env = "LOYALTY_MESSAGE_WEBHOOK_PRIVATE", help_heading = "Messages")]
    pub message_webhook_private: bool,
    /// The mail server: smtps://user:password@host:465, or smtp://host:587?tls=required.
    #[arg(long, env = "LOYALTY_MESSAGE_SMTP_URL", hide_env_values = true, value_parser = secret, help_heading = "Messages")]
    pub message_smtp_url: Option<SecretString>,
    /// Whom mails are from: "Shop <news@example.com>".
    #[arg(long, env = "LOYALTY_MESSAGE_SMTP_FROM", help_heading = "Messages")]
    pub message_smtp_from: Option<String>,
    /// How often a message is tried before it is given up.
    #[arg(long, env = "LOYALTY_MESSAGE_ATTEMPTS", default_value_t = 12, value_parser = clap::value_parser!(i32).range(1..=100), help_heading = "Messages")]
    pub message_attempts: i32,
    /// After how many milliseconds a message is tried again; twice as long after each further attempt, up to six hours.
    #[arg(long, env = "LOYALTY_MESSAGE_RETRY_MS", default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(1..=3_600_000), help_heading = "Messages")]
    pub message_retry_ms: i64,
}

impl Settings {
    /// Returns for how long a replica judges previews by what it knew.
    pub(crate) fn preview_memory(&self) -> Duration {
        Duration::from_millis(self.preview_memory_ms.into())
    }
}

fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}
