//! `EnrollMember`.

use common::{auth::Caller, parse::parse, refusal::Violations, writer::Key};
use jiff::Timestamp;
use proto::member as pb;
use tonic::Request;

use super::{Reply, contacts::read_consents, optional_time, own_reason::own_reason, person, reply};
use crate::{
    context::Context,
    domain::{Consent, Profile},
    error::Error,
    ops::{Command, EnrollMember, Joining},
};

/// A request to enrol someone, as it was read.
struct Enrolment {
    wire: pb::EnrollMemberRequest,
    occurred_at: Option<Timestamp>,
    profile: Result<Profile, Error>,
    consents: Vec<Consent>,
}

pub async fn enroll_member(cx: &Context, request: Request<pb::EnrollMemberRequest>) -> Reply<pb::EnrollMemberResponse> {
    let (
        caller,
        Enrolment {
            mut wire,
            occurred_at,
            profile,
            consents,
        },
    ): (Caller, _) = parse(request)?;
    let (scope, profile) = (caller.program(), profile?);
    person::blind(&cx.vault, scope, &mut wire.profile);
    let key = Key::of_new_member(scope, EnrollMember::METHOD, &wire.request_id, &wire);
    let joining = Joining {
        channel: wire.channel,
        occurred_at,
        is_prospect: wire.prospect,
    };
    let command = EnrollMember::prepare(&cx.vault, scope, key.shard(), joining, &profile, consents);
    let answer = cx.writer.call(key, Command::EnrollMember(command)).await?;
    if wire.await_effects {
        cx.consequences.of_change(&answer).await;
    }
    reply(&answer)
}

impl TryFrom<pb::EnrollMemberRequest> for Enrolment {
    type Error = Violations;

    fn try_from(wire: pb::EnrollMemberRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let occurred_at = optional_time(&mut violations, "occurred_at", wire.occurred_at.as_ref());
        let consents = read_consents(&mut violations, &wire.consents);
        let profile = match person::written(&wire.profile).read() {
            Ok(profile) => Ok(profile),
            Err(mistakes) => {
                let error = Error::InvalidProfile {
                    within: "profile.",
                    mistakes,
                };
                Err(own_reason(&wire, violations.clone(), error)?)
            }
        };
        violations.finish(occurred_at.map(|occurred_at| Enrolment {
            wire,
            occurred_at,
            profile,
            consents,
        }))
    }
}
