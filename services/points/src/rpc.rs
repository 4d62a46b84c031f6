//! The contracts, as spoken: parse, do, answer.
//!
//! Everything that can be wrong with a request by itself is found here; everything it takes state to know is decided in `ops`.

mod accounts_of;
mod adjustments;
mod balance_at;
mod batch_get_balances;
mod books_of;
mod change;
mod check_ledger;
mod core;
mod evidence;
mod evidence_wire;
mod export_entries;
mod export_lots;
mod exports;
mod fields;
mod funded_points;
mod get_balance;
mod get_liability;
mod liability;
mod lots;
mod points;
mod pool_points;
mod post_bulk;
mod reads;
mod rebuild_mirror;
mod requests;
mod roll_forward;
mod scheduled_changes;
mod statements;
mod status;
mod stored_value;
mod stored_value_requests;
mod transfer_points;
mod wallets;
mod watch_account;

use tonic::{Response, Status};

pub use self::core::Core;
pub use adjustments::Adjustments;
pub use evidence::Evidence;
pub use exports::Exports;
pub use liability::Liabilities;
pub use points::Points;
pub use statements::Statements;
pub use stored_value::StoredValues;
pub use wallets::Wallets;

/// What an RPC answers.
type Reply<T> = Result<Response<T>, Status>;
