//! `rewards.config`: the versions of rewards. How they are read and written is the same in every service; here is what they are.

use common::versions::Definition;
use proto::rewards_catalog as pb;

use crate::domain::{Reward, RewardDefinition};

impl Definition for Reward {
    type Wire = pb::Reward;

    const KIND: &'static str = "reward";

    fn from_stored(wire: pb::Reward) -> Option<Reward> {
        Reward::new(RewardDefinition::try_from(wire).ok()?).ok()
    }
}
