//! What the points service does, over real gRPC against a real Postgres and Redis: a file for each RPC, with the way in and each way it refuses.

mod support;

mod capture_hold;
mod earn_points;
mod explain_entry;
mod get_balance;
mod get_entry;
mod hold_points;
mod list_entries;
mod list_lots;
mod list_wallets;
mod mirror;
mod post_batch;
mod publish_wallet;
mod reconcile_requests;
mod release_hold;
mod restore_spend;
mod reverse_entry;
mod settle;
mod spend_points;
