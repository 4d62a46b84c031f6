//! What the rewards catalog decides: who may have a reward, and what a redemption does next.
//!
//! Everything here is pure: no clock, no storage, no network, no randomness. What is known comes in as values, what is to
//! be stored or asked of the points service goes out as values, and whoever calls does the rest.

mod eligibility;
mod fulfilment_code;
mod redemption;
mod reward;
mod saga;
mod stock;

pub use eligibility::{Facts, MemberStatus, Obstacle, obstacles};
pub use fulfilment_code::{CodeKey, FulfilmentCode};
pub use redemption::{
    Cancellation, Initiator, NotCancellable, Redemption, Rejection, Spending, State, cancel, redeem, stock_delta,
};
pub use reward::{Contradiction, Eligibility, Price, Reward, RewardDefinition};
pub use saga::{Bug, News, PATIENCE_SECONDS, Step, advance, give_up, next_step};
pub use stock::{Stock, StockBelowZero};

#[cfg(test)]
mod tests;
