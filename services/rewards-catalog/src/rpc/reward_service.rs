//! `loyalty.rewards_catalog.v1.RewardService`.

use common::{
    page::Filter,
    parse::{self, parse},
    refusal::{Fault, Violations},
    writer::Key,
};
use jiff::Timestamp;
use proto::rewards_catalog::{self as pb, reward_service_server::RewardService};
use tonic::{Request, Response, Status};

use super::{Rewards, read, reward::optional_time};
use crate::{
    domain::{Reward, RewardDefinition, Stock},
    error::{Error, Failure},
    ops::{self, method},
    store,
};

#[tonic::async_trait]
impl RewardService for Rewards {
    async fn publish_reward(
        &self,
        request: Request<pb::PublishRewardRequest>,
    ) -> Result<Response<pb::PublishRewardResponse>, Status> {
        let (caller, wire, asked): (_, _, Publication) = read(request)?;
        let key = Key::of_program(caller.program(), method::PUBLISH_REWARD, &wire.request_id, &wire);
        Ok(Response::new(
            ops::publish_reward(&self.0, key, asked.definition, asked.effective_from).await?,
        ))
    }

    async fn adjust_stock(
        &self,
        request: Request<pb::AdjustStockRequest>,
    ) -> Result<Response<pb::AdjustStockResponse>, Status> {
        let (caller, wire, Adjustment { reward, delta }) = read(request)?;
        let key = Key::of_program(caller.program(), method::ADJUST_STOCK, &wire.request_id, &wire);
        Ok(Response::new(ops::adjust_stock(&self.0, key, reward, delta).await?))
    }

    async fn list_rewards(
        &self,
        request: Request<pb::ListRewardsRequest>,
    ) -> Result<Response<pb::ListRewardsResponse>, Status> {
        let (caller, asked): (_, Search) = parse(request)?;
        let after: Option<String> = self
            .0
            .page_tokens
            .open(caller.program(), asked.filter, &asked.page_token)?;
        let Some((_, versions)) = self.0.rewards_of(caller.program()).await.map_err(Fault::from)? else {
            return Ok(Response::new(pb::ListRewardsResponse::default()));
        };
        let stocks = store::stock::list(&self.0.db, caller.program())
            .await
            .map_err(Fault::from)?;
        let stock_of = |code: &str| stocks.get(code).copied().unwrap_or_default();
        let mut found = versions
            .all_latest()
            .filter(|(code, _)| after.as_deref().is_none_or(|after| *code > after))
            .filter(|(code, version)| asked.fits(&version.definition, stock_of(code)));
        let page: Vec<_> = found.by_ref().take(asked.page_size).collect();
        let last = page
            .last()
            .map(|(code, _)| (*code).to_owned())
            .filter(|_| found.next().is_some());
        Ok(Response::new(pb::ListRewardsResponse {
            reward_versions: page
                .iter()
                .map(|(code, version)| ops::reward_version(version, stock_of(code)))
                .collect(),
            next_page_token: last.map_or_else(String::new, |code| {
                self.0.page_tokens.seal(caller.program(), asked.filter, &code)
            }),
        }))
    }

    async fn get_reward(
        &self,
        request: Request<pb::GetRewardRequest>,
    ) -> Result<Response<pb::GetRewardResponse>, Status> {
        let (caller, Code(reward)) = parse(request)?;
        let versions = self.0.rewards_of(caller.program()).await.map_err(Fault::from)?;
        let latest = versions.and_then(|(_, versions)| versions.latest(&reward).cloned());
        let version = latest.ok_or_else(|| Failure::from(Error::RewardNotFound { reward: reward.clone() }))?;
        let stock = store::stock::find(&self.0.db, caller.program(), &reward)
            .await
            .map_err(Fault::from)?;
        Ok(Response::new(pb::GetRewardResponse {
            reward_version: Some(ops::reward_version(&version, stock)),
        }))
    }
}

struct Publication {
    definition: RewardDefinition,
    effective_from: Option<Timestamp>,
}

impl TryFrom<pb::PublishRewardRequest> for Publication {
    type Error = Violations;

    fn try_from(wire: pb::PublishRewardRequest) -> Result<Publication, Violations> {
        let mut violations = Violations::default();
        let definition = violations.within("reward", RewardDefinition::try_from(wire.reward.unwrap_or_default()));
        let effective_from = optional_time(&mut violations, "effective_from", wire.effective_from);
        let read = (|| {
            Some(Publication {
                definition: definition?,
                effective_from: effective_from?,
            })
        })();
        violations.finish(read)
    }
}

struct Adjustment {
    reward: String,
    delta: i64,
}

impl TryFrom<pb::AdjustStockRequest> for Adjustment {
    type Error = Violations;

    fn try_from(wire: pb::AdjustStockRequest) -> Result<Adjustment, Violations> {
        Ok(Adjustment {
            reward: wire.reward,
            delta: wire.delta,
        })
    }
}

struct Code(String);

impl TryFrom<pb::GetRewardRequest> for Code {
    type Error = Violations;

    fn try_from(wire: pb::GetRewardRequest) -> Result<Code, Violations> {
        Ok(Code(wire.reward))
    }
}

/// What a list of rewards is narrowed to, and which page of it is asked for.
struct Search {
    text: String,
    category: String,
    max_points: i64,
    available_only: bool,
    page_size: usize,
    page_token: String,
    filter: Filter,
}

impl Search {
    fn fits(&self, reward: &Reward, stock: Stock) -> bool {
        let says = |text: &str| text.to_lowercase().contains(&self.text);
        (self.text.is_empty() || says(&reward.display_name) || says(&reward.description))
            && (self.category.is_empty() || reward.category == self.category)
            && (self.max_points == 0 || reward.price.points.get() <= self.max_points)
            && (!self.available_only || (!reward.paused && stock > Stock::NONE))
    }
}

impl TryFrom<pb::ListRewardsRequest> for Search {
    type Error = Violations;

    fn try_from(wire: pb::ListRewardsRequest) -> Result<Search, Violations> {
        let mut violations = Violations::default();
        let filter = Filter::of(&pb::ListRewardsRequest {
            page_size: 0,
            page_token: String::new(),
            ..wire.clone()
        });
        let page_size = parse::page_size(&mut violations, "page_size", wire.page_size);
        let read = (|| {
            Some(Search {
                text: wire.search.to_lowercase(),
                category: wire.category,
                max_points: wire.max_points,
                available_only: wire.available_only,
                page_size: usize::try_from(page_size?).ok()?,
                page_token: wire.page_token,
                filter,
            })
        })();
        violations.finish(read)
    }
}
