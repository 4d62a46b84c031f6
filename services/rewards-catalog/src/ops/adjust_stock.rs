//! Changing a stock by hand.

use common::writer::{Key, Stamp};
use prost::Message as _;
use proto::rewards_catalog as pb;

use super::{
    Command, record,
    state::{State, stock_key},
};
use crate::{
    context::Context,
    error::{Error, Failure},
};

/// Asks to change a stock.
pub struct AdjustStock {
    pub(super) reward: String,
    delta: i64,
}

/// Adds to the stock of a reward, or takes from it, never below zero.
pub async fn adjust_stock(
    cx: &Context,
    key: Key,
    reward: String,
    delta: i64,
) -> Result<pb::AdjustStockResponse, Failure> {
    let answer = cx
        .writer
        .call(key, Command::AdjustStock(AdjustStock { reward, delta }))
        .await?;
    Ok(answer.decode()?)
}

pub(super) fn decide(state: &mut State, command: &AdjustStock, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let (reward, delta) = (&command.reward, command.delta);
    let known = state
        .versions(stamp)
        .is_some_and(|versions| versions.latest(reward).is_some());
    if !known {
        return Err(Error::RewardNotFound { reward: reward.clone() });
    }
    let key = stock_key(reward, stamp);
    let stock = state.stock(&key).adjust(delta)?;
    state.stocks.put(key, stock);
    let adjusted = pb::StockAdjusted {
        reward: reward.clone(),
        delta,
        stock: stock.get(),
    };
    record(stamp, pb::rewards_catalog_event::Event::StockAdjusted(adjusted));
    Ok(pb::AdjustStockResponse { stock: stock.get() }.encode_to_vec())
}
