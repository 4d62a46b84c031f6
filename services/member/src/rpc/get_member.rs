//! `GetMember`.

use common::{
    auth::Caller,
    ids::MemberId,
    parse::{self, parse},
    refusal::Violations,
};
use proto::member as pb;
use tonic::{Request, Response};

use super::{Reply, found, person};
use crate::{
    context::Context,
    domain::Profile,
    error::Error,
    store::{Place, find_member, find_profile},
};

/// What a caller must be allowed to see the person behind a member.
const SEE_PERSONS: &str = "members.pii.read";

struct Asked {
    member_id: MemberId,
    with_profile: bool,
}

pub async fn get_member(cx: &Context, request: Request<pb::GetMemberRequest>) -> Reply<pb::GetMemberResponse> {
    let (
        caller,
        Asked {
            member_id,
            with_profile,
        },
    ): (Caller, _) = parse(request)?;
    if with_profile {
        caller.check_scope(SEE_PERSONS)?;
    }
    let place = Place::of(caller.program().id(), member_id);
    let member = found(find_member(&cx.db, place).await)?.ok_or(Error::no_member(member_id))?;
    let mut told = pb::Member::from(&member);
    if with_profile {
        let profile = match found(find_profile(&cx.db, place).await)? {
            Some((key, sealed)) => cx
                .vault
                .open(place.program_id(), member_id, &key, &sealed)
                .map_err(Error::from)?,
            None => Profile::default(),
        };
        told.profile = Some(person::tell(profile));
    }
    Ok(Response::new(pb::GetMemberResponse { member: Some(told) }))
}

impl TryFrom<pb::GetMemberRequest> for Asked {
    type Error = Violations;

    fn try_from(wire: pb::GetMemberRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        violations.finish(member_id.map(|member_id| Asked {
            member_id,
            with_profile: wire.with_profile,
        }))
    }
}
