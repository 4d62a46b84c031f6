//! Revealing the seed of a lottery.

use common::{
    time,
    writer::{Key, Stamp},
};
use prost::Message as _;
use proto::rewards_catalog as pb;

use super::{
    Command,
    publish_lottery::lottery_standing,
    record,
    state::{State, lottery_key, stock_key},
};
use crate::{
    context::Context,
    error::{Error, Failure},
    store::lottery::StoredLottery,
};

/// Asks to reveal a seed.
pub struct RevealSeed {
    pub(super) lottery: String,
}

/// Reveals the seed of a lottery that has closed and is drawn to its end, and gives what nobody won back to the stocks.
pub async fn reveal_seed(cx: &Context, key: Key, lottery: String) -> Result<pb::RevealSeedResponse, Failure> {
    let answer = cx.writer.call(key, Command::RevealSeed(RevealSeed { lottery })).await?;
    Ok(answer.decode()?)
}

pub(super) fn decide(state: &mut State, command: &RevealSeed, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
    let key = lottery_key(&command.lottery, stamp);
    let standing = state.lotteries.standing(&key).cloned();
    let standing = standing.ok_or_else(|| Error::LotteryNotFound {
        lottery: command.lottery.clone(),
    })?;
    let is_new = standing.revealed_at.is_none();
    let revealed = if is_new {
        reveal(state, standing, stamp)?
    } else {
        standing
    };
    let seed = state.lotteries.seed(&key).expect("a lottery has a seed");
    let answer = pb::RevealSeedResponse {
        standing: Some(lottery_standing(&revealed, Some(seed), stamp.now())),
    };
    if is_new {
        state.lotteries.put(key, revealed);
        let event = pb::SeedRevealed {
            standing: answer.standing.clone(),
        };
        record(stamp, pb::rewards_catalog_event::Event::SeedRevealed(event));
    }
    Ok(answer.encode_to_vec())
}

fn reveal(state: &mut State, standing: StoredLottery, stamp: &Stamp<'_>) -> Result<StoredLottery, Error> {
    let (lottery, now) = (standing.lottery.code.clone(), time::to_micros(stamp.now()));
    if now < standing.lottery.closes_at {
        return Err(Error::LotteryNotClosed {
            lottery,
            closes_at: standing.lottery.closes_at,
        });
    }
    let tickets = standing.tickets_sold - standing.tickets_drawn;
    if tickets > 0 {
        return Err(Error::TicketsNotDrawn { lottery, tickets });
    }
    for (reward, left) in standing.lottery.rewards(&standing.prizes_left) {
        let key = stock_key(&reward, stamp);
        let stock = state.stock(&key).adjust(left)?;
        state.stocks.put(key, stock);
    }
    Ok(StoredLottery {
        prizes_left: vec![0; standing.prizes_left.len()],
        revealed_at: Some(now),
        ..standing
    })
}
