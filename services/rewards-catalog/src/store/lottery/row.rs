//! A row of `rewards.lottery`.

use jiff_sqlx::Timestamp;
use prost::Message as _;
use proto::rewards_catalog as pb;
use uuid::Uuid;

use super::{LotteryKey, StoredLottery, nonsense};
use crate::domain::{Lottery, LotteryDefinition};

/// A row as it is read.
pub(super) struct Row {
    pub(super) program_id: Uuid,
    pub(super) lottery: String,
    pub(super) lottery_id: Uuid,
    pub(super) revision: i32,
    pub(super) definition: Vec<u8>,
    pub(super) commitment: Vec<u8>,
    pub(super) tickets_sold: i64,
    pub(super) tickets_drawn: i64,
    pub(super) prizes_left: Vec<i64>,
    pub(super) revealed_at: Option<Timestamp>,
    pub(super) writes: i64,
}

impl Row {
    pub(super) fn key(&self) -> LotteryKey {
        LotteryKey {
            program_id: self.program_id.into(),
            lottery: self.lottery.clone(),
        }
    }

    pub(super) fn read(self) -> Result<StoredLottery, sqlx::Error> {
        let wire = pb::Lottery::decode(&*self.definition).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let definition = LotteryDefinition::try_from(wire.clone()).ok();
        let lottery = definition
            .and_then(Lottery::from_stored)
            .filter(|lottery| lottery.prizes.len() == self.prizes_left.len())
            .ok_or_else(|| nonsense("lottery"))?;
        Ok(StoredLottery {
            lottery_id: self.lottery_id.into(),
            revision: self.revision,
            lottery,
            wire,
            commitment: self.commitment,
            tickets_sold: self.tickets_sold,
            tickets_drawn: self.tickets_drawn,
            prizes_left: self.prizes_left,
            revealed_at: self.revealed_at.map(Timestamp::to_jiff),
            writes: self.writes,
        })
    }
}
