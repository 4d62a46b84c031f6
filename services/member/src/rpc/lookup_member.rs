//! `LookupMember`.

use common::{auth::Caller, parse::parse, refusal::Violations};
use proto::member::{self as pb, lookup_member_request::Identifier as Written};
use tonic::{Request, Response};

use super::{Reply, found, own_reason::own_reason};
use crate::{
    context::Context,
    domain::{CardNumber, Email, Identifier, Phone, ProfileMistake},
    error::Error,
    store::{Place, find_member, find_owner},
};

struct Asked(Result<Identifier, Error>);

pub async fn lookup_member(cx: &Context, request: Request<pb::LookupMemberRequest>) -> Reply<pb::LookupMemberResponse> {
    let (caller, Asked(identifier)): (Caller, _) = parse(request)?;
    let (scope, identifier) = (caller.program(), identifier?);
    let index = cx.vault.index(scope.id(), &identifier);
    let nobody = || Error::MemberNotFound { member_id: None };
    let owner = found(find_owner(&cx.db, scope, identifier.kind(), index).await)?.ok_or_else(nobody)?;
    let member = found(find_member(&cx.db, Place::of(scope.id(), owner)).await)?.ok_or_else(nobody)?;
    Ok(Response::new(pb::LookupMemberResponse {
        member: Some((&member).into()),
    }))
}

impl TryFrom<pb::LookupMemberRequest> for Asked {
    type Error = Violations;

    fn try_from(wire: pb::LookupMemberRequest) -> Result<Self, Violations> {
        let read = match &wire.identifier {
            Some(Written::Phone(text)) => Phone::read(text).map(Identifier::Phone),
            Some(Written::Email(text)) => Email::read(text).map(Identifier::Email),
            Some(Written::CardNumber(text)) => CardNumber::read(text).map(Identifier::CardNumber),
            None => {
                let mut violations = Violations::default();
                violations.add("identifier", "is missing");
                return Err(violations);
            }
        };
        match read {
            Ok(identifier) => Ok(Asked(Ok(identifier))),
            Err(mistake) => Ok(Asked(Err(own_reason(&wire, Violations::default(), invalid(mistake))?))),
        }
    }
}

fn invalid(mistake: ProfileMistake) -> Error {
    Error::InvalidProfile {
        within: "",
        mistakes: vec![mistake],
    }
}
