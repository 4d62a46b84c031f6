//! The settings that only the rewards catalog has.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clap::Args;
use common::config::{AuthSettings, ExposeSecret as _, SecretString};

use crate::domain::CodeKey;

/// Known to everyone who reads this, like everything in development mode.
const DEVELOPMENT_KEY: [u8; 32] = *b"for development only, no secret!";

/// How the rewards catalog works.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Rewards catalog")]
#[group(skip)]
pub struct Settings {
    /// The secret that fulfilment codes are derived from, 32 random bytes in base64, the same on every replica. Keep it as
    /// long as its codes are to be honoured. Only development mode has one of its own.
    #[arg(long, env = "LOYALTY_FULFILMENT_KEY", hide_env_values = true)]
    pub fulfilment_key: Option<SecretString>,
}

impl Settings {
    /// Returns the key of fulfilment codes. Refuses to go without a real one except in development mode.
    pub(crate) fn code_key(&self, auth: &AuthSettings) -> anyhow::Result<CodeKey> {
        match &self.fulfilment_key {
            Some(text) => read_key(text.expose_secret()).context("--fulfilment-key"),
            None => {
                ensure!(auth.insecure_development_mode, "--fulfilment-key is missing");
                tracing::warn!("fulfilment codes are derived from a key that everyone knows: development mode");
                Ok(CodeKey::new(DEVELOPMENT_KEY))
            }
        }
    }
}

fn read_key(text: &str) -> anyhow::Result<CodeKey> {
    let key: [u8; 32] = STANDARD
        .decode(text)
        .ok()
        .context("is not base64")?
        .try_into()
        .ok()
        .context("is not 32 bytes")?;
    ensure!(
        key != DEVELOPMENT_KEY,
        "is the key of development mode, which everyone knows"
    );
    let mut distinct = key;
    distinct.sort_unstable();
    ensure!(
        distinct.chunk_by(|a, b| a == b).count() >= 16,
        "is not random: too many of its bytes are equal"
    );
    Ok(CodeKey::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_anyone_could_guess_is_refused() {
        let random: [u8; 32] = std::array::from_fn(|i| i as u8 * 7);
        assert!(read_key(&STANDARD.encode(random)).is_ok());
        for weak in [
            STANDARD.encode([7; 32]),
            STANDARD.encode(DEVELOPMENT_KEY),
            STANDARD.encode([1; 16]),
            "secret".to_owned(),
        ] {
            assert!(read_key(&weak).is_err(), "{weak}");
        }
    }
}
