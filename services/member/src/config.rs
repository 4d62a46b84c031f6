//! The settings that only the member service has: the keys of the vault.

use std::{convert::Infallible, path::PathBuf};

use anyhow::{Context as _, bail};
use common::config::{ExposeSecret as _, Problems, SecretString};

use crate::vault::{IndexKey, KeysRefused, MasterKeys, Vault};

/// Where the keys to personal data are.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Personal data")]
#[group(skip)]
pub struct Settings {
    /// The master keys, under which the members' own keys are wrapped: ID:BASE64 of 32 random bytes each, separated by commas, the current one
    /// first. The others still open what they wrapped.
    #[arg(long, env = "LOYALTY_VAULT_MASTER_KEYS", hide_env_values = true, value_parser = secret,
          conflicts_with = "vault_master_keys_file")]
    pub vault_master_keys: Option<SecretString>,
    /// The same from a file, one key a line.
    #[arg(long, env = "LOYALTY_VAULT_MASTER_KEYS_FILE")]
    pub vault_master_keys_file: Option<PathBuf>,
    /// The key by which members are found by phone, e-mail and card: ID:BASE64 of 32 random bytes. It must never change.
    #[arg(long, env = "LOYALTY_VAULT_INDEX_KEY", hide_env_values = true, value_parser = secret,
          conflicts_with = "vault_index_key_file")]
    pub vault_index_key: Option<SecretString>,
    /// The same from a file.
    #[arg(long, env = "LOYALTY_VAULT_INDEX_KEY_FILE")]
    pub vault_index_key_file: Option<PathBuf>,
    /// Where development mode keeps the keys that it makes by itself when none are given.
    #[arg(long, env = "LOYALTY_VAULT_DIRECTORY")]
    pub vault_directory: Option<PathBuf>,
}

impl Settings {
    /// Puts the vault together, or tells everything that is wrong with the keys.
    pub fn open_vault(&self, development_mode: bool) -> anyhow::Result<Vault> {
        let master_keys = self.master_keys().transpose();
        let index_key = self.index_key().transpose();
        let mut problems = Problems::default();
        for refused in [master_keys.as_ref().err(), index_key.as_ref().err()]
            .into_iter()
            .flatten()
        {
            problems.add(refused.to_string());
        }
        problems.finish()?;
        match (master_keys?, index_key?) {
            (Some(master_keys), Some(index_key)) => Ok(Vault::new(master_keys, index_key)?),
            (None, None) if development_mode => {
                let dir = self.vault_directory.as_ref();
                let dir = dir.context("--vault-directory is missing: development mode keeps its keys there")?;
                Ok(Vault::development(dir)?)
            }
            (None, None) => bail!("--vault-master-keys and --vault-index-key are missing, or the files with them"),
            (None, Some(_)) => bail!("--vault-master-keys is missing, or the file with them"),
            (Some(_), None) => bail!("--vault-index-key is missing, or the file with it"),
        }
    }

    fn master_keys(&self) -> Option<Result<MasterKeys, KeysRefused>> {
        let given = self
            .vault_master_keys
            .as_ref()
            .map(|keys| MasterKeys::parse(keys.expose_secret()));
        given.or_else(|| self.vault_master_keys_file.as_deref().map(MasterKeys::from_file))
    }

    fn index_key(&self) -> Option<Result<IndexKey, KeysRefused>> {
        let given = self
            .vault_index_key
            .as_ref()
            .map(|key| IndexKey::parse(key.expose_secret()));
        given.or_else(|| self.vault_index_key_file.as_deref().map(IndexKey::from_file))
    }
}

fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, seed: u8) -> SecretString {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let key: Vec<u8> = (0..32)
            .map(|i: u8| i.wrapping_mul(37).wrapping_add(seed) ^ 0x5a)
            .collect();
        SecretString::from(format!("{id}:{}", STANDARD.encode(key)))
    }

    fn problem(settings: &Settings, development_mode: bool) -> String {
        format!("{:#}", settings.open_vault(development_mode).unwrap_err())
    }

    #[test]
    fn outside_development_mode_both_keys_are_needed() {
        let both = Settings {
            vault_master_keys: Some(key("kek1", 1)),
            vault_index_key: Some(key("index1", 2)),
            ..Settings::default()
        };
        assert!(both.open_vault(false).is_ok());
        assert!(problem(&Settings::default(), false).contains("--vault-master-keys and --vault-index-key"));
        assert!(
            problem(
                &Settings {
                    vault_index_key: None,
                    ..both.clone()
                },
                false
            )
            .contains("--vault-index-key")
        );
        assert!(
            problem(
                &Settings {
                    vault_master_keys: None,
                    ..both
                },
                true
            )
            .contains("--vault-master-keys")
        );
    }

    #[test]
    fn development_mode_makes_its_own_keys_where_it_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            vault_directory: Some(dir.path().to_owned()),
            ..Settings::default()
        };
        assert!(settings.open_vault(true).is_ok());
        assert!(problem(&Settings::default(), true).contains("--vault-directory"));
    }

    #[test]
    fn everything_wrong_with_the_keys_is_told_at_once_and_no_key_is() {
        let settings = Settings {
            vault_master_keys: Some(SecretString::from("kek1:c2VjcmV0")),
            vault_index_key_file: Some("/nowhere/index.key".into()),
            ..Settings::default()
        };
        let problem = problem(&settings, true);
        assert!(
            problem.contains("key 1 is not written") && problem.contains("/nowhere/index.key"),
            "{problem}"
        );
        assert!(
            !problem.contains("c2VjcmV0") && !format!("{settings:?}").contains("c2VjcmV0"),
            "{problem}"
        );
    }
}
