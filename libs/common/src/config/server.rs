//! Settings of the server.

use std::net::SocketAddr;

use clap::{ArgAction, Args};

use super::Problems;

/// Where and how to serve.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Server")]
pub struct ServerSettings {
    /// Where to serve gRPC (HTTP/2 without TLS: the mesh does that).
    #[arg(long, env = "LOYALTY_LISTEN", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,
    /// How many calls may be under way at once in the whole process; more are refused with RESOURCE_EXHAUSTED.
    #[arg(long, env = "LOYALTY_MAX_CALLS", default_value_t = 4096)]
    pub max_calls: usize,
    /// How many streams, such as feeds, may be open at once in the whole process.
    #[arg(long, env = "LOYALTY_MAX_STREAMS", default_value_t = 1024)]
    pub max_streams: usize,
    /// How many calls and streams one connection may have open.
    #[arg(long, env = "LOYALTY_MAX_STREAMS_PER_CONNECTION", default_value_t = 1024)]
    pub max_streams_per_connection: u32,
    /// How long a call may take when its caller does not say.
    #[arg(long, env = "LOYALTY_DEFAULT_DEADLINE_MS", default_value_t = 2_000)]
    pub default_deadline_ms: u64,
    /// How long a call may take at most, whatever its caller says.
    #[arg(long, env = "LOYALTY_MAX_DEADLINE_MS", default_value_t = 30_000)]
    pub max_deadline_ms: u64,
    /// After what age a connection is asked to leave, so that clients spread over new replicas.
    #[arg(long, env = "LOYALTY_MAX_CONNECTION_AGE_SECONDS", default_value_t = 1_800)]
    pub max_connection_age_seconds: u64,
    /// How long to say NOT_SERVING before connections are asked to leave, for proxies to notice.
    #[arg(long, env = "LOYALTY_DRAIN_NOTICE_MS", default_value_t = 1_000)]
    pub drain_notice_ms: u64,
    /// How long calls that are under way may go on after that.
    #[arg(long, env = "LOYALTY_DRAIN_LIMIT_MS", default_value_t = 15_000)]
    pub drain_limit_ms: u64,
    /// Whether to answer gRPC reflection (v1 and v1alpha), which tells anyone the contracts.
    #[arg(long, env = "LOYALTY_REFLECTION", default_value_t = true, action = ArgAction::Set)]
    pub reflection: bool,
}

impl ServerSettings {
    /// Checks what the types cannot.
    pub fn check(&self, problems: &mut Problems) {
        problems.check(self.max_calls > 0, "--max-calls is 0");
        problems.check(self.max_streams > 0, "--max-streams is 0");
        problems.check(self.max_streams_per_connection > 0, "--max-streams-per-connection is 0");
        problems.check(self.default_deadline_ms > 0, "--default-deadline-ms is 0");
        problems.check(
            self.default_deadline_ms <= self.max_deadline_ms,
            "--default-deadline-ms is more than --max-deadline-ms",
        );
        problems.check(
            self.max_connection_age_seconds >= 10,
            "--max-connection-age-seconds is less than 10",
        );
    }
}
