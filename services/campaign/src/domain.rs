//! Decides what activities earn.
//!
//! Everything hangs on one function, [`evaluate`]: it tells what an order earns by what of it is kept, under rules and facts that were
//! pinned when the order was recorded. A purchase earns what it says for the whole order. A return takes back the difference between what
//! it says before and after, so that any returns in any order end where one order of only the kept goods would have ended.
//!
//! Absent on purpose: protobuf, SQL, clocks and anything asynchronous. The same input gives the same decision for ever; when that has to
//! change, [`ENGINE_VERSION`] does too.

mod accrual;
mod activity;
mod campaign;
mod contradiction;
mod custom;
mod decision;
mod evaluate;
mod explain;
mod factor;
mod facts;
mod kept;
mod ladder;
mod member;
mod order;
mod purchase;
mod rules;
mod schedule;
#[cfg(test)]
mod tests;

pub use accrual::{Accrual, Composition, DiscountBase, EarnBase, EarnRate, EarnStep};
pub use activity::{Activity, Custom, Occasion, Return, ReturnedLine};
pub use campaign::{Audience, Campaign, Effect, NotFired, Trigger};
pub use contradiction::Contradiction;
pub use custom::decide_custom;
pub use decision::{AccrualDecision, Award, CampaignDecision, DecideError, Decision, MetricDeltas, ReturnedOrder};
pub use evaluate::evaluate;
pub use explain::explain;
pub use facts::{Facts, LevelFact};
pub use kept::{Kept, KeptLine};
pub use ladder::{LadderVersion, Ladders};
pub use member::{Member, MemberLevel, MemberStatus};
pub use order::{Order, decide_purchase, decide_return};
pub use purchase::{LineMoney, Purchase, PurchaseLine};
pub use rules::{Rules, Version};
pub use schedule::Schedule;

/// The version of this function, written into every receipt. It changes whenever the same input would be decided otherwise.
pub const ENGINE_VERSION: i32 = 1;
