//! Where a member stands, for reading: as it is recorded, brought up to this instant.

use common::{auth::Caller, ids::MemberId, refusal::Fault, time};
use jiff::Timestamp;
use proto::tier as pb;
use tonic::Status;

use crate::{
    context::Context,
    domain::{Ladders, Member, next_level},
    error::Error,
    store::{self, wire},
};

/// A member and one ladder of the program.
pub struct MemberOnLadder {
    /// Who.
    pub member_id: MemberId,
    /// The member as of now.
    pub member: Member,
    /// The ladder, by its code.
    pub ladders: Ladders,
    /// Now.
    pub now: Timestamp,
    ladder: String,
}

impl MemberOnLadder {
    /// Finds them.
    pub async fn find(cx: &Context, caller: &Caller, member_id: MemberId, ladder: String) -> Result<Self, Status> {
        let program = cx.programs.find(caller.program()).await.map_err(Fault::from)?;
        let program = program.ok_or(Error::MemberNotFound { member_id })?;
        let found = store::find_member(&cx.db, &cx.ladders, &program, member_id)
            .await
            .map_err(Fault::from)?;
        let (mut member, mut ladders) = found.ok_or(Error::MemberNotFound { member_id })?;
        ladders.retain(|code, _| *code == ladder);
        if ladders.is_empty() {
            return Err(Error::LadderNotFound { ladder }.into());
        }
        let now = program.now_for_reading();
        member.bring_up_to(&ladders, now);
        member.take_in_grants(&ladders, now);
        Ok(MemberOnLadder {
            member_id,
            member,
            ladders,
            now,
            ladder,
        })
    }

    /// Writes where this member, or one who did more, stands at an instant.
    pub fn write(&self, member: &Member, at: Timestamp) -> pb::MemberTier {
        let versions = &self.ladders[&self.ladder];
        let ladder = &versions.in_force(at).ladder;
        let standing = member.standing_on(&self.ladder, versions);
        let rank = ladder.rank_of(standing.stands_on()).unwrap_or(0);
        pb::MemberTier {
            member_id: self.member_id.to_string(),
            ladder: self.ladder.clone(),
            rank: wire::rank(rank),
            since: Some(time::to_wire(standing.stands_since())),
            valid_until: standing.stands_until().map(time::to_wire),
            benefits: Some(wire::benefits(&ladder.levels()[rank].benefits)),
            next: next_level(versions, &member.metrics, &standing, at).map(wire::next_level),
            level: standing.stands_on().to_owned(),
            granted: standing
                .grants
                .top()
                .map(|granted| wire::granted_level(granted, &standing.level)),
        }
    }
}
