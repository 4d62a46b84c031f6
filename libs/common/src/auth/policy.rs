//! The rules of the contracts: who may call which RPC. A server with an RPC that says nothing does not start.

use std::{collections::BTreeMap, fmt};

use prost_reflect::{DescriptorPool, MethodDescriptor, ServiceDescriptor};
use proto::auth as pb;

/// What a caller must bring to call an RPC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    /// The scope that the token must hold.
    pub scope: String,
    /// On whose behalf the call is made.
    pub subject: Subject,
}

/// On whose behalf a call is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    /// A program, which the token names.
    Program,
    /// A service of the suite itself.
    Service,
}

/// What the contract says of an RPC, as far as the server has to know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Method {
    /// Who may call; nothing when anyone may.
    pub rule: Option<Rule>,
    /// Whether the request is a stream.
    pub takes_stream: bool,
    /// Whether the answer is a stream.
    pub answers_stream: bool,
}

/// The rules of the RPCs that a server serves, by path.
#[derive(Clone, Debug, Default)]
pub struct Policy(BTreeMap<String, Method>);

/// The RPCs that say nothing of who may call them.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub struct MissingRules(pub Vec<String>);

impl fmt::Display for MissingRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the contract does not say who may call {}", self.0.join(", "))
    }
}

impl Policy {
    /// Collects the rules of the services with these full names.
    pub fn for_services<S: AsRef<str>>(names: &[S]) -> Result<Self, MissingRules> {
        let mut methods = BTreeMap::new();
        let mut missing = Vec::new();
        for name in names.iter().map(AsRef::as_ref) {
            if let Some(service) = open_to_all(name) {
                methods.extend(service.methods().map(|method| (path(&method), describe(&method, None))));
                continue;
            }
            let Some(service) = proto::descriptors().get_service_by_name(name) else {
                missing.push(name.to_owned());
                continue;
            };
            for method in service.methods() {
                match rule(&method) {
                    Some(rule) => _ = methods.insert(path(&method), describe(&method, Some(rule))),
                    None => missing.push(method.full_name().to_owned()),
                }
            }
        }
        if missing.is_empty() {
            Ok(Self(methods))
        } else {
            Err(MissingRules(missing))
        }
    }

    /// Returns what the contract says of the RPC with this path, such as `/loyalty.points.v1.PointsService/EarnPoints`.
    pub fn find(&self, path: &str) -> Option<&Method> {
        self.0.get(path)
    }

    pub(crate) fn into_methods(self) -> impl Iterator<Item = (String, Method)> {
        self.0.into_iter()
    }
}

/// The services that anyone may call, which tell nobody anything about a program. There are no others.
fn open_to_all(name: &str) -> Option<ServiceDescriptor> {
    let descriptors = match name {
        "grpc.health.v1.Health" => tonic_health::pb::FILE_DESCRIPTOR_SET,
        "grpc.reflection.v1.ServerReflection" => tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        "grpc.reflection.v1alpha.ServerReflection" => tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        _ => return None,
    };
    DescriptorPool::decode(descriptors).ok()?.get_service_by_name(name)
}

fn rule(method: &MethodDescriptor) -> Option<Rule> {
    let rule = proto::auth_rule(method)?;
    let subject = match rule.subject() {
        pb::Subject::Program => Subject::Program,
        pb::Subject::Service => Subject::Service,
        pb::Subject::Unspecified => return None,
    };
    (!rule.scope.is_empty()).then_some(Rule {
        scope: rule.scope,
        subject,
    })
}

fn describe(method: &MethodDescriptor, rule: Option<Rule>) -> Method {
    Method {
        rule,
        takes_stream: method.is_client_streaming(),
        answers_stream: method.is_server_streaming(),
    }
}

fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}
