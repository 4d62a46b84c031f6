//! `RegisterMember`, `ActivateMember`, `FreezeMember`, `UnfreezeMember` and `CloseMember`, as they are read.

use common::{parse, refusal::Violations};
use proto::member as pb;

use super::{Awaited, Change, optional_time};
use crate::ops::{ActivateMember, CloseMember, Command, FreezeMember, RegisterMember, UnfreezeMember};

/// Reads what the requests have in common.
fn change<W>(
    wire: W,
    method: i16,
    command: Command,
    common: impl Fn(&W) -> (&String, &String, bool),
) -> Result<Change<W>, Violations> {
    let mut violations = Violations::default();
    let (request_id, member_id, await_effects) = common(&wire);
    let member_id = parse::id(&mut violations, "member_id", member_id);
    let (request_id, awaited) = (request_id.clone(), await_effects.then_some(Awaited::Change));
    violations.finish(member_id.map(|member_id| Change {
        member_id,
        method,
        request_id,
        awaited,
        wire,
        command: Ok(command),
    }))
}

impl TryFrom<pb::RegisterMemberRequest> for Change<pb::RegisterMemberRequest> {
    type Error = Violations;

    fn try_from(wire: pb::RegisterMemberRequest) -> Result<Self, Violations> {
        let mut violations = Violations::default();
        let occurred_at = optional_time(&mut violations, "occurred_at", wire.occurred_at.as_ref());
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        violations.finish(member_id.zip(occurred_at).map(|(member_id, occurred_at)| Change {
            member_id,
            method: RegisterMember::METHOD,
            request_id: wire.request_id.clone(),
            awaited: wire.await_effects.then_some(Awaited::Change),
            command: Ok(Command::RegisterMember(RegisterMember {
                channel: (!wire.channel.is_empty()).then(|| wire.channel.clone()),
                occurred_at,
            })),
            wire,
        }))
    }
}

impl TryFrom<pb::ActivateMemberRequest> for Change<pb::ActivateMemberRequest> {
    type Error = Violations;

    fn try_from(wire: pb::ActivateMemberRequest) -> Result<Self, Violations> {
        let command = Command::ActivateMember(ActivateMember);
        change(wire, ActivateMember::METHOD, command, |wire| {
            (&wire.request_id, &wire.member_id, wire.await_effects)
        })
    }
}

impl TryFrom<pb::FreezeMemberRequest> for Change<pb::FreezeMemberRequest> {
    type Error = Violations;

    fn try_from(wire: pb::FreezeMemberRequest) -> Result<Self, Violations> {
        let command = Command::FreezeMember(FreezeMember {
            reason_code: wire.reason_code.clone(),
        });
        change(wire, FreezeMember::METHOD, command, |wire| {
            (&wire.request_id, &wire.member_id, wire.await_effects)
        })
    }
}

impl TryFrom<pb::UnfreezeMemberRequest> for Change<pb::UnfreezeMemberRequest> {
    type Error = Violations;

    fn try_from(wire: pb::UnfreezeMemberRequest) -> Result<Self, Violations> {
        let command = Command::UnfreezeMember(UnfreezeMember);
        change(wire, UnfreezeMember::METHOD, command, |wire| {
            (&wire.request_id, &wire.member_id, wire.await_effects)
        })
    }
}

impl TryFrom<pb::CloseMemberRequest> for Change<pb::CloseMemberRequest> {
    type Error = Violations;

    fn try_from(wire: pb::CloseMemberRequest) -> Result<Self, Violations> {
        let command = Command::CloseMember(CloseMember);
        change(wire, CloseMember::METHOD, command, |wire| {
            (&wire.request_id, &wire.member_id, wire.await_effects)
        })
    }
}
