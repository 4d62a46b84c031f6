//! The server that a command calls, and who calls.

use anyhow::Context as _;
use clap::Args;
use common::auth::DEVELOPMENT_PROGRAM;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataKey, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, ClientTlsConfig, Endpoint},
};

/// The server, and the token of the caller.
#[derive(Args, Clone, Debug)]
pub struct ServerArgs {
    /// Where the services are.
    #[arg(long, env = "LOYALTY_URL", default_value = "http://127.0.0.1:50051")]
    pub url: String,
    /// The token of a caller who may do that. Without it the calls are those of development mode.
    #[arg(long, env = "LOYALTY_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

/// Says with every call who is calling.
#[derive(Clone)]
pub struct Identity {
    key: MetadataKey<Ascii>,
    value: MetadataValue<Ascii>,
}

impl Interceptor for Identity {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert(self.key.clone(), self.value.clone());
        Ok(request)
    }
}

impl ServerArgs {
    /// Prepares to call. The program is named in development mode; otherwise the token names it.
    pub fn connect(&self, program_id: &str) -> anyhow::Result<InterceptedService<Channel, Identity>> {
        let identity = match &self.token {
            Some(token) => {
                let mut value: MetadataValue<Ascii> =
                    format!("Bearer {token}").parse().context("the token is not one")?;
                value.set_sensitive(true);
                Identity {
                    key: MetadataKey::from_static("authorization"),
                    value,
                }
            }
            None => Identity {
                key: DEVELOPMENT_PROGRAM.as_str().parse()?,
                value: program_id.parse().context("the program is not an id")?,
            },
        };
        let endpoint = Endpoint::from_shared(self.url.clone());
        let mut endpoint = endpoint.with_context(|| format!("{} is not a URL", self.url))?;
        if self.url.starts_with("https:") {
            endpoint = endpoint.tls_config(ClientTlsConfig::new().with_enabled_roots())?;
        }
        Ok(InterceptedService::new(endpoint.connect_lazy(), identity))
    }
}
