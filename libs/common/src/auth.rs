//! Who calls, for which program, and whether they may.
//!
//! A caller brings a token (EdDSA or ES256) of the configured issuer, or of a service of the suite, which signs for itself.
//! What a token says becomes an [`Identity`]; the gate compares it with the rule that the contract of the RPC carries and
//! gives the handler a [`Caller`]. Every failure to establish who calls has the same answer, and no token is ever logged.

mod cache;
mod caller;
mod claims;
mod keys;
mod minter;
mod policy;
mod reload;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderName, header::AUTHORIZATION};
use tonic::{Code, Status};

use crate::{config::AuthSettings, ids::ProgramId, refusal::Refusal};

pub use caller::{Actor, Caller, Identity, ProgramScope};
pub use keys::ServiceKey;
pub use minter::Minter;
pub use policy::{Method, MissingRules, Policy, Rule, Subject};

use cache::Cache;
use caller::Scopes;
use keys::KeyRing;

/// Names the program in development mode.
pub const DEVELOPMENT_PROGRAM: HeaderName = HeaderName::from_static("loyalty-program");
/// Names who acts in development mode.
pub const DEVELOPMENT_ACTOR: HeaderName = HeaderName::from_static("loyalty-actor");

/// Names a member who the one who acts is, in development mode.
pub const DEVELOPMENT_MEMBER: HeaderName = HeaderName::from_static("loyalty-member");

const TOKEN_BYTES: usize = 8 * 1024;
const SKEW_SECONDS: u64 = 60;

/// Establishes who calls.
pub struct Authenticator {
    keys: KeyRing,
    audiences: ArcSwap<HashSet<String>>,
    cache: Cache,
    development: bool,
}

impl Authenticator {
    /// Reads the keys it is to trust, and reads them again whenever their files change.
    pub fn start(settings: &AuthSettings) -> anyhow::Result<Arc<Self>> {
        let authenticator = Arc::new(Self {
            keys: KeyRing::load(settings)?,
            audiences: ArcSwap::from_pointee(settings.auth_audience.iter().cloned().collect()),
            cache: Cache::default(),
            development: settings.insecure_development_mode,
        });
        if settings.insecure_development_mode {
            tracing::warn!("INSECURE DEVELOPMENT MODE: anyone who reaches this server may do anything, in any program");
        }
        if settings.auth_keys.is_some() || settings.service_keys.is_some() {
            reload::watch(&authenticator);
        }
        Ok(authenticator)
    }

    /// Trusts a service whose key lives in this process.
    pub fn trust(&self, key: &ServiceKey) {
        self.keys.trust(key);
    }

    /// Accepts tokens that were made for these services, besides those made for the configured audience.
    pub(crate) fn accept_audiences(&self, services: &[String]) {
        self.audiences
            .rcu(|known| known.iter().chain(services).cloned().collect::<HashSet<_>>());
    }

    /// Returns who calls, or the one refusal for every reason not to know.
    pub(crate) fn identify(&self, headers: &HeaderMap) -> Result<Arc<Identity>, Status> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let identity = match (values.next(), values.next()) {
            (Some(value), None) => self.verified(value.as_bytes()),
            (None, _) if self.development => development(headers).map(Arc::new),
            _ => None,
        };
        identity.ok_or_else(unauthenticated)
    }

    fn verified(&self, header: &[u8]) -> Option<Arc<Identity>> {
        let (scheme, token) = header.split_at_checked("Bearer ".len())?;
        if !scheme.eq_ignore_ascii_case(b"bearer ") || token.len() > TOKEN_BYTES {
            return None;
        }
        let digest = *blake3::hash(token).as_bytes();
        let now = unix_seconds();
        if let Some(identity) = self.cache.find(&digest, now) {
            return Some(identity);
        }
        let generation = self.cache.generation();
        let claims = self.keys.verify(token, &self.audiences.load())?;
        let ends = claims.exp.saturating_add(SKEW_SECONDS);
        let identity = Arc::new(claims.into_identity()?);
        self.cache.keep(digest, Arc::clone(&identity), ends, now, generation);
        Some(identity)
    }

    /// Reads the keys again and tells whether they have changed; it happens by itself a few seconds after a file changed.
    /// Tokens verified before are verified anew, so that a key that was taken away ends at once.
    pub fn reload(&self) -> anyhow::Result<bool> {
        let changed = self.keys.reload()?;
        if changed {
            self.cache.clear();
        }
        Ok(changed)
    }
}

/// Takes the caller's word for who they are.
fn development(headers: &HeaderMap) -> Option<Identity> {
    let program: ProgramId = headers.get(DEVELOPMENT_PROGRAM)?.to_str().ok()?.parse().ok()?;
    let actor = match headers.get(DEVELOPMENT_ACTOR) {
        Some(actor) => actor.to_str().ok()?,
        None => "developer",
    };
    let members = headers.get_all(DEVELOPMENT_MEMBER).iter();
    let members: Option<_> = members.map(|member| member.to_str().ok()?.parse().ok()).collect();
    Some(Identity {
        program: Some(ProgramScope::new(program)),
        actor: Actor::new(actor, &[])?,
        scopes: Scopes::All,
        service: None,
        members: members?,
    })
}

fn unauthenticated() -> Status {
    Refusal::new(
        Code::Unauthenticated,
        "UNAUTHENTICATED",
        "the caller could not be identified",
    )
    .into()
}

/// Tokens are dated by the wall clock of whoever made them; nothing else is judged by it.
fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
