//! The contracts, as spoken: parse, do, answer.
//!
//! Everything that can be wrong with a request by itself is found here; everything it takes state to know is decided in `ops`.

mod activities;
mod activity_requests;
mod boards;
mod budget_requests;
mod budgets;
mod draft_requests;
mod drafts;
mod messages;
mod read_activities;
mod referral_requests;
mod referrals;
mod results;
mod rule_requests;
mod rules;
mod status;
mod watch_results;

use tonic::{Response, Status};

pub use activities::Activities;
pub use boards::Boards;
pub use budgets::Budgets;
pub use drafts::Drafts;
pub use messages::Messages;
pub use referrals::Referrals;
pub use results::Results;
pub use rules::Rules;

/// What an RPC answers.
type Reply<T> = Result<Response<T>, Status>;
