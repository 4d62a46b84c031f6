//! The claims of a token, ours and an issuer's alike.

use serde::{Deserialize, Serialize};

use super::{Actor, Identity, ProgramScope, caller::Scopes};

/// What a token claims. The audience is checked where the signature is; its value is of no further use.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub exp: u64,
    pub sub: String,
    #[serde(default)]
    pub scope: String,
    pub program: Option<String>,
    pub act: Option<Act>,
    pub svc: Option<String>,
    /// The members that the person is.
    #[serde(default)]
    pub members: Vec<String>,
}

/// What a service claims when it makes a token.
#[derive(Debug, Serialize)]
pub(super) struct Minted<'a> {
    pub iss: &'a str,
    pub aud: &'a str,
    pub iat: u64,
    pub exp: u64,
    pub sub: &'a str,
    pub scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Act>,
    pub svc: &'a str,
}

/// The chain of those who act on another's behalf, the latest outermost (RFC 8693).
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Act {
    pub sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Act>>,
}

impl Claims {
    /// Returns who the token speaks of, or nothing when it does not make sense.
    pub(super) fn into_identity(self) -> Option<Identity> {
        let program = match self.program {
            Some(program) => Some(ProgramScope::new(program.parse().ok()?)),
            None => None,
        };
        let chain: Vec<_> = std::iter::successors(self.act.as_ref(), |act| act.act.as_deref())
            .map(|act| act.sub.clone())
            .collect();
        let members: Option<_> = self.members.iter().map(|member| member.parse().ok()).collect();
        Some(Identity {
            program,
            members: members?,
            actor: Actor::new(&self.sub, &chain)?,
            scopes: Scopes::Listed(self.scope.split_ascii_whitespace().map(str::to_owned).collect()),
            service: self.svc,
        })
    }
}

impl Act {
    /// Returns the chain with one more in front.
    pub(super) fn chain(first: String, rest: &[String]) -> Self {
        let link = |act: Option<Box<Act>>, sub: &String| Some(Box::new(Act { sub: sub.clone(), act }));
        Self {
            sub: first,
            act: rest.iter().rev().fold(None, link),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_say_which_members_a_person_is() {
        let identity = |members: &str| {
            let claims = format!(r#"{{"exp": 1, "sub": "ann", "members": {members}}}"#);
            serde_json::from_str::<Claims>(&claims).unwrap().into_identity()
        };
        let member = "0190b5a6-7c2e-7d3a-8f10-0c0d0e0f1997";
        let known = identity(&format!(r#"["{member}"]"#)).unwrap();
        assert_eq!(known.members, [member.parse().unwrap()]);
        assert!(identity(r#"["somebody"]"#).is_none(), "half a claim is none");
    }
}
