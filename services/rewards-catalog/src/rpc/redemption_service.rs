//! `loyalty.rewards_catalog.v1.RedemptionService`.

use common::{
    ids::{MemberId, RedemptionId},
    page::Filter,
    parse::{self, parse},
    refusal::{Fault, Violations},
    writer::Key,
};
use proto::{
    rewards_catalog::{self as pb, redemption_service_server::RedemptionService},
    value::Initiator as WireInitiator,
};
use tonic::{Request, Response, Status};

use super::{Redemptions, read, redemption::with_code};
use crate::{
    domain::{Facts, Initiator, obstacles},
    error::{Error, Failure},
    ops::{self, method},
    store,
};

#[tonic::async_trait]
impl RedemptionService for Redemptions {
    async fn quote_redemption(
        &self,
        request: Request<pb::QuoteRedemptionRequest>,
    ) -> Result<Response<pb::QuoteRedemptionResponse>, Status> {
        let (caller, Asked { member_id, reward }) = parse(request)?;
        let (cx, scope) = (&self.0, caller.program());
        let found = cx.rewards_of(scope).await.map_err(Fault::from)?;
        let in_force = found.and_then(|(program, versions)| {
            let now = program.now_for_reading();
            Some((versions.in_force(&reward, now)?.clone(), now))
        });
        let (version, now) = in_force.ok_or_else(|| Failure::from(Error::RewardNotFound { reward: reward.clone() }))?;
        let standing = store::standing::find(&cx.db, scope, member_id, &reward)
            .await
            .map_err(Fault::from)?;
        let standing = standing.ok_or(Failure::from(Error::MemberNotFound { member_id }))?;
        let price = &version.definition.price;
        let ladder = version.definition.eligibility.ladder.as_ref();
        let facts = Facts {
            member_status: standing.status,
            level: ladder
                .and_then(|ladder| standing.levels.get(ladder))
                .map(String::as_str),
            redeemed_count: standing.redeemed_count,
            available_points: Some(cx.peers.available_points(&caller, member_id, &price.wallet).await?),
            stock: store::stock::find(&cx.db, scope, &reward).await.map_err(Fault::from)?,
        };
        let found = obstacles(&version.definition, &facts, now);
        Ok(Response::new(pb::QuoteRedemptionResponse {
            available: found.is_empty(),
            obstacles: found.iter().map(Into::into).collect(),
            price: Some(price.into()),
        }))
    }

    async fn redeem_reward(
        &self,
        request: Request<pb::RedeemRewardRequest>,
    ) -> Result<Response<pb::RedeemRewardResponse>, Status> {
        let (caller, wire, Asked { member_id, reward }) = read(request)?;
        let key = Key::of_member(
            caller.program(),
            member_id,
            method::REDEEM_REWARD,
            &wire.request_id,
            &wire,
        );
        let redemption = ops::redeem_reward(&self.0, &caller, key, reward).await?;
        Ok(Response::new(pb::RedeemRewardResponse {
            redemption: Some(with_code(&redemption, &self.0.code_key)),
        }))
    }

    async fn cancel_redemption(
        &self,
        request: Request<pb::CancelRedemptionRequest>,
    ) -> Result<Response<pb::CancelRedemptionResponse>, Status> {
        let (caller, wire, Cancellation { of, initiator }) = read(request)?;
        let key = Key::of_member(
            caller.program(),
            of.member_id,
            method::CANCEL_REDEMPTION,
            &wire.request_id,
            &wire,
        );
        let redemption = ops::cancel_redemption(&self.0, &caller, key, of.redemption_id, initiator).await?;
        Ok(Response::new(pb::CancelRedemptionResponse {
            redemption: Some((&redemption).into()),
        }))
    }

    async fn get_redemption(
        &self,
        request: Request<pb::GetRedemptionRequest>,
    ) -> Result<Response<pb::GetRedemptionResponse>, Status> {
        let (
            caller,
            Named {
                member_id,
                redemption_id,
            },
        ) = parse(request)?;
        let found = store::redemption::find(&self.0.db, caller.program(), member_id, redemption_id).await;
        let redemption = found
            .map_err(Fault::from)?
            .ok_or(Failure::from(Error::RedemptionNotFound { redemption_id }))?;
        Ok(Response::new(pb::GetRedemptionResponse {
            redemption: Some(with_code(&redemption, &self.0.code_key)),
        }))
    }

    async fn list_redemptions(
        &self,
        request: Request<pb::ListRedemptionsRequest>,
    ) -> Result<Response<pb::ListRedemptionsResponse>, Status> {
        let (
            caller,
            Page {
                member_id,
                page_size,
                page_token,
                filter,
            },
        ) = parse(request)?;
        let (cx, scope) = (&self.0, caller.program());
        let before: Option<i64> = cx.page_tokens.open(scope, filter, &page_token)?;
        if !store::standing::is_known(&cx.db, scope, member_id)
            .await
            .map_err(Fault::from)?
        {
            return Err(Failure::from(Error::MemberNotFound { member_id }).into());
        }
        let mut found = store::redemption::list(&cx.db, scope, member_id, before, page_size + 1)
            .await
            .map_err(Fault::from)?;
        let more = found.len() as i64 > page_size;
        found.truncate(page_size as usize);
        let last = found.last().filter(|_| more);
        Ok(Response::new(pb::ListRedemptionsResponse {
            next_page_token: last.map_or_else(String::new, |last| cx.page_tokens.seal(scope, filter, &last.seq)),
            redemptions: found
                .iter()
                .map(|stored| with_code(&stored.redemption, &cx.code_key))
                .collect(),
        }))
    }
}

/// A member who asks for a reward.
struct Asked {
    member_id: MemberId,
    reward: String,
}

impl Asked {
    fn read(member_id: &str, reward: String) -> Result<Asked, Violations> {
        let mut violations = Violations::default();
        let member_id = parse::id(&mut violations, "member_id", member_id);
        let read = (|| {
            Some(Asked {
                member_id: member_id?,
                reward,
            })
        })();
        violations.finish(read)
    }
}

impl TryFrom<pb::QuoteRedemptionRequest> for Asked {
    type Error = Violations;

    fn try_from(wire: pb::QuoteRedemptionRequest) -> Result<Asked, Violations> {
        Asked::read(&wire.member_id, wire.reward)
    }
}

impl TryFrom<pb::RedeemRewardRequest> for Asked {
    type Error = Violations;

    fn try_from(wire: pb::RedeemRewardRequest) -> Result<Asked, Violations> {
        Asked::read(&wire.member_id, wire.reward)
    }
}

/// A redemption of a member.
struct Named {
    member_id: MemberId,
    redemption_id: RedemptionId,
}

impl Named {
    fn read(violations: &mut Violations, member_id: &str, redemption_id: &str) -> Option<Named> {
        let member_id = parse::id(violations, "member_id", member_id);
        let redemption_id = parse::id(violations, "redemption_id", redemption_id);
        Some(Named {
            member_id: member_id?,
            redemption_id: redemption_id?,
        })
    }
}

impl TryFrom<pb::GetRedemptionRequest> for Named {
    type Error = Violations;

    fn try_from(wire: pb::GetRedemptionRequest) -> Result<Named, Violations> {
        let mut violations = Violations::default();
        let read = Named::read(&mut violations, &wire.member_id, &wire.redemption_id);
        violations.finish(read)
    }
}

struct Cancellation {
    of: Named,
    initiator: Initiator,
}

impl TryFrom<pb::CancelRedemptionRequest> for Cancellation {
    type Error = Violations;

    fn try_from(wire: pb::CancelRedemptionRequest) -> Result<Cancellation, Violations> {
        let mut violations = Violations::default();
        let of = Named::read(&mut violations, &wire.member_id, &wire.redemption_id);
        let initiator = WireInitiator::try_from(wire.initiator).unwrap_or_default();
        let initiator = violations.take("initiator", Initiator::try_from(initiator));
        let read = (|| {
            Some(Cancellation {
                of: of?,
                initiator: initiator?,
            })
        })();
        violations.finish(read)
    }
}

/// A page of a member's redemptions.
struct Page {
    member_id: MemberId,
    page_size: i64,
    page_token: String,
    filter: Filter,
}

impl TryFrom<pb::ListRedemptionsRequest> for Page {
    type Error = Violations;

    fn try_from(wire: pb::ListRedemptionsRequest) -> Result<Page, Violations> {
        let mut violations = Violations::default();
        let filter = Filter::of(&pb::ListRedemptionsRequest {
            page_size: 0,
            page_token: String::new(),
            ..wire.clone()
        });
        let member_id = parse::id(&mut violations, "member_id", &wire.member_id);
        let page_size = parse::page_size(&mut violations, "page_size", wire.page_size);
        let read = (|| {
            Some(Page {
                member_id: member_id?,
                page_size: page_size?,
                page_token: wire.page_token,
                filter,
            })
        })();
        violations.finish(read)
    }
}
