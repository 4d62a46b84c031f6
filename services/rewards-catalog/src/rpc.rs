//! The wire: each handler reads what is asked, has it done, and answers.

mod lottery;
mod lottery_service;
mod redemption;
mod redemption_service;
mod reward;
mod reward_service;
mod status;
mod ticket;

use common::{auth::Caller, parse::parse, refusal::Violations};
use prost::{Message, Name};
use proto::Validate;
use tonic::{Request, Status};

use crate::context::Context;

/// `loyalty.rewards_catalog.v1.RewardService`.
pub struct Rewards(pub Context);

/// `loyalty.rewards_catalog.v1.RedemptionService`.
pub struct Redemptions(pub Context);

/// `loyalty.rewards_catalog.v1.LotteryService`.
pub struct Lotteries(pub Context);

/// Reads a request that is to be remembered: who calls, what was said, and what it means.
fn read<Wire, Command>(request: Request<Wire>) -> Result<(Caller, Wire, Command), Status>
where
    Wire: Message + Name + Validate + Clone,
    Command: TryFrom<Wire, Error = Violations>,
{
    let wire = request.get_ref().clone();
    let (caller, command) = parse(request)?;
    Ok((caller, wire, command))
}
