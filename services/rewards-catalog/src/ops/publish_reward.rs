//! Publishing a version of a reward.

use common::{
    time,
    versions::Version,
    writer::{Key, Stamp},
};
use jiff::Timestamp;
use prost::Message as _;
use proto::rewards_catalog as pb;

use super::{
    Command, record,
    state::{State, stock_key},
};
use crate::{
    context::Context,
    domain::{Reward, RewardDefinition, Stock},
    error::{Error, Failure},
};

/// Asks to publish a version of a reward.
pub struct PublishReward {
    pub(super) reward: Reward,
    effective_from: Option<Timestamp>,
}

/// Publishes a version of a reward, unless the newest says the same. A first version starts with no stock.
pub async fn publish_reward(
    cx: &Context,
    key: Key,
    definition: RewardDefinition,
    effective_from: Option<Timestamp>,
) -> Result<pb::PublishRewardResponse, Failure> {
    let reward = Reward::new(definition).map_err(|contradictions| Error::RewardInvalid { contradictions })?;
    let command = PublishReward { reward, effective_from };
    let answer = cx.writer.call(key, Command::PublishReward(command)).await?;
    Ok(answer.decode()?)
}

pub(super) fn decide(state: &mut State, command: &PublishReward, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let reward = &command.reward;
    let (version, changed) = state
        .rewards
        .publish(
            &reward.code,
            (&**reward).into(),
            reward.clone(),
            command.effective_from,
            stamp,
        )
        .map_err(|refused| Error::EffectiveInPast {
            clock_at: refused.clock_at,
        })?;
    let stock = state.stock(&stock_key(&reward.code, stamp));
    let published = reward_version(&version, stock);
    if changed {
        state.stocks.put(stock_key(&reward.code, stamp), stock);
        let event = pb::RewardPublished {
            reward_version: Some(published.clone()),
        };
        record(stamp, pb::rewards_catalog_event::Event::RewardPublished(event));
    }
    Ok(pb::PublishRewardResponse {
        reward_version: Some(published),
        changed,
    }
    .encode_to_vec())
}

/// Returns a version as it travels, with what is left of the reward.
pub fn reward_version(version: &Version<Reward>, stock: Stock) -> pb::RewardVersion {
    pb::RewardVersion {
        reward: Some(version.wire.clone()),
        version: version.version,
        effective_from: Some(time::to_wire(version.effective_from)),
        stock: stock.get(),
    }
}
