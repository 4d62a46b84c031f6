//! Settings of identity.

use std::path::PathBuf;

use clap::Args;

use super::{Problems, SecretString, check_path, secret};
use crate::page::PageTokens;

/// Whom to trust, and how to prove who we are.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Identity")]
pub struct AuthSettings {
    /// Let anyone in, in the program that the metadata `loyalty-program` names. For a developer's machine only.
    #[arg(long, env = "LOYALTY_INSECURE_DEVELOPMENT_MODE")]
    pub insecure_development_mode: bool,
    /// Who signs the tokens of callers (`iss`).
    #[arg(long, env = "LOYALTY_AUTH_ISSUER")]
    pub auth_issuer: Option<String>,
    /// For whom callers' tokens must be made (`aud`), besides the names of the services served here.
    #[arg(
        long,
        env = "LOYALTY_AUTH_AUDIENCE",
        default_value = "loyalty",
        value_delimiter = ','
    )]
    pub auth_audience: Vec<String>,
    /// The issuer's public keys: a JSON Web Key Set, or a directory of <key id>.pem. Read again when it changes.
    #[arg(long, env = "LOYALTY_AUTH_KEYS")]
    pub auth_keys: Option<PathBuf>,
    /// This service's own Ed25519 key (PEM), with which it signs its calls of other services.
    #[arg(long, env = "LOYALTY_SERVICE_KEY")]
    pub service_key: Option<PathBuf>,
    /// A directory of the other services' public keys, <service>.pem. Read again when it changes.
    #[arg(long, env = "LOYALTY_SERVICE_KEYS")]
    pub service_keys: Option<PathBuf>,
    /// The key of page tokens, 32 random bytes in base64, the same on every replica.
    #[arg(long, env = "LOYALTY_PAGE_TOKEN_KEY", hide_env_values = true, value_parser = secret)]
    pub page_token_key: Option<SecretString>,
}

impl AuthSettings {
    /// Checks what the types cannot.
    pub fn check(&self, problems: &mut Problems) {
        if !self.insecure_development_mode {
            problems.check(self.auth_issuer.is_some(), "--auth-issuer is missing");
            problems.check(self.auth_keys.is_some(), "--auth-keys is missing");
            problems.check(self.page_token_key.is_some(), "--page-token-key is missing");
        }
        problems.check(
            self.auth_audience.iter().all(|audience| !audience.is_empty()),
            "--auth-audience is empty",
        );
        check_path("--auth-keys", &self.auth_keys, problems);
        check_path("--service-key", &self.service_key, problems);
        check_path("--service-keys", &self.service_keys, problems);
        if let Err(error) = PageTokens::new(self) {
            problems.add(format!("--page-token-key {error}"));
        }
    }
}
