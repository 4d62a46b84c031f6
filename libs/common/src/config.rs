//! The settings that services share, as groups of flags. Every flag has an environment variable of the same name with
//! `LOYALTY_` in front, and `--help` explains each. Settings are checked together at start, and every problem is told at
//! once, in plain words.

mod auth;
mod problems;
mod server;
mod storage;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub use auth::AuthSettings;
pub use problems::Problems;
pub use secrecy::{ExposeSecret, SecretString};
pub use server::ServerSettings;
pub use storage::{DatabaseSettings, RedisSettings};

/// What operators see.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Telemetry")]
pub struct TelemetrySettings {
    /// What to log, as a filter such as `info,points=debug`.
    #[arg(long, env = "LOYALTY_LOG", default_value = "info,opentelemetry=warn")]
    pub log: String,
    /// How to write logs.
    #[arg(long, env = "LOYALTY_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Where to serve /metrics and /healthz. Not served when absent.
    #[arg(long, env = "LOYALTY_METRICS_LISTEN")]
    pub metrics_listen: Option<std::net::SocketAddr>,
    /// Where to send traces and metrics (OTLP over gRPC), such as http://localhost:4317. Not sent when absent.
    #[arg(long, env = "LOYALTY_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
    /// How many of a thousand traces begun here to keep. A trace begun by a caller is kept if the caller keeps it.
    #[arg(long, env = "LOYALTY_TRACE_PER_MILLE", default_value_t = 100)]
    pub trace_per_mille: u16,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs, one object a line.
    Json,
}

impl TelemetrySettings {
    /// Checks what the types cannot.
    pub fn check(&self, problems: &mut Problems) {
        problems.check(self.trace_per_mille <= 1000, "--trace-per-mille is more than 1000");
        if let Some(endpoint) = &self.otlp_endpoint {
            problems.check_url("--otlp-endpoint", endpoint, &["http", "https"]);
        }
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.log) {
            problems.add(format!("--log is not a filter: {error}"));
        }
    }
}

/// Where the other services are. A service needs only those that it calls; in one process, none.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Other services")]
pub struct PeerSettings {
    /// The member service.
    #[arg(long, env = "LOYALTY_MEMBER_URL")]
    pub member_url: Option<String>,
    /// The points service.
    #[arg(long, env = "LOYALTY_POINTS_URL")]
    pub points_url: Option<String>,
    /// The tier service.
    #[arg(long, env = "LOYALTY_TIER_URL")]
    pub tier_url: Option<String>,
    /// The rewards catalog.
    #[arg(long, env = "LOYALTY_REWARDS_CATALOG_URL")]
    pub rewards_catalog_url: Option<String>,
    /// The campaign service.
    #[arg(long, env = "LOYALTY_CAMPAIGN_URL")]
    pub campaign_url: Option<String>,
}

impl PeerSettings {
    /// Returns where a service is, by its name.
    pub fn url(&self, service: &str) -> Option<&str> {
        self.all()
            .into_iter()
            .find(|(name, _)| *name == service)
            .and_then(|(_, url)| url.as_deref())
    }

    /// Checks what the types cannot, and that the services that are needed are there.
    pub fn check(&self, needed: &[&str], problems: &mut Problems) {
        for (name, url) in self.all() {
            match url {
                Some(url) => problems.check_url(&format!("--{name}-url"), url, &["http", "https"]),
                None => problems.check(!needed.contains(&name), format!("--{name}-url is missing")),
            }
        }
    }

    fn all(&self) -> [(&'static str, &Option<String>); 5] {
        [
            ("member", &self.member_url),
            ("points", &self.points_url),
            ("tier", &self.tier_url),
            ("rewards-catalog", &self.rewards_catalog_url),
            ("campaign", &self.campaign_url),
        ]
    }
}

/// Reads a secret from the command line or the environment; it never shows in help, logs or `Debug`.
fn secret(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(SecretString::from(text))
}

/// Notes when a file that a flag names is not there.
fn check_path(flag: &str, path: &Option<PathBuf>, problems: &mut Problems) {
    if let Some(path) = path {
        problems.check(path.exists(), format!("{flag}: there is no {}", path.display()));
    }
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches as _;

    use super::*;

    #[derive(Args, Debug)]
    struct Settings {
        #[command(flatten)]
        server: ServerSettings,
        #[command(flatten)]
        database: DatabaseSettings,
        #[command(flatten)]
        redis: RedisSettings,
        #[command(flatten)]
        auth: AuthSettings,
        #[command(flatten)]
        telemetry: TelemetrySettings,
        #[command(flatten)]
        peers: PeerSettings,
    }

    impl Settings {
        fn of(arguments: &[&str]) -> Self {
            let command = Self::augment_args(clap::Command::new("test")).no_binary_name(true);
            Self::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
        }

        fn problems(&self) -> String {
            let mut problems = Problems::default();
            self.server.check(&mut problems);
            self.database.check(&mut problems);
            self.redis.check(&mut problems);
            self.auth.check(&mut problems);
            self.telemetry.check(&mut problems);
            self.peers.check(&["points"], &mut problems);
            problems
                .finish()
                .map_or_else(|problems| problems.to_string(), |()| String::new())
        }
    }

    const ENOUGH: [&str; 3] = [
        "--database-url=postgres://ann:hunter2@localhost/x",
        "--insecure-development-mode",
        "--points-url=http://localhost:1",
    ];

    #[test]
    fn the_defaults_can_be_used() {
        assert_eq!(Settings::of(&ENOUGH).problems(), "");
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let problems = Settings::of(&[
            "--database-url=mysql://localhost/x",
            "--writers=0",
            "--batch-size=0",
            "--redis-url=redis://localhost,http://localhost",
            "--max-calls=0",
            "--default-deadline-ms=60000",
            "--service-keys=/nowhere",
            "--page-token-key=secret",
            "--otlp-endpoint=localhost",
            "--trace-per-mille=1001",
            "--tier-url=tier:1",
        ])
        .problems();
        for flag in [
            "database-url",
            "writers",
            "batch-size",
            "redis-url",
            "max-calls",
            "default-deadline-ms",
            "auth-issuer",
            "auth-keys",
            "service-keys",
            "page-token-key",
            "otlp-endpoint",
            "trace-per-mille",
            "tier-url",
            "points-url",
        ] {
            assert!(
                problems.contains(&format!("\n  --{flag}")),
                "{flag} is not in {problems}"
            );
        }
    }

    #[test]
    fn no_secret_shows() {
        let key = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3I=";
        let settings = Settings::of(&[&ENOUGH[..], &["--page-token-key", key]].concat());
        let shown = format!("{settings:?} {}", settings.problems());
        assert!(!shown.contains("hunter2") && !shown.contains(key), "{shown}");
    }

    #[test]
    fn every_flag_has_an_environment_variable_of_its_name_and_a_word_of_help() {
        let command = Settings::augment_args(clap::Command::new("test"));
        for argument in command.get_arguments() {
            let flag = argument.get_long().unwrap();
            let name = format!("LOYALTY_{}", flag.replace('-', "_").to_uppercase());
            assert_eq!(argument.get_env().and_then(|env| env.to_str()), Some(name.as_str()));
            assert!(argument.get_help().is_some(), "--{flag}");
        }
    }
}
