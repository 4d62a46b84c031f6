//! What the rewards catalog decides: who may have a reward, what a redemption does next, and what a ticket draws.
//!
//! Everything here is pure: no clock, no storage, no network, no randomness. What is known comes in as values, what is to
//! be stored or asked of the points service goes out as values, and whoever calls does the rest.

mod draw;
mod eligibility;
mod fulfilment_code;
mod lottery;
mod redemption;
mod reward;
mod saga;
mod stock;
mod ticket;

pub use draw::{Drawn, Number, Seed, draw};
pub use eligibility::{Facts, MemberStatus, Obstacle, obstacles};
pub use fulfilment_code::{CodeKey, FulfilmentCode};
pub use lottery::{Lottery, LotteryContradiction, LotteryDefinition, OddsMode, Prize};
pub use redemption::{
    Cancellation, Initiator, NotCancellable, Redemption, Rejection, Spending, State, cancel, give, redeem, stock_delta,
};
pub use reward::{Contradiction, Eligibility, Price, Reward, RewardDefinition};
pub use saga::{Bug, News, PATIENCE_SECONDS, Paid, Step, advance, give_up, next_step};
pub use stock::{Stock, StockBelowZero};
pub use ticket::{Draw, Source, Ticket, TicketFacts, buy};

#[cfg(test)]
mod tests;
