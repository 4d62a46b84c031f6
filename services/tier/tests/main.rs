//! The tier service over real gRPC, Postgres and Redis: one module for each RPC, and one for what comes in by itself.

mod bringing_up;
mod count_members;
mod evaluate_tier;
mod get_member_tier;
mod list_ladders;
mod list_tier_changes;
mod publish_ladder;
mod status;
