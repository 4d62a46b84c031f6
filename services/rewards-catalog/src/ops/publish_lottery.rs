//! Publishing the rules of a lottery.

use std::collections::BTreeMap;

use common::{
    ids::LotteryId,
    time,
    writer::{Key, Stamp},
};
use jiff::Timestamp;
use prost::Message as _;
use proto::rewards_catalog::{self as pb, LotteryState};
use sha2::{Digest as _, Sha256};

use super::{
    Command, record,
    state::{State, lottery_key, stock_key},
};
use crate::{
    context::Context,
    domain::{Lottery, LotteryDefinition, Seed},
    error::{Error, Failure},
    store::lottery::StoredLottery,
};

/// Asks to publish the rules of a lottery.
pub struct PublishLottery {
    pub(super) lottery: LotteryDefinition,
    /// What draws are computed from if the lottery is new.
    seed: Seed,
}

/// Publishes the rules of a lottery, unless they are what stands; takes the prizes out of the stocks of their rewards.
pub async fn publish_lottery(
    cx: &Context,
    key: Key,
    lottery: LotteryDefinition,
) -> Result<pb::PublishLotteryResponse, Failure> {
    let mut secret = [0; 32];
    rand::fill(&mut secret);
    let command = PublishLottery {
        lottery,
        seed: Seed::new(secret),
    };
    let answer = cx.writer.call(key, Command::PublishLottery(command)).await?;
    Ok(answer.decode()?)
}

pub(super) fn decide(state: &mut State, command: &PublishLottery, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let currency = stamp.program().map_or("", |program| &program.currency_code);
    let lottery = Lottery::new(command.lottery.clone(), currency)
        .map_err(|contradictions| Error::LotteryInvalid { contradictions })?;
    let (key, wire) = (lottery_key(&lottery.code, stamp), pb::Lottery::from(&*lottery));
    let standing = state.lotteries.standing(&key).cloned();
    let changed = standing.as_ref().is_none_or(|standing| standing.wire != wire);
    let published = match standing {
        Some(standing) if !changed => standing,
        standing => publish(state, command, standing, (lottery, wire), stamp)?,
    };
    let answer = pb::PublishLotteryResponse {
        standing: Some(lottery_standing(&published, None, stamp.now())),
        changed,
    };
    if changed {
        state.lotteries.put(key, published);
        let event = pb::LotteryPublished {
            standing: answer.standing.clone(),
        };
        record(stamp, pb::rewards_catalog_event::Event::LotteryPublished(event));
    }
    Ok(answer.encode_to_vec())
}

fn publish(
    state: &mut State,
    command: &PublishLottery,
    standing: Option<StoredLottery>,
    (lottery, wire): (Lottery, pb::Lottery),
    stamp: &Stamp<'_>,
) -> Result<StoredLottery, Error> {
    let now = time::to_micros(stamp.now());
    if let Some(standing) = &standing
        && (standing.lottery.opens_at <= now || standing.tickets_sold > 0)
    {
        return Err(Error::LotteryFrozen {
            lottery: lottery.code.clone(),
            opens_at: standing.lottery.opens_at,
        });
    }
    if lottery.opens_at < now {
        return Err(Error::OpensInPast { clock_at: now });
    }
    let before = standing
        .as_ref()
        .map(|standing| standing.lottery.rewards(&standing.prizes_left));
    set_aside(
        state,
        before.unwrap_or_default(),
        lottery.rewards(&lottery.quantities()),
        stamp,
    )?;
    let key = lottery_key(&lottery.code, stamp);
    let prizes_left = lottery.quantities();
    Ok(match standing {
        Some(standing) => StoredLottery {
            revision: standing.revision + 1,
            lottery,
            wire,
            prizes_left,
            ..standing
        },
        None => {
            state.lotteries.put_seed(key, command.seed.clone());
            StoredLottery {
                lottery_id: LotteryId::from(stamp.id_of_next(0)),
                revision: 1,
                lottery,
                wire,
                commitment: command.seed.commitment().to_vec(),
                tickets_sold: 0,
                tickets_drawn: 0,
                prizes_left,
                revealed_at: None,
                writes: 0,
            }
        }
    })
}

/// Takes out of the stocks what is newly set aside, and puts back what no longer is.
fn set_aside(
    state: &mut State,
    before: Vec<(String, i64)>,
    after: Vec<(String, i64)>,
    stamp: &Stamp<'_>,
) -> Result<(), Error> {
    let mut deltas: BTreeMap<String, i64> = BTreeMap::new();
    for (reward, back) in before {
        *deltas.entry(reward).or_default() += back;
    }
    for (reward, taken) in after {
        *deltas.entry(reward).or_default() -= taken;
    }
    let mut stocks = Vec::with_capacity(deltas.len());
    for (reward, delta) in deltas {
        let known = state
            .versions(stamp)
            .is_some_and(|versions| versions.latest(&reward).is_some());
        if !known {
            return Err(Error::RewardNotFound { reward });
        }
        let key = stock_key(&reward, stamp);
        let stock = state
            .stock(&key)
            .adjust(delta)
            .map_err(|short| Error::PrizesNotInStock {
                reward,
                stock: short.stock,
                missing: -delta - short.stock,
            })?;
        stocks.push((key, stock));
    }
    for (key, stock) in stocks {
        state.stocks.put(key, stock);
    }
    Ok(())
}

/// Returns a lottery as it travels; its seed only if it is revealed.
pub fn lottery_standing(stored: &StoredLottery, seed: Option<&Seed>, now: Timestamp) -> pb::LotteryStanding {
    let lottery = &stored.lottery;
    let state = match stored.revealed_at {
        Some(_) => LotteryState::Revealed,
        None if lottery.closes_at <= now => LotteryState::Closed,
        None if lottery.opens_at <= now => LotteryState::Open,
        None => LotteryState::Published,
    };
    let revealed = seed.filter(|_| stored.revealed_at.is_some());
    pb::LotteryStanding {
        lottery: Some(stored.wire.clone()),
        lottery_id: stored.lottery_id.to_string(),
        revision: stored.revision,
        rules_hash: Sha256::digest(stored.wire.encode_to_vec()).to_vec(),
        commitment: stored.commitment.clone(),
        state: state.into(),
        tickets_sold: stored.tickets_sold,
        tickets_drawn: stored.tickets_drawn,
        left: stored.prizes_left.clone(),
        seed: revealed.map(|seed| seed.reveal().to_vec()).unwrap_or_default(),
        revealed_at: stored.revealed_at.map(time::to_wire),
    }
}
