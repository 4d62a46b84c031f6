//! Gives members the codes by which they invite friends.

use common::{auth::Caller, ids::MemberId};
use proto::campaign as pb;

use super::Failure;
use crate::{
    context::Context,
    domain::NotReferred,
    error::Error,
    store::{MemberKey, load_members, take_invite_code},
};

/// Returns a member's code, which is made when it is first asked for. No head of a shard is written for it: a code is of nobody's history.
pub async fn invite_code(
    cx: &Context,
    caller: &Caller,
    member_id: MemberId,
) -> Result<pb::GetInviteCodeResponse, Failure> {
    let program = caller.program();
    let key = MemberKey {
        program_id: program.id(),
        member_id,
    };
    let known = cx.db.run(move |pool| async move {
        let mut connection = pool.acquire().await?;
        Ok::<_, sqlx::Error>(load_members(&mut connection, &[key]).await?.remove(&key))
    });
    let member = known.await?.unwrap_or_default();
    let status = member.status.ok_or(Error::MemberNotFound { member_id })?;
    if !status.earns() {
        return Err(Error::MemberNotAllowed { member_id, status }.into());
    }
    if member.enrolled_at.is_none() {
        let why = NotReferred::NotEnrolled;
        return Err(Error::ReferralNotAllowed { member_id, why }.into());
    }
    let take = cx
        .db
        .run(move |pool| async move { take_invite_code(&pool, program, member_id).await });
    Ok(pb::GetInviteCodeResponse {
        invite_code: take.await?,
    })
}
