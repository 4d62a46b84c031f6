//! What is known of a caller, and what that lets them do.

use std::{fmt, sync::Arc};

use tonic::{Code, Status};

use super::{Rule, Subject};
use crate::{
    ids::{MemberId, ProgramId},
    refusal::Refusal,
    server::Deadline,
    telemetry::TraceContext,
};

const SUBJECT_CHARS: usize = 256;
const CHAIN_LENGTH: usize = 8;

/// The program whose records may be touched. Only this crate can make one: from a caller's token, or for an event that a
/// feed delivered. Every store call takes it, so that no request can reach another program by naming it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProgramScope(ProgramId);

impl ProgramScope {
    pub(crate) const fn new(program: ProgramId) -> Self {
        Self(program)
    }

    /// Returns the program.
    pub const fn id(self) -> ProgramId {
        self.0
    }
}

impl fmt::Display for ProgramScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who acts, and through which services.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Actor {
    subject: Arc<str>,
    via: Arc<[String]>,
}

impl Actor {
    /// Returns an actor, or nothing when a name or the chain is longer than any honest one, or could forge a line of a log.
    pub(super) fn new(subject: &str, via: &[String]) -> Option<Self> {
        let honest = |name: &str| {
            !name.is_empty() && name.chars().count() <= SUBJECT_CHARS && !name.chars().any(char::is_control)
        };
        let known = via.len() <= CHAIN_LENGTH && honest(subject) && via.iter().all(|name| honest(name));
        known.then(|| Self {
            subject: subject.into(),
            via: via.into(),
        })
    }

    /// Returns the actor that a service is when it acts by itself.
    pub(crate) fn service(service: &str) -> Self {
        Self {
            subject: format!("service:{service}").into(),
            via: Arc::new([]),
        }
    }

    /// Returns who acts: the subject of the token at the head of the chain.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the services that acted on the subject's behalf, the latest first.
    pub fn via(&self) -> &[String] {
        &self.via
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.subject)
    }
}

/// What a token says.
#[derive(Debug)]
pub struct Identity {
    pub(super) program: Option<ProgramScope>,
    pub(super) actor: Actor,
    pub(super) scopes: Scopes,
    pub(super) service: Option<String>,
    pub(super) members: Vec<MemberId>,
}

/// What a caller was allowed.
#[derive(Debug)]
pub(super) enum Scopes {
    All,
    Listed(Box<[String]>),
}

impl Identity {
    /// Checks that the caller may make a call with this rule, before anything else of the request is looked at.
    pub(crate) fn meets(&self, rule: &Rule) -> Result<(), Status> {
        let allowed = match &self.scopes {
            Scopes::All => true,
            Scopes::Listed(scopes) => scopes.contains(&rule.scope),
        };
        let missing = match rule.subject {
            _ if !allowed => Some("scope"),
            Subject::Program if self.program.is_none() => Some("program"),
            Subject::Service if self.service.is_none() => Some("service"),
            _ => None,
        };
        match missing {
            None => Ok(()),
            Some(missing) => {
                let message = format!("the caller's token lacks the {missing} that this RPC asks for");
                Err(Refusal::new(Code::PermissionDenied, "SCOPE_MISSING", message)
                    .with("scope", &rule.scope)
                    .into())
            }
        }
    }
}

/// The caller of an RPC: who they are, how long they will wait, and the trace they belong to.
#[derive(Clone, Debug)]
pub struct Caller {
    identity: Arc<Identity>,
    deadline: Deadline,
    trace: TraceContext,
}

impl Caller {
    pub(crate) fn new(identity: Arc<Identity>, deadline: Deadline, trace: TraceContext) -> Self {
        Self {
            identity,
            deadline,
            trace,
        }
    }

    /// Returns the caller of a request. The gate puts one on every request whose RPC has a rule; without one the RPC was
    /// not reached through the gate, and nobody is let in.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        request.extensions().get().cloned().ok_or_else(super::unauthenticated)
    }

    /// Returns a service itself, at work in a program without anyone waiting.
    pub fn worker(service: &str, program: ProgramScope) -> Self {
        let identity = Identity {
            program: Some(program),
            actor: Actor::service(service),
            scopes: Scopes::Listed(Box::new([])),
            service: Some(service.to_owned()),
            members: Vec::new(),
        };
        Self::new(Arc::new(identity), Deadline::NONE, TraceContext::default())
    }

    /// Returns the program whose records the call may touch.
    ///
    /// # Panics
    /// In an RPC whose rule does not ask for a program, when the caller has none. Such an RPC asks
    /// [`Caller::program_if_any`].
    pub fn program(&self) -> ProgramScope {
        self.identity.program.expect("the rule of this RPC asks for a program")
    }

    /// Returns the program, which a service that reads a whole feed does not have.
    pub fn program_if_any(&self) -> Option<ProgramScope> {
        self.identity.program
    }

    /// Returns who acts.
    pub fn actor(&self) -> &Actor {
        &self.identity.actor
    }

    /// Tells whether the one who acts is a certain member, by what their token says.
    pub fn is_member(&self, member_id: MemberId) -> bool {
        self.identity.members.contains(&member_id)
    }

    /// Returns the service of the suite that calls, if one does.
    pub fn service(&self) -> Option<&str> {
        self.identity.service.as_deref()
    }

    /// Returns how long the caller will wait.
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// Returns the trace that the call belongs to.
    pub fn trace(&self) -> &TraceContext {
        &self.trace
    }

    /// Checks that the caller holds a scope that a part of the answer needs, besides the one of the RPC's rule.
    pub fn check_scope(&self, scope: &str) -> Result<(), Status> {
        self.identity.meets(&Rule {
            scope: scope.to_owned(),
            subject: Subject::Program,
        })
    }

    /// Returns the same caller, waiting no longer than this.
    pub fn within(&self, deadline: Deadline) -> Self {
        Self {
            deadline: self.deadline.min(deadline),
            ..self.clone()
        }
    }
}
