//! `UpdateMember`.

use std::collections::BTreeSet;

use common::{
    auth::Caller,
    ids::MemberId,
    parse::{self, parse},
    refusal::Violations,
    writer::Key,
};
use proto::member as pb;
use tonic::Request;

use super::{Reply, own_reason::own_reason, person, reply};
use crate::{
    context::Context,
    domain::{MEMBER_FIELDS, MemberField, Profile, read_mask},
    error::Error,
    ops::{Command, UpdateMember},
};

/// A request to change a member, as it was read.
struct Update {
    wire: pb::UpdateMemberRequest,
    member_id: MemberId,
    changes: Result<Changes, Error>,
}

struct Changes {
    fields: BTreeSet<MemberField>,
    profile: Profile,
}

pub async fn update_member(cx: &Context, request: Request<pb::UpdateMemberRequest>) -> Reply<pb::UpdateMemberResponse> {
    let (
        caller,
        Update {
            mut wire,
            member_id,
            changes,
        },
    ): (Caller, _) = parse(request)?;
    let (scope, Changes { fields, profile }) = (caller.program(), changes?);
    person::blind(&cx.vault, scope, &mut wire.profile);
    let key = Key::of_member(scope, member_id, UpdateMember::METHOD, &wire.request_id, &wire);
    let command = UpdateMember::prepare(&cx.vault, scope, wire.etag, fields, wire.channel, profile);
    let answer = cx.writer.call(key, Command::UpdateMember(command)).await?;
    if wire.await_effects {
        cx.consequences.of_change(&answer).await;
    }
    reply(&answer)
}

impl TryFrom<pb::UpdateMemberRequest> for Update {
    type Error = Violations;

    fn try_from(wire: pb::UpdateMemberRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        let changes = read_changes(&wire, &mut violations);
        let changes = match changes {
            Ok(changes) => Ok(changes),
            Err(error) => Err(own_reason(&wire, violations.clone(), error)?),
        };
        violations.finish(member_id.map(|member_id| Update {
            wire,
            member_id,
            changes,
        }))
    }
}

fn read_changes(wire: &pb::UpdateMemberRequest, violations: &mut Violations) -> Result<Changes, Error> {
    let paths = wire
        .update_mask
        .as_ref()
        .map(|mask| mask.paths.as_slice())
        .unwrap_or_default();
    let fields = read_mask(paths, MEMBER_FIELDS)?;
    let without_channel = fields.contains(&MemberField::Channel) && wire.channel.is_empty();
    violations.check(!without_channel, "channel", "cannot be removed");
    let profile = person::written(&wire.profile).only(&fields).read();
    let profile = profile.map_err(|mistakes| Error::InvalidProfile {
        within: "profile.",
        mistakes,
    })?;
    Ok(Changes { fields, profile })
}
