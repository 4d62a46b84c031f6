//! The story of each change: what is asked for, what it is decided on, what is recorded and answered.
//!
//! [`Catalog`] tells the shard writer the three steps; each change has a file of its own. A redemption takes several changes
//! with calls of the points service between them: [`redeem_reward()`] tells that story, and [`buy_ticket()`] tells it of tickets.

mod adjust_stock;
mod advance_redemption;
mod advance_ticket;
mod buy_ticket;
mod cancel_redemption;
mod draw_ticket;
mod follow;
mod publish_lottery;
mod publish_reward;
mod redeem_reward;
mod reveal_seed;
mod state;
mod verify_draw;

use std::sync::Arc;

use common::{
    versions::Catalogue,
    writer::{Event, Memory, Stamp, Steps, Work, Writes},
};
use proto::rewards_catalog::{RewardsCatalogEvent, rewards_catalog_event};
use sqlx::PgConnection;

use crate::{SCHEMA, domain::Reward, error::Error};
use adjust_stock::AdjustStock;
use advance_redemption::AdvanceRedemption;
use advance_ticket::AdvanceTicket;
use buy_ticket::BuyTicket;
use cancel_redemption::CancelRedemption;
use draw_ticket::DrawTicket;
use publish_lottery::PublishLottery;
use publish_reward::PublishReward;
use redeem_reward::RedeemReward;
use reveal_seed::RevealSeed;
use state::{RememberedMember, State};

pub use adjust_stock::adjust_stock;
pub use advance_redemption::{bring_to_rest, give_up};
pub use advance_ticket::{bring_ticket_to_rest, give_ticket_up};
pub use buy_ticket::buy_ticket;
pub use cancel_redemption::cancel_redemption;
pub use draw_ticket::{draw_by_itself, draw_ticket};
pub use publish_lottery::{lottery_standing, publish_lottery};
pub use publish_reward::{publish_reward, reward_version};
pub use redeem_reward::redeem_reward;
pub use reveal_seed::reveal_seed;
pub use verify_draw::verify_draw;

/// The numbers by which requests are remembered in the journal. They never change.
pub mod method {
    /// `PublishReward`.
    pub const PUBLISH_REWARD: i16 = 1;
    /// `AdjustStock`.
    pub const ADJUST_STOCK: i16 = 2;
    /// `RedeemReward`.
    pub const REDEEM_REWARD: i16 = 3;
    /// `CancelRedemption`.
    pub const CANCEL_REDEMPTION: i16 = 4;
    /// `PublishLottery`.
    pub const PUBLISH_LOTTERY: i16 = 5;
    /// `BuyTicket`.
    pub const BUY_TICKET: i16 = 6;
    /// `DrawTicket`.
    pub const DRAW_TICKET: i16 = 7;
    /// `RevealSeed`.
    pub const REVEAL_SEED: i16 = 8;
}

/// What can be asked of the catalog.
pub enum Command {
    /// Publish a version of a reward.
    PublishReward(PublishReward),
    /// Change a stock.
    AdjustStock(AdjustStock),
    /// Begin a redemption.
    RedeemReward(RedeemReward),
    /// Begin to cancel a redemption.
    CancelRedemption(CancelRedemption),
    /// Go on with a redemption.
    AdvanceRedemption(AdvanceRedemption),
    /// Publish the rules of a lottery.
    PublishLottery(PublishLottery),
    /// Begin to buy a ticket.
    BuyTicket(BuyTicket),
    /// Go on with the payment of a ticket.
    AdvanceTicket(AdvanceTicket),
    /// Draw a ticket.
    DrawTicket(DrawTicket),
    /// Reveal a seed.
    RevealSeed(RevealSeed),
}

/// How the rewards catalog changes.
pub struct Catalog {
    /// The versions of the rewards.
    pub rewards: Arc<Catalogue<Reward>>,
}

impl Steps for Catalog {
    type Command = Command;
    type State = State;
    type Remembered = RememberedMember;
    type Refusal = Error;

    const SCHEMA: &'static str = SCHEMA;

    async fn load(
        &self,
        tx: &mut PgConnection,
        memory: &mut Memory<RememberedMember>,
        work: &Work<'_, Command>,
    ) -> Result<State, sqlx::Error> {
        State::load(&self.rewards, tx, memory, work).await
    }

    fn decide(&self, state: &mut State, command: &Command, stamp: &mut Stamp<'_>) -> Result<Vec<u8>, Error> {
        match command {
            Command::PublishReward(command) => publish_reward::decide(state, command, stamp),
            Command::AdjustStock(command) => adjust_stock::decide(state, command, stamp),
            Command::RedeemReward(command) => redeem_reward::decide(state, command, stamp),
            Command::CancelRedemption(command) => cancel_redemption::decide(state, command, stamp),
            Command::AdvanceRedemption(command) => advance_redemption::decide(state, command, stamp),
            Command::PublishLottery(command) => publish_lottery::decide(state, command, stamp),
            Command::BuyTicket(command) => buy_ticket::decide(state, command, stamp),
            Command::AdvanceTicket(command) => advance_ticket::decide(state, command, stamp),
            Command::DrawTicket(command) => draw_ticket::decide(state, command, stamp),
            Command::RevealSeed(command) => reveal_seed::decide(state, command, stamp),
        }
    }

    fn take_in(&self, state: &mut State, event: &Event, stamp: &mut Stamp<'_>) {
        follow::take_in(state, event, stamp);
    }

    fn persist(&self, state: &mut State, writes: &mut Writes) {
        state.persist(&self.rewards, writes);
    }

    fn remember(&self, state: &mut State, memory: &mut Memory<RememberedMember>) {
        state.remember(memory);
    }

    /// Nothing mirrors what the catalog keeps.
    async fn committed(&self, _: State) {}
}

/// Records an event of the member, or of the whole program, that a decision is about.
fn record(stamp: &mut Stamp<'_>, event: rewards_catalog_event::Event) {
    stamp.record(
        stamp.member_id(),
        stamp.now(),
        &RewardsCatalogEvent { event: Some(event) },
    );
}
