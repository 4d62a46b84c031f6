//! The tier service over real gRPC, Postgres and Redis: one module for each RPC, and one each for what comes in by itself and for levels that are given.

mod bringing_up;
mod count_members;
mod evaluate_tier;
mod get_member_tier;
mod level_grants;
mod list_ladders;
mod list_tier_changes;
mod publish_ladder;
mod status;
