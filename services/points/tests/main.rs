//! What the points service does, over real gRPC against a real Postgres and Redis: a file for each RPC, with the way in and each way it refuses.

mod support;

mod activate_points;
mod adjusted;
mod adjusting;
mod adjustments;
mod balance_at;
mod batch_get_balances;
mod caps;
mod capture_hold;
mod check_ledger;
mod earn_points;
mod expiry;
mod explain_entry;
mod extend_hold;
mod extend_points;
mod get_balance;
mod get_entry;
mod hold_points;
mod list_entries;
mod list_lots;
mod list_scheduled_changes;
mod list_wallets;
mod mirror;
mod post_batch;
mod post_bulk;
mod publish_wallet;
mod reconcile_requests;
mod release_hold;
mod restore_spend;
mod reverse_entry;
mod settle;
mod spend_points;
mod transfer_points;
mod watch_account;
mod write_off_debt;
