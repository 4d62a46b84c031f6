//! Makes the tokens with which a service calls another: short-lived, for one audience, naming the program and on whose
//! behalf the service acts. The caller's own token is never passed on.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use http::HeaderValue;
use jsonwebtoken::{Algorithm, Header, encode};

use super::{
    Actor, ProgramScope, ServiceKey,
    claims::{Act, Minted},
    unix_seconds,
};
use crate::refusal::Fault;

const LIFE_SECONDS: u64 = 300;
/// A token is used again while it has at least this long to live, so that none ends under way.
const SPARE_SECONDS: u64 = 120;
const CAPACITY: usize = 4096;

type Behalf = (Option<ProgramScope>, Option<Actor>);

/// Makes one service's tokens for one other service.
pub struct Minter {
    key: Arc<ServiceKey>,
    audience: String,
    scopes: String,
    made: Mutex<HashMap<Behalf, (HeaderValue, u64)>>,
}

impl Minter {
    /// Makes tokens of the key's service for the audience, with the scopes that the service needs there and no others.
    pub fn new(key: Arc<ServiceKey>, audience: &str, scopes: &[&str]) -> Self {
        Self {
            key,
            audience: audience.to_owned(),
            scopes: scopes.join(" "),
            made: Mutex::default(),
        }
    }

    /// Returns the name of the service that is called.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Returns the `authorization` of a call: on behalf of an actor, or of the service itself.
    pub(crate) fn authorization(
        &self,
        program: Option<ProgramScope>,
        actor: Option<&Actor>,
    ) -> Result<HeaderValue, Fault> {
        let now = unix_seconds();
        let behalf = (program, actor.cloned());
        let mut made = self.made.lock().expect("no code panics while it holds the tokens");
        if let Some((value, ends)) = made.get(&behalf)
            && now + SPARE_SECONDS <= *ends
        {
            return Ok(value.clone());
        }
        let value = self.make(program, actor, now)?;
        if made.len() >= CAPACITY {
            made.retain(|_, (_, ends)| now + SPARE_SECONDS <= *ends);
        }
        if made.len() >= CAPACITY {
            made.clear();
        }
        made.insert(behalf, (value.clone(), now + LIFE_SECONDS));
        Ok(value)
    }

    fn make(&self, program: Option<ProgramScope>, actor: Option<&Actor>, now: u64) -> Result<HeaderValue, Fault> {
        let own = Actor::service(self.key.service());
        let claims = Minted {
            iss: &self.key.issuer,
            aud: &self.audience,
            iat: now,
            exp: now + LIFE_SECONDS,
            sub: actor.unwrap_or(&own).subject(),
            scope: &self.scopes,
            program: program.map(|program| program.to_string()),
            act: actor
                .filter(|actor| **actor != own)
                .map(|actor| Act::chain(own.to_string(), actor.via())),
            svc: self.key.service(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key.id.clone());
        let token = encode(&header, &claims, &self.key.signing).map_err(Fault::internal)?;
        let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(Fault::internal)?;
        value.set_sensitive(true);
        Ok(value)
    }
}
