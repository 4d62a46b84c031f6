//! The campaign service over real gRPC, Postgres and Redis, in the whole suite: one module for each RPC, the way in and each way it refuses.

mod awards;
mod budgets;
mod conditions;
mod custom_activity;
mod explain_activity;
mod explain_campaign;
mod get_activity;
mod histories;
mod levels;
mod limits;
mod list_activities;
mod list_rules;
mod preview_activity;
mod publish_accrual;
mod publish_campaign;
mod publish_group;
mod quotes;
mod record_activity;
mod reports;
mod reserves;
mod results;
mod returns;
mod streaks;
mod support;
mod terms;
mod verify_decision;
