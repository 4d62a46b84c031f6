//! `TierService`.

use common::{auth::Caller, parse::parse, refusal::Fault};
use proto::tier::{self as pb, tier_service_server::TierService};
use tonic::{Request, Response, Status};

use super::{
    Reply,
    evaluate_tier::evaluate_tier,
    find_ladders,
    member_tier::MemberOnLadder,
    requests::{CountMembers, EvaluateTier, GetMemberTier, ListTierChanges},
};
use crate::{context::Context, domain::Level, error::Error, store};

/// The RPCs on where members stand.
pub struct Tiers {
    cx: Context,
}

impl Tiers {
    /// Prepares to serve.
    pub fn new(cx: &Context) -> Tiers {
        Tiers { cx: cx.clone() }
    }
}

#[tonic::async_trait]
impl TierService for Tiers {
    async fn get_member_tier(&self, request: Request<pb::GetMemberTierRequest>) -> Reply<pb::GetMemberTierResponse> {
        let (caller, asked): (_, GetMemberTier) = parse(request)?;
        let found = MemberOnLadder::find(&self.cx, &caller, asked.member_id, asked.ladder).await?;
        let member_tier = Some(found.write(&found.member, found.now));
        Ok(Response::new(pb::GetMemberTierResponse { member_tier }))
    }

    async fn list_tier_changes(
        &self,
        request: Request<pb::ListTierChangesRequest>,
    ) -> Reply<pb::ListTierChangesResponse> {
        let (caller, asked) = parse(request)?;
        Ok(Response::new(list_tier_changes(&self.cx, &caller, asked).await?))
    }

    async fn evaluate_tier(&self, request: Request<pb::EvaluateTierRequest>) -> Reply<pb::EvaluateTierResponse> {
        let (caller, asked): (_, EvaluateTier) = parse(request)?;
        let found = MemberOnLadder::find(&self.cx, &caller, asked.member_id, asked.ladder.clone()).await?;
        Ok(Response::new(evaluate_tier(&found, &asked)?))
    }

    async fn count_members(&self, request: Request<pb::CountMembersRequest>) -> Reply<pb::CountMembersResponse> {
        let (caller, asked) = parse(request)?;
        let level_counts = count_members(&self.cx, &caller, asked).await?;
        Ok(Response::new(pb::CountMembersResponse { level_counts }))
    }
}

async fn list_tier_changes(
    cx: &Context,
    caller: &Caller,
    asked: ListTierChanges,
) -> Result<pb::ListTierChangesResponse, Status> {
    let scope = caller.program();
    let before = cx.page_tokens.open(scope, asked.filter, &asked.page_token)?;
    let member_id = asked.member_id;
    let listed = store::list_tier_changes(&cx.db, scope, member_id, asked.ladder, before, asked.page_size).await;
    let (tier_changes, next) = listed
        .map_err(Fault::from)?
        .ok_or(Error::MemberNotFound { member_id })?;
    let next_page_token = next
        .map(|before| cx.page_tokens.seal(scope, asked.filter, &before))
        .unwrap_or_default();
    Ok(pb::ListTierChangesResponse {
        tier_changes,
        next_page_token,
    })
}

async fn count_members(cx: &Context, caller: &Caller, asked: CountMembers) -> Result<Vec<pb::LevelCount>, Status> {
    let found = find_ladders(cx, caller).await?;
    let in_force = found.and_then(|(program, versions)| {
        let ladders = store::ladders_of(&versions);
        Some(
            ladders
                .get(&asked.ladder)?
                .in_force(program.now_for_reading())
                .ladder
                .clone(),
        )
    });
    let ladder = in_force.ok_or_else(|| Error::LadderNotFound {
        ladder: asked.ladder.clone(),
    })?;
    let counts = store::count_members(&cx.db, caller.program(), &asked.ladder)
        .await
        .map_err(Fault::from)?;
    let count = |level: &Level| {
        let members = counts.get(&level.code).copied().unwrap_or(0);
        pb::LevelCount {
            level: level.code.clone(),
            members,
        }
    };
    Ok(ladder.levels().iter().map(count).collect())
}
